#include "clients/prometheus/diagnosis.hpp"

#include "clients/http/denied.hpp"
#include "clients/http/retry_after.hpp"
#include "clients/http/web_page.hpp"
#include "clients/prometheus/fault.hpp"
#include "core/text.hpp"

#include <utility>

namespace meshscope::clients::prometheus {

namespace {

std::string url_setting(const Asked& asked) { return asked.setting_prefix + ".url"; }

std::string url_of(const Asked& asked) { return asked.base.to_string() + asked.path; }

Error error_at(ErrorKind kind, std::string message) {
    return Error(kind, std::move(message)).with_upstream("prometheus");
}

std::string said_by(const HttpResponse& response) {
    return is_html(response.header("content-type"), response.body) ? page_title(response.body)
                                                                   : excerpt(response.body);
}

Error no_tenant(const HttpResponse& response, const Asked& asked, const std::string& said) {
    return error_at(
               ErrorKind::kUpstreamAuth,
               url_of(asked) + " answers " + std::to_string(response.status) +
                   ": the tenant is missing or unknown"
    )
        .with_detail(said)
        .with_hint(
            {asked.setting_prefix + ".custom_headers",
             "send the tenant's header (X-Scope-OrgID, THANOS-TENANT) by " + asked.setting_prefix +
                 ".custom_headers"}
        );
}

Error denied(const HttpResponse& response, const Asked& asked) {
    const std::string said = said_by(response);
    const std::string lower = to_lower(said);
    if (lower.find("no org id") != std::string::npos || lower.find("tenant") != std::string::npos) {
        return no_tenant(response, asked, said);
    }
    Denied refused{
        .upstream = "prometheus",
        .url = url_of(asked),
        .setting_prefix = asked.setting_prefix,
        .said = said
    };
    if (response.status == 403 && lower.find("namespace") != std::string::npos) {
        refused.advice =
            "use the port of the gateway that serves all namespaces, with an account that may "
            "read them";
    }
    return clients::error_of(response, std::move(refused));
}

Error page(const HttpResponse& response, const Asked& asked) {
    const std::string title = page_title(response.body);
    const std::string named = title.empty() ? "" : " ('" + title + "')";
    if (is_login_page(response.body)) {
        return error_at(
                   ErrorKind::kUpstreamAuth,
                   url_of(asked) + " answers with a log-in page" + named +
                       ": an authenticating proxy stands in front of Prometheus"
        )
            .with_hint(
                {asked.setting_prefix + ".auth",
                 "set " + asked.setting_prefix + ".auth to credentials that the proxy takes, or " +
                     url_setting(asked) + " to Prometheus itself"}
            );
    }
    return error_at(
               ErrorKind::kUpstreamProtocol,
               url_of(asked) + " answers with a web page" + named + ", not with Prometheus' JSON"
    )
        .with_code("upstream_path_prefix")
        .with_hint(
            {url_setting(asked),
             "point " + url_setting(asked) + " to the address below which /api/v1/query is"}
        );
}

Error unknown_path(const HttpResponse& response, const Asked& asked) {
    return error_at(
               ErrorKind::kUpstreamProtocol,
               url_of(asked) +
                   " is unknown (404): a server is up, but not Prometheus' API at this "
                   "path"
    )
        .with_code("upstream_path_prefix")
        .with_detail(said_by(response))
        .with_hint(
            {url_setting(asked),
             "give " + url_setting(asked) +
                 " the path that Prometheus is served at (web.route-prefix), /prometheus for many "
                 "other stores"}
        );
}

bool is_starting(const HttpResponse& response) {
    return response.status == 503 && (!response.header("x-prometheus-stopping").empty() ||
                                      trim(response.body) == "Service Unavailable");
}

Error gateway_error(const HttpResponse& response, const Asked& asked) {
    if (is_starting(response)) {
        const bool stops = response.header("x-prometheus-stopping") == "true";
        return error_at(
                   ErrorKind::kUpstreamUnavailable,
                   stops ? "Prometheus is stopping"
                         : "Prometheus is starting: it still reads its log of samples"
        )
            .with_code(std::string(kStartingCode))
            .with_hint({"", "wait until it is ready; its own log says how far it is"});
    }
    const std::string why =
        response.status == 429
            ? ": too many queries for it"
            : ": a proxy in front of Prometheus cannot reach it or is overloaded";
    return error_at(
               ErrorKind::kUpstreamUnavailable,
               url_of(asked) + " answers " + std::to_string(response.status) + why
    )
        .with_code(std::string(kBusyCode))
        .with_detail(said_by(response))
        .with_hint(
            {url_setting(asked),
             "check that the service behind " + url_setting(asked) + " has ready pods"}
        );
}

Error other_status(const HttpResponse& response, const Asked& asked) {
    const std::string said = said_by(response);
    const bool scheme = response.status == 400 && said.find("HTTPS server") != std::string::npos;
    std::string message = url_of(asked) + " answers " + std::to_string(response.status);
    if (scheme) {
        message += ": it wants TLS";
    } else if (response.status / 100 == 3) {
        message += " with a redirect to '" + excerpt(response.header("location")) + "'";
    } else if (response.status == 405) {
        message += ": it takes queries neither by POST nor by GET";
    } else if (response.status == 414 || response.status == 431) {
        message += ": the query is too long for it as a GET, and it refuses POST";
    }
    return error_at(ErrorKind::kUpstreamProtocol, std::move(message))
        .with_detail(said)
        .with_hint(
            {url_setting(asked),
             scheme
                 ? "write https:// in " + url_setting(asked)
                 : "point " + url_setting(asked) + " to the address below which /api/v1/query is"}
        );
}

}  // namespace

std::optional<Error> diagnose(const HttpResponse& response, const Asked& asked) {
    const bool html = is_html(response.header("content-type"), response.body);
    if (response.status / 100 == 2) {
        return html ? std::optional(page(response, asked)) : std::nullopt;
    }
    if (!html && response.status >= 400) {
        if (const auto fault = decode_fault(response.body);
            fault && response.status != 401 && response.status != 403) {
            return error_of(*fault, response.status);
        }
    }
    switch (response.status) {
        case 401:
        case 403:
            return denied(response, asked);
        case 404:
            return unknown_path(response, asked);
        case 429:
        case 502:
        case 503:
        case 504:
            return gateway_error(response, asked);
        default:
            return other_status(response, asked);
    }
}

bool is_refused_post(const HttpResponse& response) {
    return response.status == 405 || response.status == 501 ||
           (response.status == 403 && response.header("www-authenticate").empty());
}

}  // namespace meshscope::clients::prometheus
