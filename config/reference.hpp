#pragma once

#include "config/keys.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace meshscope::config {

// A key as the reference page shows it.
struct KeyRow {
    std::string path;  // "external_services.tracing.auth.type"; list items as "name[]"
    std::string type;
    std::string default_value;
    std::string accepts;
    Mark mark = Mark::kUsed;
    std::string meaning;
    bool is_secret = false;
};

// Every key, sections included, in the order of the key table.
[[nodiscard]] std::vector<KeyRow> all_keys();

// The path of the one key with this last name that lies nearest to the top; "" when there is none,
// or more than one.
[[nodiscard]] std::string place_of_key(std::string_view name);

// docs/configuration.md.
[[nodiscard]] std::string render_reference();

}  // namespace meshscope::config
