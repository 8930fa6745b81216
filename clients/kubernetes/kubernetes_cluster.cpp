#include "clients/kubernetes/kubernetes_cluster.hpp"

#include "async/fan_out.hpp"
#include "async/pause.hpp"
#include "async/task_group.hpp"
#include "async/with_deadline.hpp"
#include "clients/kubernetes/api_fault.hpp"
#include "clients/kubernetes/api_gate.hpp"
#include "clients/kubernetes/caller_calls.hpp"
#include "clients/kubernetes/decode.hpp"
#include "clients/kubernetes/kind_states.hpp"
#include "clients/kubernetes/list_pages.hpp"
#include "clients/kubernetes/named_namespaces.hpp"
#include "clients/kubernetes/object_store.hpp"
#include "clients/kubernetes/reflector.hpp"
#include "core/large_memory.hpp"
#include "core/text.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <mutex>
#include <utility>

namespace meshscope::clients::kubernetes {
namespace asio = boost::asio;
using Millis = std::chrono::milliseconds;

namespace {

constexpr std::size_t kOrphansAtOnce = 8;
constexpr std::size_t kMostOrphans = 200;  // between two snapshots
constexpr std::size_t kPadding = 64;
constexpr std::uint64_t kSweepEvery = 64;  // snapshots
constexpr int kBuildShare = 50;            // the building takes about a fiftieth of the time
constexpr std::chrono::seconds kLongestPause{5};

// Kinds of which the names are enough while they are no workloads.
Resource as_needed(Resource resource, const models::DiscoveryRules& rules) {
    const bool may_be_workload = resource.kind == "Job" || resource.kind == "CronJob" ||
                                 resource.kind == "ReplicationController";
    if (may_be_workload && !rules.excluded_kinds.contains(resource.kind)) {
        resource.detail = Detail::kWhole;
    }
    return resource;
}

models::ClusterSnapshotPtr nothing_known(std::string cluster) {
    auto snapshot = std::make_shared<models::ClusterSnapshot>();
    snapshot->cluster = std::move(cluster);
    return snapshot;
}

}  // namespace

struct KubernetesCluster::Impl {
    Impl(KubernetesOptions options_in, Governor& governor, const Clock& clock_in)
        : options(std::move(options_in)),
          clock(clock_in),
          api(options.connection, clock, options.on_warning),
          calls(api, governor, options.call_timeout),
          snapshot(nothing_known(cluster_name())) {}

    // What exists while run() does, on its thread.
    struct Running {
        Running(const Impl& impl, Executor executor, std::function<void(const ApiGate::Seen&)> seen)
            : gate(impl.api, impl.options.patience, std::move(seen)),
              store(impl.options.rules),
              dirty(executor) {
            store.set_cluster(impl.cluster_name());
        }
        ApiGate gate;
        Interner interner;
        ObjectStore store;
        KindStates kinds;
        SteadyTimer dirty;  // cancelled when there is something to publish
        bool is_dirty = false;
        std::optional<SystemTime> last_event;
        std::uint64_t published = 0;
        std::uint64_t lists = 0;  // whole ones, when it was tidied up last

        void touch() {
            is_dirty = true;
            dirty.cancel();
        }
    };

    const KubernetesOptions options;
    const Clock& clock;
    ApiClient api;
    const CallerCalls calls;
    mutable std::mutex mutex;
    models::ClusterSnapshotPtr snapshot;
    ClusterState state;
    std::optional<SystemTime> behind_since;

    [[nodiscard]] std::string cluster_name() const {
        return options.cluster_name.empty() ? "Kubernetes" : options.cluster_name;
    }
    [[nodiscard]] Reflector::Parts parts_for(
        Running& running, const Resource& resource, const std::string& ns
    );
    void start(Running& running, TaskGroup& tasks);
    void warn_of(
        const Resource& resource, const std::string& ns, const FeedState& feed, std::string& said
    ) const;
    void note_gate(const ApiGate::Seen& seen);
    static std::vector<KindState> kinds_of(const Running& running);
    void note_worse(const Running& running);
    void publish(Running& running);
    static void tidy(Running& running, const ClusterState& now);
    Awaitable<> fetch_orphans(Running& running);
    Awaitable<bool> fetch_whole(Running& running, Resource resource, models::ObjectMeta meta);
    Awaitable<> publish_until_cancelled(Running& running);
};

Reflector::Parts KubernetesCluster::Impl::parts_for(
    Running& running, const Resource& resource, const std::string& ns
) {
    running.kinds.expect(resource, ns);
    Reflector::Parts parts;
    parts.api = &api;
    parts.gate = &running.gate;
    parts.store = &running.store;
    parts.interner = &running.interner;
    parts.on_state = [this, &running, resource, ns, said = std::string()](const FeedState& feed
                     ) mutable {
        running.kinds.set(resource, ns, feed);
        warn_of(resource, ns, feed, said);
        note_worse(running);
        running.touch();
    };
    parts.on_change = [this, &running] {
        running.last_event = clock.now();
        running.touch();
    };
    return parts;
}

// A kind that the server's account may not read, or that is refused otherwise, is the operator's to
// know; once, until it is read again.
void KubernetesCluster::Impl::warn_of(
    const Resource& resource, const std::string& ns, const FeedState& feed, std::string& said
) const {
    if (feed.state == KindState::State::kCurrent) {
        said.clear();
        return;
    }
    const bool is_news = feed.refused && feed.state != KindState::State::kAbsent &&
                         feed.reason != said && options.on_warning;
    if (is_news) {
        said = feed.reason;
        const std::string where = ns.empty() ? "" : " of the namespace " + ns;
        options.on_warning(name_of(resource) + where + " cannot be read: " + feed.reason);
    }
}

void KubernetesCluster::Impl::start(Running& running, TaskGroup& tasks) {
    tasks.spawn("gate", [&running] { return running.gate.run(); });
    for (const Resource& listed : resources()) {
        const Resource resource = as_needed(listed, options.rules);
        if (!resource.namespaced && !options.only_namespaces.empty()) {
            const auto names = std::make_shared<NamedNamespaces>(
                resource,
                options.only_namespaces,
                options.patience,
                parts_for(running, resource, "")
            );
            tasks.spawn(name_of(resource), [names] { return names->run(); });
            continue;
        }
        std::vector<std::string> spaces = options.only_namespaces;
        if (spaces.empty()) {
            spaces.emplace_back();
        }
        for (const std::string& ns : spaces) {
            const auto reflector = std::make_shared<Reflector>(
                resource, ns, options.patience, parts_for(running, resource, ns)
            );
            tasks.spawn(name_of(resource) + " " + ns, [reflector] { return reflector->run(); });
        }
    }
}

void KubernetesCluster::Impl::note_gate(const ApiGate::Seen& seen) {
    using Reach = ClusterState::Reachability;
    ClusterState told;
    bool changed = false;
    {
        const std::scoped_lock lock(mutex);
        const Reach reach = seen.open ? Reach::kReachable : Reach::kUnreachable;
        changed = state.reachability != reach;
        state.reachability = reach;
        state.version = seen.version;
        state.reason = seen.open ? std::nullopt : seen.reason;
        state.latency = seen.latency;
        state.last_success = seen.last_success;
        state.last_probe = seen.last_probe;
        told = state;
    }
    if (changed && options.on_change) {
        options.on_change(told);
    }
}

std::vector<KindState> KubernetesCluster::Impl::kinds_of(const Running& running) {
    std::vector<KindState> all = running.kinds.kinds();
    for (const Resource& resource : resources()) {
        const auto kind = std::ranges::find(all, name_of(resource), &KindState::resource);
        if (kind != all.end()) {
            kind->objects = running.store.count(resource);
        }
    }
    return all;
}

// What has become worse is told at once; what has become better only with the snapshot that holds
// it.
void KubernetesCluster::Impl::note_worse(const Running& running) {
    std::vector<KindState> all = kinds_of(running);
    const std::optional<SystemTime> behind = running.kinds.behind_since();
    const std::scoped_lock lock(mutex);
    for (KindState& kind : all) {
        if (kind.state != KindState::State::kCurrent && kind.state != KindState::State::kPolling) {
            continue;
        }
        const auto told = std::ranges::find(state.kinds, kind.resource, &KindState::resource);
        if (told != state.kinds.end()) {
            told->lists = kind.lists;
            told->objects = kind.objects;
            kind = *told;
        } else {
            kind.state = KindState::State::kSyncing;
        }
    }
    state.kinds = std::move(all);
    if (behind && (!behind_since || *behind < *behind_since)) {
        behind_since = behind;
    }
}

// The first snapshot holds all kinds that are demanded; who sees `synced` finds it.
void KubernetesCluster::Impl::publish(Running& running) {
    std::vector<KindState> kinds = kinds_of(running);
    if (!running.kinds.synced()) {
        const std::scoped_lock lock(mutex);
        state.kinds = std::move(kinds);
        return;
    }
    const bool first = running.published++ == 0;
    models::ClusterSnapshotPtr built =
        first || running.store.changed() ? running.store.publish(clock.now()) : nullptr;
    ClusterState told;
    {
        const std::scoped_lock lock(mutex);
        if (built) {
            snapshot.swap(built);
        }
        state.synced = true;
        state.kinds = std::move(kinds);
        state.last_event = running.last_event;
        behind_since = running.kinds.behind_since();
        told = state;
    }
    built.reset();
    tidy(running, told);
    if (first && options.on_change) {
        options.on_change(told);
    }
}

// Whole lists leave free memory behind: their pages, and what the snapshot before was made of.
void KubernetesCluster::Impl::tidy(Running& running, const ClusterState& now) {
    std::uint64_t lists = 0;
    for (const KindState& kind : now.kinds) {
        lists += kind.lists;
    }
    if (std::exchange(running.lists, lists) != lists) {
        forget_long_pages();
        give_free_memory_back();
    }
    if (running.published % kSweepEvery == 0) {
        running.interner.sweep();
    }
}

Awaitable<bool> KubernetesCluster::Impl::fetch_whole(
    Running& running, Resource resource, models::ObjectMeta meta
) {
    ApiRequest request;
    request.target =
        list_path(resource, resource.version, meta.ns) + "/" + percent_encode(meta.name);
    request.as_server = true;
    RequestContext context;
    context.priority = Priority::kBackground;
    context.deadline = Deadline::after(std::chrono::steady_clock::now(), options.patience.call_for);
    Result<HttpResponse> response = co_await api.call(std::move(context), std::move(request));
    if (response && response->status == 200 && !response->incomplete) {
        response->body.reserve(response->body.size() + kPadding);
        resource.detail = Detail::kWhole;
        Result<Decoded> whole = decode_object(resource, response->body, running.interner);
        if (whole) {
            running.store.put(resource, std::move(*whole), clock.now());
        }
    }
    co_return true;
}

// Controllers without an owner are workloads themselves: their templates are needed.
Awaitable<> KubernetesCluster::Impl::fetch_orphans(Running& running) {
    for (const Resource& resource : resources()) {
        if (resource.detail != Detail::kMetadata || !resource.namespaced) {
            continue;
        }
        const auto orphans = std::make_shared<std::vector<models::ObjectMeta>>(
            running.store.take_orphans(resource, kMostOrphans)
        );
        if (orphans->empty()) {
            continue;
        }
        std::function<Awaitable<bool>(std::size_t)> fetch =
            [this, &running, resource, orphans](std::size_t i) {
                return fetch_whole(running, resource, (*orphans)[i]);
            };
        co_await fan_out(orphans->size(), kOrphansAtOnce, std::move(fetch));
    }
}

Awaitable<> KubernetesCluster::Impl::publish_until_cancelled(Running& running) {
    for (;;) {
        while (!running.is_dirty) {
            running.dirty.expires_at(SteadyTime::max());
            boost::system::error_code woken;
            co_await running.dirty.async_wait(asio::redirect_error(use_awaitable, woken));
            const bool cancelled = co_await is_cancelled();
            if (cancelled) {
                co_return;
            }
        }
        running.is_dirty = false;
        co_await fetch_orphans(running);
        const bool stopped = co_await is_cancelled();
        if (stopped) {
            co_return;
        }
        const SteadyTime begun = std::chrono::steady_clock::now();
        publish(running);
        if (running.published == 0) {
            continue;  // the first snapshot waits for nothing but its lists
        }
        const auto took = std::chrono::ceil<Millis>(std::chrono::steady_clock::now() - begun);
        const bool rested = co_await pause_for(pause_after_build(options.publish_every, took));
        if (!rested) {
            co_return;
        }
    }
}

Millis pause_after_build(Millis least, Millis build) {
    return std::max<Millis>(least, std::min<Millis>(kBuildShare * build, kLongestPause));
}

KubernetesCluster::KubernetesCluster(
    KubernetesOptions options, Governor& governor, const Clock& clock
)
    : impl_(std::make_shared<Impl>(std::move(options), governor, clock)) {}

KubernetesCluster::~KubernetesCluster() = default;

Awaitable<> KubernetesCluster::run() {
    const std::shared_ptr<Impl> impl = impl_;
    const Executor executor = co_await asio::this_coro::executor;
    std::function<void(const ApiGate::Seen&)> seen = [raw = impl.get()](const ApiGate::Seen& what) {
        raw->note_gate(what);
    };
    const auto running = std::make_unique<Impl::Running>(*impl, executor, std::move(seen));
    TaskGroup::OnException on_exception = [impl](const std::string& task, std::exception_ptr) {
        if (impl->options.on_warning) {
            impl->options.on_warning("the watch of " + task + " has ended by an exception");
        }
    };
    TaskGroup tasks(executor, std::move(on_exception));
    impl->start(*running, tasks);
    co_await impl->publish_until_cancelled(*running);
    tasks.cancel();
    co_await tasks.join(Deadline::never());
}

models::ClusterSnapshotPtr KubernetesCluster::snapshot() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->snapshot;
}

ClusterState KubernetesCluster::state() const {
    const std::scoped_lock lock(impl_->mutex);
    ClusterState state = impl_->state;
    if (state.synced) {
        SystemTime current = impl_->behind_since.value_or(impl_->clock.now());
        if (state.reachability == ClusterState::Reachability::kUnreachable && state.last_success) {
            current = std::min(current, *state.last_success);
        }
        state.current_at = current;
    }
    return state;
}

Awaitable<Result<models::Pod>> KubernetesCluster::pod(
    RequestContext context, std::string ns, std::string name
) {
    return impl_->calls.pod(std::move(context), std::move(ns), std::move(name));
}

Awaitable<Result<LogEnd>> KubernetesCluster::read_log(
    RequestContext context, LogQuery query, std::shared_ptr<LogSink> sink
) {
    return impl_->calls.read_log(std::move(context), std::move(query), std::move(sink));
}

Awaitable<Result<TokenOwner>> KubernetesCluster::review_token(
    RequestContext context, std::string token
) {
    return impl_->calls.review_token(std::move(context), std::move(token));
}

Awaitable<Result<AccessAnswer>> KubernetesCluster::may_i(
    RequestContext context, AccessQuestion question
) {
    return impl_->calls.may_i(std::move(context), std::move(question));
}

Awaitable<Result<AccessRules>> KubernetesCluster::my_rules(RequestContext context, std::string ns) {
    return impl_->calls.my_rules(std::move(context), std::move(ns));
}

}  // namespace meshscope::clients::kubernetes
