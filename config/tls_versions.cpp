#include "config/tls_versions.hpp"

namespace meshscope::config {

std::optional<int> parse_tls_version(std::string_view text) {
    bool dotted = true;
    if (text.starts_with("VersionTLS")) {
        text.remove_prefix(10);
        dotted = false;
    } else if (text.starts_with("TLSv")) {
        text.remove_prefix(4);
    } else if (text.starts_with("TLS")) {
        text.remove_prefix(3);
    } else {
        return std::nullopt;
    }
    const std::string_view start = dotted ? "1." : "1";
    if (!text.starts_with(start) || text.size() != start.size() + 1) {
        return std::nullopt;
    }
    const char minor = text.back();
    return minor >= '0' && minor <= '3' ? std::optional(0x0301 + (minor - '0')) : std::nullopt;
}

TlsVersions tls_versions(const TlsPolicy& policy) {
    TlsVersions versions;
    versions.min = parse_tls_version(policy.min_version).value_or(versions.min);
    versions.max = parse_tls_version(policy.max_version).value_or(versions.max);
    return versions;
}

}  // namespace meshscope::config
