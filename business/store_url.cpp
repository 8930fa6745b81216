#include "business/store_url.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <charconv>

namespace meshscope::business {

namespace {

constexpr std::size_t kMaxUrl = 2048;

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

// "" is no port.
bool read_port(std::string_view text, std::uint16_t& port) {
    if (text.empty()) {
        return true;
    }
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, port);
    return read.ec == std::errc() && read.ptr == end && port != 0;
}

// "host:port", "[::1]:port".
bool read_authority(std::string_view text, StoreUrl& url) {
    std::size_t after = 0;
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) {
            return false;
        }
        url.host = to_lower(text.substr(1, close - 1));
        after = close + 1;
    } else {
        after = std::min(text.find(':'), text.size());
        url.host = to_lower(text.substr(0, after));
    }
    const std::string_view rest = text.substr(after);
    if (!rest.empty() && !rest.starts_with(':')) {
        return false;
    }
    return !url.host.empty() && read_port(rest.empty() ? rest : rest.substr(1), url.port);
}

}  // namespace

std::string StoreUrl::to_string() const {
    std::string out = https ? "https://" : "http://";
    out += host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port != 0) {
        out += ":" + std::to_string(port);
    }
    return out + path;
}

bool StoreUrl::same_place(const StoreUrl& other) const {
    return https == other.https && host == other.host &&
           port_or_default() == other.port_or_default();
}

std::optional<StoreUrl> read_store_url(std::string_view text) {
    text = trim(text);
    const std::size_t scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos || text.size() > kMaxUrl || !is_printable(text) ||
        text.find_first_of("?#\\") != std::string_view::npos) {
        return std::nullopt;
    }
    StoreUrl url;
    const std::string scheme = to_lower(text.substr(0, scheme_end));
    url.https = scheme == "https";
    if (!url.https && scheme != "http") {
        return std::nullopt;
    }
    text.remove_prefix(scheme_end + 3);
    const std::size_t slash = std::min(text.find('/'), text.size());
    std::string_view authority = text.substr(0, slash);
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        authority.remove_prefix(at + 1);
    }
    if (!read_authority(authority, url)) {
        return std::nullopt;
    }
    url.path = text.substr(slash);
    while (url.path.ends_with('/')) {
        url.path.pop_back();
    }
    return url;
}

}  // namespace meshscope::business
