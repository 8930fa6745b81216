#include "config/load.hpp"

#include "config/decode.hpp"
#include "config/findings.hpp"
#include "config/validate.hpp"
#include "config/yaml_tree.hpp"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace meshscope::config {

namespace {

constexpr std::size_t kLargestFile = 4 * 1024 * 1024;

Error failure(const LoadOptions& options, const std::string& text) {
    return {ErrorKind::kInvalidArgument, options.file_name + ": " + text};
}

Error failure(const LoadOptions& options, const Findings& findings) {
    const std::vector<std::string> errors = findings.errors();
    std::string text = errors.size() == 1 ? "1 error" : std::to_string(errors.size()) + " errors";
    for (const std::string& line : errors) {
        text += "\n  " + line;
    }
    for (const std::string& line : findings.warnings()) {
        text += "\n  warning: " + line;
    }
    return failure(options, text);
}

}  // namespace

Result<Loaded> load_text(std::string_view text, const LoadOptions& options) {
    if (text.size() > kLargestFile) {
        return failure(options, "larger than 4 MiB; this is not a configuration");
    }
    const Result<YamlPtr> document = parse_yaml(text);
    if (document.has_error()) {
        return failure(options, document.error().message());
    }
    const YamlNode& root = **document;
    Loaded loaded;
    Findings findings;
    if (root.kind == YamlNode::Kind::kMap) {
        decode(root, loaded.config, findings);
    } else if (root.kind != YamlNode::Kind::kNull) {
        return failure(
            options,
            "line " + std::to_string(root.line) + ": expected keys such as `server:`, found " +
                (root.kind == YamlNode::Kind::kList ? "a list" : "a single value")
        );
    }
    resolve_secrets(loaded.config, options.mount_root, findings);
    validate(loaded.config, findings);
    if (findings.failed()) {
        return failure(options, findings);
    }
    loaded.paths = mount_paths(loaded.config, options.mount_root);
    loaded.warnings = findings.warnings();
    loaded.deprecations = findings.deprecations();
    return loaded;
}

Result<Loaded> load_file(const std::string& path, LoadOptions options) {
    options.file_name = path;
    std::error_code problem;
    const std::filesystem::file_status status = std::filesystem::status(path, problem);
    if (!std::filesystem::exists(status)) {
        return failure(options, "there is no such file");
    }
    if (std::filesystem::is_directory(status)) {
        return failure(options, "this is a directory; name the file in it");
    }
    std::ifstream file(path, std::ios::binary);
    if (!file.is_open()) {
        return failure(options, "cannot be read; check its rights");
    }
    std::string text(kLargestFile + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return load_text(text, options);
}

std::optional<Error> refuse_to_start(const Loaded& loaded) {
    const std::string& strategy = loaded.config.auth.strategy;
    if (strategy != "openid" && strategy != "openshift") {
        return std::nullopt;
    }
    return Error(
               ErrorKind::kUnavailable,
               "auth.strategy is " + strategy +
                   ", and this version has no such login: set it to token or header, or to "
                   "anonymous and keep the server behind something that checks who enters"
    )
        .with_hint(
            {"auth.strategy",
             "Set it to token or header; or to anonymous, and check who enters before the server."}
        );
}

}  // namespace meshscope::config
