#include "app/console.hpp"

#include "console/pages.hpp"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace meshscope::app {

std::string find_console(const config::Config& config, const std::string& program) {
    namespace fs = std::filesystem;
    if (!config.meshscope.console_root.empty()) {
        return config.meshscope.console_root;
    }
    fs::path at = fs::path(program).parent_path();
    for (int above = 0; above < 3 && !at.empty(); ++above) {
        for (const char* below : {"console", "share/meshscope/console"}) {
            std::error_code failed;
            if (fs::is_regular_file(at / below / "index.html", failed)) {
                return (at / below).string();
            }
        }
        if (at == at.parent_path()) {
            break;
        }
        at = at.parent_path();
    }
    return "";
}

std::optional<Error> add_console(
    server::Router& router, const config::Config& config, telemetry::Logger& logger
) {
    std::error_code failed;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
    const std::string folder = find_console(config, failed ? std::string() : program.string());
    if (folder.empty()) {
        logger.info("no console is built: only the API is served", {});
        return std::nullopt;
    }
    console::PageOptions options;
    options.web_root = config.server.web_root;
    options.packed = config.server.gzip_enabled;
    auto files = console::read_folder(folder, console::pages_base(options.web_root));
    if (!files) {
        return Error(
                   ErrorKind::kInvalidArgument,
                   "the console cannot be served: " + std::string(files.error().message())
        )
            .with_hint(Hint{"meshscope.console_root", "name the folder that ./dev build makes"});
    }
    console::add_pages(router, std::make_shared<const console::Files>(std::move(*files)), options);
    return std::nullopt;
}

}  // namespace meshscope::app
