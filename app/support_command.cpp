#include "app/support_command.hpp"

#include "app/support_bundle.hpp"
#include "app/support_port.hpp"
#include "core/clock.hpp"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace meshscope::app {

namespace {

constexpr std::chrono::seconds kPatience{20};

Error cannot_write(const std::string& file) {
    return {
        ErrorKind::kUnavailable,
        "cannot write " + file + ": " + std::generic_category().message(errno)
    };
}

bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

Result<> write_to(const std::string& file, std::string_view bytes) {
    if (file == "-") {
        return write_all(STDOUT_FILENO, bytes) ? Result<>() : cannot_write("to standard output");
    }
    const int descriptor =
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) {
        return cannot_write(file);
    }
    const bool whole = write_all(descriptor, bytes);
    Result<> done = whole ? Result<>() : cannot_write(file);
    ::close(descriptor);
    return done;
}

}  // namespace

Result<std::string> write_support_bundle(const config::Loaded& loaded, const std::string& file) {
    std::vector<BundleFile> files = files_of_configuration(loaded);
    const auto port = static_cast<std::uint16_t>(loaded.config.server.port);
    const Result<std::string> running = ask_support_port(port, kPatience);
    if (!running) {
        files.push_back({"no-server.txt", std::string(running.error().message()) + "\n"});
    }
    std::string bytes = tar_entries(files, Scrubber(loaded), SystemClock().now());
    bytes += running ? *running : std::string();
    bytes += tar_end();
    if (const Result<> written = write_to(file, bytes); !written) {
        return written.error();
    }
    return running ? std::string() : std::string(running.error().message());
}

}  // namespace meshscope::app
