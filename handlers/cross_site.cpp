#include "handlers/cross_site.hpp"

#include "core/text.hpp"

#include <string_view>
#include <vector>

namespace meshscope::handlers {

namespace {

// The value of a header that is there once and is not a list; else "".
std::string_view single(const server::Headers& headers, std::string_view name) {
    std::string_view found;
    for (const auto& [key, value] : headers.items()) {
        if (iequals(key, name)) {
            if (!found.empty() || value.find(',') != std::string::npos) {
                return {};
            }
            found = trim(value);
        }
    }
    return found;
}

struct HostPort {
    std::string_view host;  // with the brackets of an IPv6 address
    std::string_view port;
};

HostPort split_host(std::string_view text) {
    const std::size_t bracket = text.rfind(']');
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) {
        return {text, {}};
    }
    return {text.substr(0, colon), text.substr(colon + 1)};
}

bool changes_something(server::Method method) {
    return method != server::Method::kGet && method != server::Method::kHead &&
           method != server::Method::kOptions;
}

bool is_type(std::string_view content_type, std::string_view expected) {
    return iequals(trim(content_type.substr(0, content_type.find(';'))), expected);
}

// Where a browser says nothing of the kind, no page of another site is behind it.
bool comes_from_elsewhere(const PublicAddress& address, const server::Request& request) {
    if (const auto site = request.headers.get("Sec-Fetch-Site")) {
        return *site != "same-origin" && *site != "none";
    }
    const auto origin = request.headers.get("Origin");
    if (!origin) {
        return false;
    }
    const std::string said = to_lower(trim(*origin));
    const std::size_t scheme = said.find("://");
    const std::string_view host = request.headers.get("Host").value_or("");
    const bool same_host = scheme != std::string::npos && !host.empty() &&
                           iequals(std::string_view(said).substr(scheme + 3), host);
    return !same_host && said != public_origin(address, request);
}

}  // namespace

std::string public_origin(const PublicAddress& address, const server::Request& request) {
    const auto first_of = [&](const std::string& configured, std::string_view header) {
        return configured.empty() ? single(request.headers, header) : std::string_view(configured);
    };
    std::string scheme(first_of(address.scheme, "X-Forwarded-Proto"));
    if (scheme.empty()) {
        scheme = request.tls ? "https" : "http";
    }
    const HostPort direct = split_host(request.headers.get("Host").value_or(""));
    const std::string_view forwarded = single(request.headers, "X-Forwarded-Host");
    const HostPort seen = forwarded.empty() ? direct : split_host(forwarded);
    const std::string_view host = address.host.empty() ? seen.host : address.host;
    std::string_view port = first_of(address.port, "X-Forwarded-Port");
    if (port.empty()) {
        port = seen.port;
    }
    scheme = to_lower(scheme);
    std::string origin = scheme + "://" + to_lower(host);
    if (!port.empty() && port != (scheme == "https" ? "443" : "80")) {
        origin.append(":").append(port);
    }
    return origin;
}

std::optional<Error> refuse_cross_site(
    const PublicAddress& address, const server::Request& request, bool session
) {
    const bool changes = changes_something(request.method);
    if (!changes && !session) {
        return std::nullopt;
    }
    const std::string_view expected =
        session ? "application/x-www-form-urlencoded" : "application/json";
    const auto content_type = request.headers.get("Content-Type");
    const bool nothing = session && !content_type && request.body.empty();
    if (changes && !nothing && !is_type(content_type.value_or(""), expected)) {
        return Error(
            ErrorKind::kUnsupportedMedia, "the Content-Type must be " + std::string(expected)
        );
    }
    if (comes_from_elsewhere(address, request)) {
        return Error(ErrorKind::kForbidden, "the request comes from a page of another site")
            .with_code("cross_site")
            .with_hint(
                {"server.web_fqdn",
                 "Behind a proxy: pass Host or X-Forwarded-Host on, or name the public host here."}
            );
    }
    return std::nullopt;
}

}  // namespace meshscope::handlers
