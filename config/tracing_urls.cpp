#include "config/tracing_urls.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <cstddef>

namespace meshscope::config {

namespace {

bool filled(const std::optional<std::string>& key) { return key && !trim(*key).empty(); }

std::string internal_url(const Tracing& tracing) {
    if (filled(tracing.in_cluster_url)) {
        return std::string(trim(*tracing.in_cluster_url));
    }
    if (tracing.internal_url) {
        return std::string(trim(*tracing.internal_url));
    }
    return filled(tracing.url) ? std::string() : std::string(kDefaultTracingUrl);
}

// A URL that may stand in a link; `problem` says what was wrong with the one written.
std::string link_url(std::string_view written, std::string& problem) {
    std::string_view url = trim(written);
    if (url.empty()) {
        return {};
    }
    if (std::any_of(url.begin(), url.end(), [](char c) { return c >= 0 && c <= ' '; })) {
        problem = "holds a space or control character; no links are made";
        return {};
    }
    const std::size_t scheme_end = url.find("://");
    const std::string scheme =
        scheme_end == std::string_view::npos ? "" : to_lower(url.substr(0, scheme_end));
    if (scheme != "http" && scheme != "https") {
        problem = "must begin with http:// or https://; no links are made";
        return {};
    }
    url.remove_prefix(scheme_end + 3);
    const std::size_t authority_end = std::min(url.find_first_of("/?#"), url.size());
    const std::size_t at = url.substr(0, authority_end).rfind('@');
    if (at != std::string_view::npos) {
        problem =
            "holds a name or password, which browsers must not see; links are made without it";
        url.remove_prefix(at + 1);
    }
    while (url.ends_with('/')) {
        url.remove_suffix(1);
    }
    if (url.empty() || url.front() == '/') {
        problem = "has no host; no links are made";
        return {};
    }
    return scheme + "://" + std::string(url);
}

std::string unserved(const Tracing& tracing) {
    if (tracing.provider == "tempo") {
        return "external_services.tracing.provider is tempo, which this version does not read; "
               "only jaeger is";
    }
    return {};
}

}  // namespace

TracingTarget resolve_tracing(const Tracing& tracing) {
    TracingTarget target;
    target.internal_url = internal_url(tracing);
    if (filled(tracing.in_cluster_url)) {
        target.internal_key = "in_cluster_url";
    }
    target.external_url = link_url(
        filled(tracing.url) ? *tracing.url : tracing.external_url.value_or(""),
        target.external_problem
    );
    target.enabled = tracing.enabled.value_or(
        filled(tracing.in_cluster_url) || filled(tracing.internal_url) || filled(tracing.url) ||
        filled(tracing.external_url)
    );
    if (target.enabled) {
        target.off_reason = unserved(tracing);
        target.enabled = target.off_reason.empty();
    }
    target.integration = target.enabled && !target.internal_url.empty();
    if (tracing.auth.type == "oauth2") {
        target.transport = Transport::kHttp;
    } else if (tracing.use_grpc) {
        target.transport = *tracing.use_grpc ? Transport::kGrpc : Transport::kHttp;
    }
    return target;
}

}  // namespace meshscope::config
