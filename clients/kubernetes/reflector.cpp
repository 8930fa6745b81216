#include "clients/kubernetes/reflector.hpp"

#include "async/fan_out.hpp"
#include "async/pause.hpp"
#include "async/with_deadline.hpp"
#include "clients/http/retry_after.hpp"
#include "clients/kubernetes/discovery.hpp"
#include "clients/kubernetes/list_pages.hpp"
#include "clients/kubernetes/next_step.hpp"
#include "clients/kubernetes/watch_call.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <utility>

namespace meshscope::clients::kubernetes {
using Millis = std::chrono::milliseconds;
using Kept = KindState::State;

namespace {

Millis at_random(Millis least, Millis most) {
    const auto more = static_cast<double>((most - least).count()) * random_jitter();
    return least + Millis(static_cast<std::int64_t>(more));
}

RequestContext own_context(Millis most) {
    RequestContext context;
    context.priority = Priority::kBackground;
    context.deadline = Deadline::after(std::chrono::steady_clock::now(), most);
    return context;
}

std::string reason_of(const Outcome& outcome) {
    if (outcome.error) {
        return outcome.error->message();
    }
    if (outcome.fault) {
        const ApiFault& fault = *outcome.fault;
        return "status " + std::to_string(fault.http) +
               (fault.message.empty() ? "" : ": " + fault.message);
    }
    if (!outcome.problem.empty()) {
        return outcome.problem;
    }
    if (outcome.broken) {
        return "the watch sent something that is no event, or one that is too large";
    }
    if (outcome.error_event != 0 || outcome.bare_error_event) {
        return "the watch ended with error " + std::to_string(outcome.error_event);
    }
    return "watches end at once";
}

}  // namespace

struct Reflector::State {
    State(Resource resource_in, std::string ns_in, const Patience& patience_in, Parts parts_in)
        : resource(resource_in),
          ns(std::move(ns_in)),
          patience(patience_in),
          parts(std::move(parts_in)),
          version(resource.version) {}

    const Resource resource;
    const std::string ns;
    const Patience patience;
    const Parts parts;
    std::string version;          // of the group, as it is served
    std::set<std::string> tried;  // versions that the server does not have
    std::string resource_version;
    FeedState feed;
    int failures = 0;  // in a row

    [[nodiscard]] SystemTime now() const { return parts.api->clock().now(); }
    [[nodiscard]] std::string path() const { return list_path(resource, version, ns); }
    [[nodiscard]] Kept behind() const { return feed.lists > 0 ? Kept::kStale : Kept::kSyncing; }
    void become(Kept state, std::string reason);
    void heed_gate();
    void take_event(WatchEvent event);
    void forget();

    struct PageInHand;
    Awaitable<Result<HttpResponse>> ask(std::string target);
    Awaitable<> read_page(const std::string& body, PageInHand& hand);
    Awaitable<Outcome> list();
    Awaitable<Outcome> watch();
    Awaitable<bool> find_version();
    Awaitable<bool> rest(const Outcome& outcome, NextStep next);
};

void Reflector::State::become(Kept state, std::string reason) {
    const bool current = state == Kept::kCurrent;
    if (current) {
        feed.behind_since.reset();
    } else if (state == Kept::kPolling || (feed.state == Kept::kCurrent && !feed.behind_since)) {
        feed.behind_since = now();
    }
    feed.state = state;
    feed.reason = std::move(reason);
    parts.on_state(feed);
}

// That the server is not reached holds for each kind that waits for it, whoever found it out.
void Reflector::State::heed_gate() {
    const ApiGate::Seen& seen = parts.gate->seen();
    if (!seen.open && seen.reason) {
        feed.refused = false;
        become(behind(), seen.reason->message());
    }
}

void Reflector::State::take_event(WatchEvent event) {
    if (event.type == WatchEvent::Type::kDeleted) {
        parts.store->remove(resource, *event.object->meta, now());
    } else {
        parts.store->put(resource, std::move(*event.object), now());
    }
    parts.on_change();
}

void Reflector::State::forget() {
    if (ns.empty()) {
        parts.store->drop_kind(resource);
    } else {
        parts.store->replace(resource, ns, {}, now());
    }
    parts.on_change();
}

Awaitable<Result<HttpResponse>> Reflector::State::ask(std::string target) {
    ApiRequest request;
    request.target = std::move(target);
    request.accept = list_accept(resource.detail);
    request.as_server = true;
    RequestContext context = own_context(patience.call_for);
    co_return co_await parts.api->call(std::move(context), std::move(request));
}

// A page that is being read, and the one behind it, which is asked for before that.
struct Reflector::State::PageInHand {
    std::string next_target;
    std::optional<Result<HttpResponse>> next;
    std::optional<Result<ListPage>> page;
};

Awaitable<> Reflector::State::read_page(const std::string& body, PageInHand& hand) {
    std::function<Awaitable<bool>(std::size_t)> task = [&](std::size_t number) -> Awaitable<bool> {
        if (number == 0 && !hand.next_target.empty()) {
            hand.next = co_await ask(hand.next_target);
        } else if (number == 1) {
            hand.page = decode_list(resource, body, *parts.interner);
        }
        co_return true;
    };
    co_await fan_out(2, 2, std::move(task));
}

// A whole list into the store. An outcome without fault, error and problem is success.
Awaitable<Outcome> Reflector::State::list() {
    ListPages pages(path(), patience);
    Outcome outcome;
    outcome.listing = true;
    PageInHand hand;
    for (auto then = ListPages::Then::kMore; then != ListPages::Then::kDone;) {
        std::string target = pages.target();
        std::optional<Result<HttpResponse>> asked = std::exchange(hand.next, std::nullopt);
        if (!asked || hand.next_target != target) {
            asked = co_await ask(std::move(target));
        }
        Result<HttpResponse>& response = *asked;
        if (!response || response->incomplete) {
            outcome.error = response ? *response->incomplete : response.error();
            co_return outcome;
        }
        if (auto fault = fault_of(*response, now())) {
            const bool expired = fault->http == 410;
            then = expired ? pages.expire() : ListPages::Then::kFailed;
            if (!expired) {
                outcome.fault = std::move(fault);
                co_return outcome;
            }
        } else {
            hand.next_target = pages.target_behind(response->body);
            co_await read_page(response->body, hand);
            if (!hand.page) {
                outcome.problem = "the list was left";  // cancelled
                co_return outcome;
            }
            Result<ListPage> page = std::move(*hand.page);
            hand.page.reset();
            if (!page) {
                outcome.problem = page.error().message();
                co_return outcome;
            }
            then = pages.take(std::move(*page));
        }
        if (then == ListPages::Then::kFailed) {
            outcome.problem = pages.problem();
            co_return outcome;
        }
    }
    parts.store->replace(resource, ns, pages.take_items(), now());
    resource_version = pages.resource_version();
    feed.dropped += pages.dropped();
    ++feed.lists;
    parts.on_change();
    co_return outcome;
}

Awaitable<Outcome> Reflector::State::watch() {
    const Millis asked = at_random(patience.watch_for, 2 * patience.watch_for);
    const auto seconds =
        std::max<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(asked).count(), 1);
    ApiRequest request;
    request.target = path() + "?watch=1&resourceVersion=" + percent_encode(resource_version) +
                     "&allowWatchBookmarks=true&timeoutSeconds=" + std::to_string(seconds);
    request.accept = object_accept(resource.detail);
    request.as_server = true;
    WatchSink::Parts sinks;
    sinks.resource = &resource;
    sinks.interner = parts.interner;
    sinks.resource_version = &resource_version;
    sinks.on_begin = [this] {
        ++feed.watches;
        become(Kept::kCurrent, "");
    };
    sinks.on_event = [this](WatchEvent event) { take_event(std::move(event)); };
    const auto sink = std::make_shared<WatchSink>(std::move(sinks));
    const SteadyTime begun = std::chrono::steady_clock::now();
    RequestContext context = own_context(std::chrono::seconds(seconds) + patience.watch_slack);
    Result<HttpResponse> response =
        co_await parts.api->stream(std::move(context), std::move(request), sink, patience.silence);
    Outcome outcome;
    outcome.lasted = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begun);
    sink->describe(outcome);
    feed.dropped += sink->dropped();
    if (!response) {
        outcome.error = response.error();
    } else if (!sink->begun()) {
        outcome.fault = fault_of(*response, now());
    } else if (response->incomplete) {
        outcome.stalled = response->incomplete->code() == kStalledCode;
    }
    co_return outcome;
}

// Another version of the group that is served and was not tried yet.
Awaitable<bool> Reflector::State::find_version() {
    if (resource.group.empty()) {
        co_return false;
    }
    tried.insert(version);
    ApiRequest request;
    request.target = "/apis/" + std::string(resource.group);
    request.as_server = true;
    RequestContext context = own_context(patience.call_for);
    Result<HttpResponse> response =
        co_await parts.api->call(std::move(context), std::move(request));
    std::vector<std::string> served;
    if (response && response->status == 200) {
        served = served_versions(std::move(response->body));
    }
    for (std::string& candidate : served) {
        if (!tried.contains(candidate)) {
            version = std::move(candidate);
            co_return true;
        }
    }
    tried.clear();
    version = resource.version;
    co_return false;
}

// Says how the kind stands now and waits as long as that asks for; false when cancelled.
Awaitable<bool> Reflector::State::rest(const Outcome& outcome, NextStep next) {
    feed.refused = outcome.fault.has_value();
    switch (next) {
        case NextStep::kResume:
            failures = 0;
            co_return true;
        case NextStep::kList:
            if (failures < 2) {
                co_return true;
            }
            break;
        case NextStep::kWaitForGate:
            parts.gate->close(*outcome.error);
            co_return true;
        case NextStep::kAbsent:
            forget();
            become(Kept::kAbsent, "the API server does not have " + std::string(resource.plural));
            co_return co_await pause_for(patience.absent_again);
        case NextStep::kForbidden:
            // A server that has just started may not know its roles yet: only the second refusal
            // in a row takes what was seen before.
            if (feed.state == Kept::kForbidden) {
                forget();
            }
            become(Kept::kForbidden, reason_of(outcome));
            co_return co_await pause_for(patience.forbidden_again);
        case NextStep::kPoll:
            become(Kept::kPolling, reason_of(outcome));
            co_return co_await pause_for(at_random(patience.poll_every, 2 * patience.poll_every));
        case NextStep::kResumeLater:
        case NextStep::kListLater:
            break;
    }
    become(behind(), reason_of(outcome));
    co_return co_await pause_for(pause_after(outcome, failures, patience, random_jitter()));
}

Reflector::Reflector(Resource resource, std::string ns, const Patience& patience, Parts parts)
    : state_(std::make_shared<State>(resource, std::move(ns), patience, std::move(parts))) {}

Awaitable<> Reflector::run() {
    const std::shared_ptr<State> self = state_;
    bool listing = true;
    for (;;) {
        self->heed_gate();
        const bool open = co_await self->parts.gate->pass();
        if (!open) {
            co_return;
        }
        Outcome outcome;
        if (listing) {
            outcome = co_await self->list();
        } else {
            outcome = co_await self->watch();
        }
        const bool cancelled = co_await is_cancelled();
        if (cancelled) {
            co_return;
        }
        if (listing && outcome.is_good_list()) {
            listing = false;
            if (self->feed.state != Kept::kPolling) {
                self->become(Kept::kCurrent, "");
            } else {
                self->become(Kept::kPolling, self->feed.reason);
            }
            continue;
        }
        if (outcome.lasted >= self->patience.healthy_after) {
            self->failures = 0;
        }
        const NextStep next = next_step(outcome, self->failures, self->patience);
        if (next == NextStep::kAbsent) {
            const bool found = co_await self->find_version();
            if (found) {
                listing = true;
                continue;
            }
        }
        // What the gate has waited for is over when it opens: no reason to rest once more.
        self->failures += next == NextStep::kWaitForGate ? 0 : 1;
        const bool goes_on = co_await self->rest(outcome, next);
        if (!goes_on) {
            co_return;
        }
        listing = next == NextStep::kWaitForGate
                      ? outcome.listing
                      : next != NextStep::kResume && next != NextStep::kResumeLater;
    }
}

}  // namespace meshscope::clients::kubernetes
