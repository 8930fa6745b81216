#include "app/store_finder.hpp"

#include "async/governor.hpp"
#include "async/with_deadline.hpp"
#include "clients/http/resolve.hpp"
#include "clients/http/safe_address.hpp"
#include "clients/jaeger/jaeger_store.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace meshscope::app {

namespace {

using clients::StoreTarget;

constexpr std::chrono::seconds kPatience{3};  // of one try

Error refused(const std::string& what) {
    return Error(ErrorKind::kForbidden, what).with_code("address_refused").with_upstream("jaeger");
}

Error unresolved(const clients::Url& url) {
    return Error(
               ErrorKind::kUpstreamUnavailable,
               "cannot reach jaeger: cannot resolve the host name '" + url.host + "'"
    )
        .with_cause(Cause::kDns)
        .with_upstream("jaeger");
}

config::Transport transport_of(StoreTarget::Transport transport) {
    switch (transport) {
        case StoreTarget::Transport::kGrpc:
            return config::Transport::kGrpc;
        case StoreTarget::Transport::kHttp:
            return config::Transport::kHttp;
        case StoreTarget::Transport::kGrpcThenHttp:
            break;
    }
    return config::Transport::kGrpcThenHttp;
}

bool same_place(const clients::Url& a, const clients::Url& b) {
    return a.https == b.https && a.host == b.host && a.port == b.port;
}

// Trust stays as configured, credentials and headers do not.
void give(config::Tracing& tracing, const StoreTarget& target) {
    config::ServiceAuth auth;
    auth.ca_file = tracing.auth.ca_file;
    tracing.custom_headers.clear();
    if (target.with == StoreTarget::With::kGiven) {
        auth.type = target.given.auth_type;
        auth.username = target.given.username;
        auth.password = target.given.password;
        auth.token = target.given.token;
        auth.insecure_skip_verify = target.given.insecure_skip_verify;
        tracing.custom_headers = target.given.custom_headers;
    }
    tracing.auth = std::move(auth);
}

// A value that begins with '/' would be read as the path of a file.
bool names_a_file(const clients::GivenSettings& given) {
    for (const std::string* value : {&given.username, &given.password, &given.token}) {
        if (value->starts_with('/')) {
            return true;
        }
    }
    return false;
}

struct OneTry {
    Governor governor{"jaeger", GovernorLimits{4, 16}};
    std::unique_ptr<clients::jaeger::JaegerStore> store;
};

}  // namespace

Awaitable<Result<std::string>> StoreFinder::safe_address(RequestContext context, clients::Url url)
    const {
    auto looking = clients::resolve(clients::system_lookup(), url.host, url.port_or_default());
    auto resolved = co_await with_deadline<clients::Resolved>(context.deadline, std::move(looking));
    if (!resolved || resolved->error || resolved->endpoints.empty()) {
        co_return unresolved(url);
    }
    for (const auto& endpoint : resolved->endpoints) {
        if (!clients::is_safe_address(endpoint.address().to_string())) {
            co_return refused(
                "'" + url.host + "' is, or resolves to, an address that must not be called"
            );
        }
    }
    co_return resolved->endpoints.front().address().to_string();
}

Result<config::Loaded> StoreFinder::settings(const StoreTarget& target, const clients::Url& url)
    const {
    config::Loaded copy = loaded_;
    config::Tracing& tracing = copy.config.external_services.tracing;
    tracing.query_timeout = kPatience;
    tracing.disable_version_check = true;
    if (target.with != StoreTarget::With::kConfigured) {
        if (names_a_file(target.given)) {
            return Error(ErrorKind::kInvalidArgument, "credentials must not be paths of files");
        }
        give(tracing, target);
        return copy;
    }
    const auto configured = clients::parse_url(target_.internal_url);
    if (!configured || !same_place(*configured, url)) {
        return refused(
            "the configured credentials are sent only to the configured scheme, host and port"
        );
    }
    return copy;
}

Awaitable<Result<clients::StoreFinding>> StoreFinder::try_one(
    RequestContext context, StoreTarget target
) {
    const SteadyTime begun = parts_.clock->steady_now();
    context = context.with_deadline(Deadline::after(begun, kPatience));
    const auto url = clients::parse_url(target.url);
    if (!url) {
        co_return url.error();
    }
    if (!url->userinfo.empty()) {
        co_return Error(
            ErrorKind::kInvalidArgument, "the URL must not hold a user name or password"
        );
    }
    auto loaded = settings(target, *url);
    if (!loaded) {
        co_return loaded.error();
    }
    TracingParts parts = parts_;
    parts.for_one_try = true;
    const auto configured = clients::parse_url(target_.internal_url);
    if (!configured || configured->host != url->host) {
        parts.may_connect = clients::is_safe_address;
        auto address = co_await safe_address(context, *url);
        if (!address) {
            co_return address.error();
        }
        parts.grpc_address = std::move(*address);
    }
    config::TracingTarget made = target_;
    made.enabled = true;
    made.integration = true;
    made.internal_url = target.url;
    made.transport = transport_of(target.transport);
    const auto one = std::make_shared<OneTry>();
    parts.governor = &one->governor;
    auto store = make_trace_store(*loaded, made, parts);
    if (!store) {
        co_return store.error();
    }
    one->store = std::move(*store);
    auto names = co_await one->store->services(context);
    if (!names) {
        co_return names.error();
    }
    clients::StoreFinding found;
    found.protocol = one->store->state().protocol;
    found.services = std::move(*names);
    found.latency =
        std::chrono::duration_cast<std::chrono::microseconds>(parts_.clock->steady_now() - begun);
    co_return found;
}

}  // namespace meshscope::app
