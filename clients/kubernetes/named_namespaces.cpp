#include "clients/kubernetes/named_namespaces.hpp"

#include "async/pause.hpp"
#include "async/with_deadline.hpp"
#include "clients/http/retry_after.hpp"
#include "clients/kubernetes/api_fault.hpp"
#include "clients/kubernetes/list_pages.hpp"
#include "core/text.hpp"

#include <utility>

namespace meshscope::clients::kubernetes {
using Millis = std::chrono::milliseconds;
using Kept = KindState::State;

namespace {

constexpr std::size_t kPadding = 64;

}  // namespace

struct NamedNamespaces::State {
    State(
        Resource resource_in,
        std::vector<std::string> names_in,
        const Patience& patience_in,
        Reflector::Parts parts_in
    )
        : resource(resource_in),
          names(std::move(names_in)),
          patience(patience_in),
          parts(std::move(parts_in)) {}

    const Resource resource;
    const std::vector<std::string> names;
    const Patience patience;
    const Reflector::Parts parts;
    FeedState feed;

    struct Found {
        std::vector<Decoded> objects;
        std::vector<std::string> forbidden;
        std::string refusal;  // the API server's words about the first of those
    };
    Awaitable<Result<Found>> ask();
    void note(Result<Found> found);
    void heed_gate();
};

// An error: not all could be asked for, what is known stays.
Awaitable<Result<NamedNamespaces::State::Found>> NamedNamespaces::State::ask() {
    Found found;
    for (const std::string& name : names) {
        ApiRequest request;
        request.target = list_path(resource, resource.version, "") + "/" + percent_encode(name);
        request.accept = object_accept(resource.detail);
        request.as_server = true;
        RequestContext context;
        context.priority = Priority::kBackground;
        context.deadline = Deadline::after(std::chrono::steady_clock::now(), patience.call_for);
        Result<HttpResponse> response =
            co_await parts.api->call(std::move(context), std::move(request));
        if (!response) {
            parts.gate->close(response.error());
            co_return response.error();
        }
        if (response->incomplete) {
            co_return *response->incomplete;
        }
        if (const auto fault = fault_of(*response, parts.api->clock().now())) {
            if (fault->http == 404 && fault->is_status) {
                continue;
            }
            if (fault->http == 403) {
                if (found.forbidden.empty()) {
                    found.refusal = error_of(*fault, name, false).message();
                }
                found.forbidden.push_back(name);
                continue;
            }
            co_return error_of(*fault, name, false);
        }
        response->body.reserve(response->body.size() + kPadding);
        Result<Decoded> one = decode_object(resource, response->body, *parts.interner);
        if (!one) {
            co_return one.error();
        }
        found.objects.push_back(std::move(*one));
    }
    co_return found;
}

void NamedNamespaces::State::note(Result<Found> found) {
    const SystemTime now = parts.api->clock().now();
    feed.refused = found && !found->forbidden.empty();
    if (found) {
        // None that may be read is no cluster without namespaces.
        const bool nothing = found->objects.empty() && feed.refused;
        feed.state = nothing ? Kept::kForbidden : Kept::kPolling;
        feed.reason = feed.refused ? std::move(found->refusal) : "asked for one by one";
        feed.forbidden = std::move(found->forbidden);
        parts.store->replace(resource, "", std::move(found->objects), now);
        ++feed.lists;
        feed.behind_since.reset();
        parts.on_change();
    } else {
        feed.state = feed.lists > 0 ? Kept::kStale : Kept::kSyncing;
        feed.reason = found.error().message();
        feed.behind_since = feed.behind_since.value_or(now);
    }
    parts.on_state(feed);
}

// As a reflector does: who waits for the API server knows that it is behind.
void NamedNamespaces::State::heed_gate() {
    const ApiGate::Seen& seen = parts.gate->seen();
    if (!seen.open && seen.reason) {
        note(*seen.reason);
    }
}

NamedNamespaces::NamedNamespaces(
    Resource resource,
    std::vector<std::string> names,
    const Patience& patience,
    Reflector::Parts parts
)
    : state_(std::make_shared<State>(resource, std::move(names), patience, std::move(parts))) {}

Awaitable<> NamedNamespaces::run() {
    const std::shared_ptr<State> self = state_;
    for (;;) {
        self->heed_gate();
        const bool open = co_await self->parts.gate->pass();
        if (!open) {
            co_return;
        }
        Result<State::Found> found = co_await self->ask();
        const bool cancelled = co_await is_cancelled();
        if (cancelled) {
            co_return;
        }
        const bool good = found.has_value();
        self->note(std::move(found));
        const auto jitter = 1 + random_jitter();
        const Millis pause = good ? self->patience.poll_every : self->patience.retry_first;
        const bool rested = co_await pause_for(std::chrono::duration_cast<Millis>(
            std::chrono::duration<double, std::milli>(pause) * jitter
        ));
        if (!rested) {
            co_return;
        }
    }
}

}  // namespace meshscope::clients::kubernetes
