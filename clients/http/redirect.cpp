#include "clients/http/redirect.hpp"

#include "clients/http/request_head.hpp"

namespace meshscope::clients {

namespace {

Fault unusable() {
    return {
        ErrorKind::kUpstreamProtocol,
        "redirected to something that is not a URL",
        kUrlSetting,
        "check the URL",
        ""
    };
}

Fault elsewhere(const Url& base, const Url& other) {
    Fault fault;
    fault.kind = ErrorKind::kUpstreamAuth;
    fault.known = Cause::kLoginPage;
    if (other.host != base.host) {
        fault.cause =
            "redirected to " + other.host_header() + ": an authentication proxy is in front";
        fault.setting = "auth";
        fault.advice = "configure credentials, or use an address behind the proxy";
        return fault;
    }
    Url origin = other;
    origin.path.clear();
    fault.kind = ErrorKind::kUpstreamProtocol;
    fault.known = Cause::kNone;
    fault.cause = "redirected to " + origin.to_string();
    fault.setting = kUrlSetting;
    fault.advice = "use " + origin.to_string() + " in the URL";
    return fault;
}

}  // namespace

std::variant<std::string, Fault> follow(
    const Url& base, std::string_view target, std::string_view location
) {
    location = location.substr(0, location.find('#'));
    std::string absolute;
    const std::size_t colon = location.find(':');
    if (location.starts_with("//")) {
        absolute = (base.https ? "https:" : "http:") + std::string(location);
    } else if (colon != std::string_view::npos && colon < location.find_first_of("/?")) {
        absolute = location;
    }
    std::string next;
    if (!absolute.empty()) {
        const std::size_t scheme = absolute.find("://");
        if (scheme == std::string::npos) {
            return unusable();
        }
        const std::size_t end = std::min(absolute.find_first_of("/?", scheme + 3), absolute.size());
        const Result<Url> other = parse_url(std::string_view(absolute).substr(0, end));
        if (!other) {
            return unusable();
        }
        if (other->https != base.https || other->host != base.host ||
            other->port_or_default() != base.port_or_default()) {
            return elsewhere(base, *other);
        }
        next = absolute.substr(end);
        if (!next.starts_with('/')) {
            next.insert(0, "/");
        }
    } else if (location.starts_with('/')) {
        next = location;
    } else {
        const std::string_view path = target.substr(0, target.find('?'));
        const std::string_view kept =
            location.starts_with('?') ? path : path.substr(0, path.rfind('/') + 1);
        next = std::string(kept) + std::string(location);
    }
    if (!is_target(next)) {
        return unusable();
    }
    return next;
}

}  // namespace meshscope::clients
