#pragma once

#include "config/config.hpp"

#include <string>
#include <vector>

namespace meshscope::config {

struct SecretValue {
    std::string key;    // "external_services.tracing.auth.password"
    std::string value;  // a literal, or the path of a file that begins with '/'
};

// Every key that is never printed and has a value; of lists and maps each item.
[[nodiscard]] std::vector<SecretValue> secret_values(const Config& config);

// Every key that names a file by its absolute path and may be replaced while the server runs:
// credentials, certificates, authorities.
[[nodiscard]] std::vector<SecretValue> credential_files(const Config& config);

}  // namespace meshscope::config
