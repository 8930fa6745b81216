#pragma once

#include "core/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace meshscope::console {

// One file, as it is sent.
struct File {
    std::string content_type;
    std::string plain;
    std::string gzip;      // "" when there is no packed twin
    std::string brotli;    // likewise
    std::string etag;      // of the plain bytes, with quotes
    bool forever = false;  // its name changes with its content
};

// By path below the folder, with '/' between the parts and none before the first.
using Files = std::map<std::string, File, std::less<>>;

// Reads a built console. `base` is what its pages resolve relative addresses against: it begins and
// ends with '/'. kNotFound when there is no index.html in the folder, kInvalidArgument with the
// file when one cannot be read, when there are too many (2000) or too large ones (64 MiB together),
// or when index.html has no place for `base`.
Result<Files> read_folder(const std::string& folder, std::string_view base);

}  // namespace meshscope::console
