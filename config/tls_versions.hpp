#pragma once

#include "config/config.hpp"

#include <optional>
#include <string_view>

namespace meshscope::config {

// "TLSv1.2", "TLS1.2", "VersionTLS12" and the same of 1.0, 1.1, 1.3, as OpenSSL numbers them
// (0x0301 to 0x0304); nullopt for other words.
std::optional<int> parse_tls_version(std::string_view text);

struct TlsVersions {
    int min = 0x0303;
    int max = 0;  // 0: no bound
};

// Of a loaded configuration, where unknown words and bounds below 1.2 were refused.
TlsVersions tls_versions(const TlsPolicy& policy);

}  // namespace meshscope::config
