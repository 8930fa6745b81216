#pragma once

#include "config/config.hpp"
#include "config/secrets.hpp"
#include "core/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::config {

struct LoadOptions {
    std::string mount_root;                 // put before every fixed mount path; "" for "/"
    std::string file_name = "config.yaml";  // how messages name the file
};

struct Loaded {
    Config config;  // credentials resolved: a literal, or a path beginning with '/'
    MountPaths paths;
    std::vector<std::string> warnings;      // one line each, without secrets
    std::vector<std::string> deprecations;  // keys with a newer name, and what to write instead
};

// Reads and checks a configuration; at most 4 MiB, YAML 1.1, the first document. An empty document
// gives the defaults. The error (kInvalidArgument) lists everything that is wrong, a line each:
// where, which key, what was found, what was expected.
Result<Loaded> load_text(std::string_view text, const LoadOptions& options);
Result<Loaded> load_file(const std::string& path, LoadOptions options);

// Why a configuration that loads cannot start a server; nullopt when it can. Kept apart from
// loading, so that a file can be checked on a machine that lacks what this version or the mounts
// lack.
std::optional<Error> refuse_to_start(const Loaded& loaded);

}  // namespace meshscope::config
