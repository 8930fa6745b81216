#include "clients/http/url.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <charconv>

namespace meshscope::clients {

namespace {

Error bad(std::string why) {
    return Error(ErrorKind::kInvalidArgument, "not a usable URL: " + std::move(why));
}

bool is_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A registered name or IPv4 address, or what may stand between brackets.
bool is_host(std::string_view host, bool bracketed) {
    const std::string_view others = bracketed ? ":.%-_~" : ".-_~";
    return !host.empty() && std::all_of(host.begin(), host.end(), [&](char c) {
        return is_alnum(c) || others.find(c) != std::string_view::npos;
    });
}

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

Result<std::uint16_t> parse_port(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value == 0 || value > 65535) {
        return bad("the port '" + std::string(text) + "' is not a number from 1 to 65535");
    }
    return static_cast<std::uint16_t>(value);
}

// "host", "host:port", "[v6]", "[v6]:port" into `url`; a message when it is none of these.
Result<void> parse_host_port(std::string_view text, Url& url) {
    std::string_view host;
    std::string_view rest;
    const bool bracketed = text.starts_with('[');
    if (bracketed) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) {
            return bad("the bracket of the IPv6 address is not closed");
        }
        host = text.substr(1, close - 1);
        rest = text.substr(close + 1);
        if (!rest.empty() && rest.front() != ':') {
            return bad("after ']' only ':' and a port may follow");
        }
    } else {
        const std::size_t colon = text.find(':');
        host = text.substr(0, colon);
        rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    }
    if (host.empty()) {
        return bad("it has no host");
    }
    if (!is_host(host, bracketed) || (bracketed && host.find(':') == std::string_view::npos)) {
        return bad("'" + std::string(host) + "' is not a host name or address");
    }
    url.host = to_lower(host);
    if (rest.size() > 1) {
        const Result<std::uint16_t> port = parse_port(rest.substr(1));
        if (!port) {
            return port.error();
        }
        url.port = *port;
    }
    return {};
}

}  // namespace

std::string Url::host_header() const {
    std::string text = host;
    if (host.find(':') != std::string::npos) {
        text = "[" + host.substr(0, host.find('%')) + "]";  // a zone means something here only
    }
    if (port != 0 && port != (https ? 443 : 80)) {
        text += ":" + std::to_string(port);
    }
    return text;
}

std::string Url::to_string() const {
    return std::string(https ? "https://" : "http://") + host_header() + path;
}

Result<Url> parse_url(std::string_view text) {
    if (!is_printable(text)) {
        return bad("it has spaces, control characters or characters that are not ASCII");
    }
    Url url;
    const std::size_t scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos) {
        return bad("it does not begin with http:// or https://");
    }
    const std::string scheme = to_lower(text.substr(0, scheme_end));
    if (scheme != "http" && scheme != "https") {
        return bad("the scheme '" + scheme + "' is neither http nor https");
    }
    url.https = scheme == "https";
    std::string_view rest = text.substr(scheme_end + 3);
    if (rest.find_first_of("?#") != std::string_view::npos) {
        return bad("a query or fragment does not belong there");
    }
    const std::size_t slash = rest.find('/');
    std::string_view authority = rest.substr(0, slash);
    std::string_view path =
        slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        url.userinfo = authority.substr(0, at);
        authority.remove_prefix(at + 1);
    }
    const Result<void> parsed = parse_host_port(authority, url);
    if (!parsed) {
        return parsed.error();
    }
    while (path.ends_with('/')) {
        path.remove_suffix(1);
    }
    url.path = path;
    return url;
}

}  // namespace meshscope::clients
