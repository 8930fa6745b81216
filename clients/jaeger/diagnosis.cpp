#include "clients/jaeger/diagnosis.hpp"

#include "clients/http/denied.hpp"
#include "core/text.hpp"

#include <utility>
#include <vector>

namespace meshscope::clients::jaeger {

namespace {

constexpr std::size_t kMaxMessage = 300;

std::string url_setting(const Asked& asked) {
    return asked.setting_prefix + "." + asked.url_setting;
}

std::string url_of(const Asked& asked) { return asked.base.to_string() + asked.path; }

// What the server says, short and printable.
std::string excerpt(std::string_view text) {
    std::string shown = to_valid_utf8(trim(text.substr(0, kMaxMessage + 4)));
    for (char& c : shown) {
        c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    if (shown.size() > kMaxMessage || text.size() > kMaxMessage + 4) {
        shown = to_valid_utf8(shown.substr(0, kMaxMessage)) + "...";
    }
    return shown;
}

std::string with_path(const Url& base, std::string_view path) {
    Url other = base;
    other.path = path;
    return other.to_string();
}

Error error_of(ErrorKind kind, std::string message) {
    return Error(kind, std::move(message)).with_upstream("jaeger");
}

Error wrong_prefix(const Asked& asked, const UiPage& page) {
    const std::string right = with_path(asked.base, page.base_path);
    return error_of(
               ErrorKind::kUpstreamProtocol,
               url_of(asked) +
                   " is not Jaeger's API: the path prefix is wrong (Jaeger's base path is '" +
                   (page.base_path.empty() ? "/" : page.base_path) + "', the URL has '" +
                   (asked.base.path.empty() ? "/" : asked.base.path) + "')"
    )
        .with_code("upstream_path_prefix")
        .with_cause(Cause::kPathPrefix)
        .with_hint({url_setting(asked), "set " + url_setting(asked) + " to '" + right + "'", right}
        );
}

Error no_such_api(const Asked& asked, const UiPage& page) {
    const std::string version = page.version.empty() ? "" : " " + page.version;
    const std::string absent =
        "Jaeger" + version + " at " + asked.base.to_string() + " has no " + asked.path;
    if (asked.api.is_v3) {
        return error_of(ErrorKind::kUpstreamProtocol, absent + ": it is older than this API")
            .with_code("upstream_unimplemented")
            .with_hint({"", "use a newer release of Jaeger, or one of its older protocols"});
    }
    return error_of(
               ErrorKind::kUpstreamProtocol, absent + ": releases from 2.21 on removed this API"
    )
        .with_code("upstream_api_removed")
        .with_cause(Cause::kApiRemoved)
        .with_hint(
            {asked.setting_prefix + ".use_grpc",
             "set " + asked.setting_prefix + ".use_grpc to true and point " + asked.url_setting +
                 " to Jaeger's gRPC port, 16685",
             "true"}
        );
}

Error from_page(const Asked& asked, const UiPage& page) {
    return page.base_path == asked.base.path ? no_such_api(asked, page) : wrong_prefix(asked, page);
}

Error unknown_path(const Asked& asked, const Surroundings& surroundings) {
    if (surroundings.page) {
        return from_page(asked, *surroundings.page);
    }
    std::string message =
        url_of(asked) + " is unknown (404): a server is up, but not Jaeger's API at this path";
    if (surroundings.looked) {
        message += "; no Jaeger UI was found there, at /jaeger/ or at / either";
    }
    return error_of(ErrorKind::kUpstreamProtocol, std::move(message))
        .with_code("upstream_path_prefix")
        .with_cause(Cause::kPathPrefix)
        .with_hint(
            {url_setting(asked),
             "give " + url_setting(asked) +
                 " the base path that Jaeger is configured with (query.base-path)"}
        );
}

Error denied(const HttpResponse& response, const Asked& asked) {
    const std::string status = std::to_string(response.status);
    const std::string said = is_html(response.header("content-type"), response.body)
                                 ? page_title(response.body)
                                 : excerpt(response.body);
    if (to_lower(said).find("tenant") != std::string::npos) {
        return error_of(
                   ErrorKind::kUpstreamAuth,
                   url_of(asked) + " answers " + status + ": the tenant is missing or unknown"
        )
            .with_detail(said)
            .with_cause(Cause::kTenant)
            .with_hint(
                {asked.setting_prefix + ".custom_headers",
                 "send Jaeger's tenant header (x-tenant) by " + asked.setting_prefix +
                     ".custom_headers"}
            );
    }
    return clients::error_of(
        response,
        {.upstream = "jaeger",
         .url = url_of(asked),
         .setting_prefix = asked.setting_prefix,
         .said = said}
    );
}

Error login_page(const HttpResponse& response, const Asked& asked) {
    const std::string title = page_title(response.body);
    return error_of(
               ErrorKind::kUpstreamAuth,
               url_of(asked) + " answers with a log-in page" +
                   (title.empty() ? "" : " ('" + title + "')") +
                   ": an authenticating proxy stands in front of Jaeger"
    )
        .with_cause(Cause::kLoginPage)
        .with_hint(
            {asked.setting_prefix + ".auth",
             "set " + asked.setting_prefix + ".auth to credentials that the proxy takes, or " +
                 asked.url_setting + " to Jaeger itself"}
        );
}

Error web_page(const HttpResponse& response, const Asked& asked) {
    const std::string title = page_title(response.body);
    return error_of(
               ErrorKind::kUpstreamProtocol,
               url_of(asked) + " answers with a web page" +
                   (title.empty() ? "" : " ('" + title + "')") + ", not with Jaeger's JSON"
    )
        .with_cause(Cause::kWebPage)
        .with_hint(
            {url_setting(asked),
             "point " + url_setting(asked) +
                 " to Jaeger's query service, port 16686, with its base path"}
        );
}

Error gateway_error(const HttpResponse& response, const Asked& asked) {
    const bool html = is_html(response.header("content-type"), response.body);
    return error_of(
               ErrorKind::kUpstreamUnavailable,
               url_of(asked) + " answers " + std::to_string(response.status) +
                   ": a proxy in front of Jaeger cannot reach it or is overloaded"
    )
        .with_cause(Cause::kOverloaded)
        .with_detail(html ? page_title(response.body) : excerpt(response.body))
        .with_hint(
            {url_setting(asked),
             "check that the service behind " + url_setting(asked) + " has ready pods"}
        );
}

std::string first_message(const std::vector<StoreError>& errors) {
    return excerpt(errors.front().message);
}

// Jaeger's own error JSON.
Error said_by_jaeger(
    const HttpResponse& response, const Asked& asked, const std::vector<StoreError>& errors
) {
    const std::string text = first_message(errors);
    if (response.status == 404) {
        return error_of(ErrorKind::kNotFound, "Jaeger: " + text);
    }
    if (response.status == 400) {
        return error_of(ErrorKind::kInvalidArgument, "Jaeger refuses the query: " + text);
    }
    const Error failed = error_of(
        ErrorKind::kUpstreamProtocol,
        "Jaeger fails with " + std::to_string(response.status) + " at " + url_of(asked) + ": " +
            text
    );
    if (text.find("unsupported value: NaN") != std::string::npos ||
        text.find("unsupported value: +Inf") != std::string::npos ||
        text.find("unsupported value: -Inf") != std::string::npos) {
        return failed.with_hint(
            {asked.setting_prefix + ".use_grpc",
             "a trace holds a number that JSON cannot carry: set " + asked.setting_prefix +
                 ".use_grpc to true"}
        );
    }
    return failed.with_cause(Cause::kStorage)
        .with_hint({"", "look at Jaeger's log and its storage"});
}

Error other_status(const HttpResponse& response, const Asked& asked) {
    const std::string said = excerpt(response.body);
    const bool scheme = response.status == 400 && said.find("HTTPS server") != std::string::npos;
    std::string message = url_of(asked) + " answers " + std::to_string(response.status);
    if (scheme) {
        message += ": it wants TLS";
    } else if (response.status / 100 == 3) {
        message += " with a redirect to '" + excerpt(response.header("location")) + "'";
    }
    return error_of(ErrorKind::kUpstreamProtocol, std::move(message))
        .with_detail(said)
        .with_cause(scheme ? Cause::kPlainOnTls : Cause::kNone)
        .with_hint(
            {url_setting(asked),
             scheme ? "write https:// in " + url_setting(asked)
                    : "point " + url_setting(asked) + " to Jaeger's query service"}
        );
}

Error grpc_port(const Asked& asked) {
    return error_of(
               ErrorKind::kUpstreamProtocol,
               url_of(asked) + " is a gRPC port, not Jaeger's HTTP API"
    )
        .with_cause(Cause::kGrpcPort)
        .with_hint(
            {url_setting(asked),
             "use port 16686 in " + url_setting(asked) + ", or set use_grpc to true"}
        );
}

}  // namespace

bool is_unknown_path(const HttpResponse& response, const HttpApi& api) {
    return response.status == 404 && api.errors_of(response.body).empty();
}

std::optional<Error> diagnose(
    const HttpResponse& response, const Asked& asked, const Surroundings& surroundings
) {
    if (to_lower(response.header("content-type")).starts_with("application/grpc")) {
        return grpc_port(asked);
    }
    if (response.status == 401 || response.status == 403) {
        return denied(response, asked);
    }
    const bool html = is_html(response.header("content-type"), response.body);
    if (response.status / 100 == 2) {
        if (!html) {
            return std::nullopt;
        }
        if (const auto page = read_ui_page(response.body)) {
            return from_page(asked, *page);
        }
        return is_login_page(response.body) ? login_page(response, asked)
                                            : web_page(response, asked);
    }
    if (!html && response.status >= 400) {
        const auto errors = asked.api.errors_of(response.body);
        if (!errors.empty()) {
            return said_by_jaeger(response, asked, errors);
        }
    }
    switch (response.status) {
        case 404:
            return unknown_path(asked, surroundings);
        case 429:
        case 502:
        case 503:
        case 504:
            return gateway_error(response, asked);
        default:
            return other_status(response, asked);
    }
}

}  // namespace meshscope::clients::jaeger
