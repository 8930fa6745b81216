#include "business/diagnose.hpp"

#include "async/fan_out.hpp"
#include "async/with_deadline.hpp"
#include "business/store_url.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace meshscope::business {

namespace {

using clients::StoreFinding;
using clients::StoreTarget;

constexpr std::size_t kParallel = 8;
constexpr std::chrono::seconds kPatience{10};

bool over_grpc(const StoreFinding& found) { return found.protocol.starts_with("grpc"); }

std::string test_of(const StoreTarget& target) {
    const bool grpc = target.transport == StoreTarget::Transport::kGrpc;
    const bool either = target.transport == StoreTarget::Transport::kGrpcThenHttp;
    std::string text = either ? "gRPC, then HTTP" : grpc ? "gRPC" : "HTTP";
    text += " at " + target.url;
    return target.with == StoreTarget::With::kConfigured ? text + " with the configured credentials"
                                                         : text;
}

// Nothing else at this host and port will answer either.
bool is_out_of_reach(const Error& error) {
    switch (error.cause()) {
        case Cause::kDns:
        case Cause::kRefused:
        case Cause::kNoRoute:
        case Cause::kSilent:
            return true;
        default:
            return error.kind() == ErrorKind::kForbidden || error.kind() == ErrorKind::kDeadline ||
                   error.kind() == ErrorKind::kCancelled;
    }
}

// Kubernetes' names end in the namespace: "reviews.bookinfo".
bool names_namespaces(const std::vector<std::string>& services) {
    return std::any_of(services.begin(), services.end(), [](const std::string& name) {
        return name.find('.') != std::string::npos;
    });
}

std::string outcome_of(const StoreFinding& found) {
    return "works: " + found.protocol + ", " + std::to_string(found.services.size()) + " services";
}

}  // namespace

std::optional<Error> Diagnose::refuse(const Caller& caller) const {
    if (!parts_.access->sees_all(caller)) {
        return Error(
            ErrorKind::kForbidden, "only callers with rights to the whole mesh may try settings"
        );
    }
    if (disabled()) {
        return Error(ErrorKind::kUnavailable, "tracing is disabled in the configuration")
            .with_code("tracing_disabled");
    }
    return std::nullopt;
}

ValidSettings Diagnose::valid(const StoreTarget& target, const StoreFinding& found) const {
    ValidSettings out;
    out.url = target.url;
    out.use_grpc = over_grpc(found);
    out.protocol = found.protocol;
    out.services = found.services.size();
    // What an empty store would call its services is not known: the default stays.
    out.namespace_selector = found.services.empty() || names_namespaces(found.services);
    if (found.services.empty()) {
        out.warning = "the store knows no service yet";
    }
    const bool configured = target.with == StoreTarget::With::kConfigured;
    out.auth_type = configured                                 ? parts_.setup.auth_type
                    : target.with == StoreTarget::With::kGiven ? target.given.auth_type
                                                               : "";
    out.yaml =
        to_yaml({out.url, parts_.setup.url_key, out.use_grpc, out.namespace_selector, out.auth_type}
        );
    return out;
}

Awaitable<> Diagnose::try_place(
    RequestContext context,
    const PlannedPlace& place,
    std::vector<DiagnosisLine>& lines,
    std::vector<ValidSettings>& works
) const {
    for (const StoreTarget& target : place.tries) {
        const bool cancelled = co_await is_cancelled();
        if (cancelled) {
            co_return;
        }
        auto found = co_await parts_.finder->try_one(context, target);
        DiagnosisLine line{test_of(target), "", parts_.clock->now()};
        if (found) {
            line.result = outcome_of(*found);
            lines.push_back(std::move(line));
            works.push_back(valid(target, *found));
            co_return;
        }
        line.result = found.error().message();
        lines.push_back(std::move(line));
        if (is_out_of_reach(found.error())) {
            co_return;
        }
    }
}

Awaitable<Result<Diagnosis>> Diagnose::run(RequestContext context) const {
    if (auto refused = refuse(context.caller)) {
        co_return std::move(*refused);
    }
    const models::ClusterSnapshotPtr cluster =
        parts_.cluster == nullptr ? nullptr : parts_.cluster->snapshot();
    const std::vector<PlannedPlace> places = plan_diagnosis(parts_.setup, cluster.get());
    if (places.empty()) {
        co_return Error(
            ErrorKind::kUnavailable,
            "no internal URL of the tracing backend is configured and no service of the cluster "
            "looks like Jaeger"
        )
            .with_hint(
                {"external_services.tracing.internal_url",
                 "set it to the address of Jaeger's query service as seen from this server"}
            );
    }
    context = context.with_deadline(Deadline::after(parts_.clock->steady_now(), kPatience));
    std::vector<std::vector<DiagnosisLine>> lines(places.size());
    std::vector<std::vector<ValidSettings>> works(places.size());
    std::function<Awaitable<bool>(std::size_t)> one = [&](std::size_t i) -> Awaitable<bool> {
        if (context.deadline.passed(parts_.clock->steady_now())) {
            co_return true;
        }
        co_await try_place(context, places[i], lines[i], works[i]);
        co_return true;
    };
    co_await fan_out(places.size(), kParallel, std::move(one));
    const bool gone = co_await is_cancelled();
    if (gone) {
        co_return Error(ErrorKind::kCancelled, "the request was cancelled");
    }
    Diagnosis out;
    for (std::size_t i = 0; i < places.size(); ++i) {
        out.out_of_time = out.out_of_time || lines[i].empty();
        std::move(lines[i].begin(), lines[i].end(), std::back_inserter(out.lines));
        std::move(works[i].begin(), works[i].end(), std::back_inserter(out.valid));
    }
    co_return out;
}

Awaitable<Result<CheckResult>> Diagnose::check(RequestContext context, CheckedSettings settings)
    const {
    if (auto refused = refuse(context.caller)) {
        co_return std::move(*refused);
    }
    const auto url = read_store_url(settings.target.url);
    if (!url) {
        co_return Error(
            ErrorKind::kInvalidArgument,
            "internalURL must be an http or https URL without query and fragment"
        );
    }
    if (settings.target.with == StoreTarget::With::kConfigured) {
        const auto configured = read_store_url(parts_.setup.url);
        if (!configured || !configured->same_place(*url)) {
            co_return Error(
                ErrorKind::kForbidden,
                "a masked secret stands for the stored one, which is sent only to the configured "
                "scheme, host and port"
            );
        }
    }
    auto found = co_await parts_.finder->try_one(context, settings.target);
    CheckResult out;
    if (found) {
        out.works = valid(settings.target, *found);
        co_return out;
    }
    const ErrorKind kind = found.error().kind();
    if (kind == ErrorKind::kForbidden || kind == ErrorKind::kInvalidArgument ||
        kind == ErrorKind::kCancelled) {
        co_return found.error();
    }
    out.error = found.error();
    co_return out;
}

}  // namespace meshscope::business
