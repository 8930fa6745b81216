#include "business/health.hpp"

#include "async/fan_out.hpp"
#include "business/no_metrics.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace meshscope::business {

namespace {

using std::chrono::seconds;

constexpr std::string_view kRateAnnotation = "health.kiali.io/rate";
constexpr seconds kKeepFailure{5};
constexpr seconds kGrid{5};  // looks of one moment ask the same, and are joined by the store
constexpr seconds kLongest = std::chrono::hours(24);

std::string_view annotation(const models::LabelSet& annotations) {
    return models::label(annotations, kRateAnnotation);
}

}  // namespace

struct HealthView::Look {
    HealthRates rates;
    std::optional<Error> error;  // why nothing is known of requests
    bool off = false;            // there are no metrics
    SystemTime at;               // that the rates are of
    SystemTime asked_at;
    std::set<std::string> warnings;
};

models::Replicas replicas_of(const models::Workload& workload) {
    return {workload.desired, workload.current, workload.available};
}

bool HealthView::known() const { return !look_->error; }

ObjectHealth HealthView::of(const models::Workload& workload) const {
    const models::RequestRates& rates = look_->rates.of_workload(workload.ns, workload.name);
    const Tolerances tolerances =
        rules_.of(workload.ns, "workload", workload.name, annotation(*workload.annotations));
    const models::HealthStatus replicas = judge(replicas_of(workload));
    return {&rates, merged(tolerances.judge(rates), known(), {&replicas, 1})};
}

ObjectHealth HealthView::of(const AppItem& app) const {
    const models::RequestRates& rates = look_->rates.of_app(app.ns, app.name);
    std::vector<models::HealthStatus> replicas;
    for (const models::WorkloadPtr& workload : app.workloads) {
        replicas.push_back(judge(replicas_of(*workload)));
    }
    return {&rates, merged(rules_.of(app.ns, "app", app.name, "").judge(rates), known(), replicas)};
}

ObjectHealth HealthView::of(const ServiceItem& service) const {
    const bool external = service.service == nullptr;
    const models::RequestRates& rates =
        look_->rates.of_service(external ? "unknown" : service.ns, service.name);
    const Tolerances tolerances = rules_.of(
        service.ns,
        "service",
        service.name,
        external ? std::string_view() : annotation(*service.service->meta.annotations)
    );
    return {&rates, merged(tolerances.judge(rates), known(), {})};
}

std::optional<Error> HealthView::failure() const {
    return look_->off ? std::optional(no_metrics()) : look_->error;
}

void HealthView::describe(Meta& meta) const {
    if (look_->off) {
        meta.warn("requests_off", "metrics are switched off: health is of replicas alone");
        return;
    }
    if (look_->error) {
        meta.warn("requests_unknown", "requests are not known: " + look_->error->message());
        return;
    }
    const auto age = std::max(std::chrono::floor<seconds>(now_ - look_->at), seconds(0));
    if (cached_) {
        meta.warn("requests_kept", "requests are of " + std::to_string(age.count()) + " s ago");
    }
    if (shortened_) {
        meta.warn("interval_shortened", "requests are of one day: that is the longest interval");
    }
    for (const std::string& warning : look_->warnings) {
        meta.warn("metric_store", warning);
    }
}

MeshHealth::MeshHealth(Parts parts) : parts_(std::move(parts)) {}

MeshHealth::LookPtr MeshHealth::kept(SystemTime now) const {
    const std::scoped_lock lock(mutex_);
    if (last_ == nullptr) {
        return nullptr;
    }
    // A store that was out of reach is asked as soon as it has answered somebody since.
    const auto answered = parts_.store->state().last_success;
    if (last_->error && last_->error->kind() == ErrorKind::kUpstreamUnavailable && answered &&
        *answered > last_->asked_at) {
        return nullptr;
    }
    const std::chrono::nanoseconds keep = last_->error ? kKeepFailure : parts_.keep;
    return now >= last_->asked_at && now - last_->asked_at < keep ? last_ : nullptr;
}

Awaitable<MeshHealth::LookPtr> MeshHealth::ask(
    RequestContext context, std::vector<std::string> namespaces, SystemTime at, seconds interval
) const {
    auto look = std::make_shared<HealthView::Look>();
    look->at = at;
    look->asked_at = parts_.clock->now();
    const clients::MetricStoreState state = parts_.store->state();
    if (state.reachability == clients::MetricStoreState::Reachability::kUnreachable) {
        look->error =
            state.reason.value_or(Error(ErrorKind::kUpstreamUnavailable, "it is not reached"));
        co_return look;
    }
    const auto deadline = Deadline::after(parts_.clock->steady_now(), parts_.patience);
    const RequestContext bounded = context.with_deadline(deadline);
    const models::ClusterSnapshotPtr known =
        parts_.cluster == nullptr ? nullptr : parts_.cluster->snapshot();
    const HealthQueries queries = health_queries(
        namespaces,
        interval,
        known && !known->cluster.empty() ? known->cluster : parts_.home_cluster
    );
    std::array<clients::VectorAnswerPtr, 3> answers;
    std::function<Awaitable<bool>(std::size_t)> task = [&](std::size_t index) -> Awaitable<bool> {
        auto answer = co_await parts_.store->instant(bounded, queries[index], at);
        if (!answer) {
            look->error = look->error ? look->error : answer.error();
            co_return false;
        }
        look->warnings.insert((*answer)->warnings.begin(), (*answer)->warnings.end());
        answers[index] = std::move(*answer);
        co_return true;
    };
    const bool all = co_await fan_out(queries.size(), queries.size(), std::move(task));
    if (!all) {
        look->error = look->error.value_or(Error(ErrorKind::kCancelled, "the caller left"));
        co_return look;
    }
    // In a namespace younger than the interval requests were counted for as long as it is there.
    const HealthRates::Factor factor = [&](std::string_view ns) {
        const models::NamespaceView* view = known ? known->find(ns) : nullptr;
        const auto age = view == nullptr
                             ? interval
                             : std::chrono::floor<seconds>(at - view->object.meta.created);
        return age >= seconds(1) && age < interval
                   ? static_cast<double>(interval.count()) / static_cast<double>(age.count())
                   : 1.0;
    };
    look->rates =
        HealthRates::read({&answers[0]->data, &answers[1]->data, &answers[2]->data}, factor);
    co_return look;
}

Awaitable<HealthView> MeshHealth::look(RequestContext context, HealthQuery query) const {
    HealthView view;
    view.rules_ = parts_.rules;
    view.now_ = parts_.clock->now();
    if (parts_.store == nullptr) {
        auto off = std::make_shared<HealthView::Look>();
        off->off = true;
        view.look_ = std::move(off);
        co_return view;
    }
    const seconds wanted = query.interval.value_or(parts_.interval);
    const seconds interval = std::clamp(wanted, seconds(1), kLongest);
    view.shortened_ = interval < wanted;
    if (query.at || interval != parts_.interval) {
        const SystemTime at = query.at.value_or(std::chrono::floor<seconds>(view.now_));
        view.look_ = co_await ask(std::move(context), std::move(query.namespaces), at, interval);
        co_return view;
    }
    view.look_ = kept(view.now_);
    view.cached_ = view.look_ != nullptr;
    if (view.cached_) {
        co_return view;
    }
    const auto now = std::chrono::floor<seconds>(view.now_);
    const SystemTime at = now - now.time_since_epoch() % kGrid;
    view.look_ = co_await ask(std::move(context), {}, at, interval);
    // Who left has not found out anything.
    if (!view.look_->error || view.look_->error->kind() != ErrorKind::kCancelled) {
        const std::scoped_lock lock(mutex_);
        last_ = view.look_;
    }
    co_return view;
}

}  // namespace meshscope::business
