#include "clients/kubernetes/named_namespaces.hpp"

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

    Awaitable<Result<std::vector<Decoded>>> ask();
    void note(Result<std::vector<Decoded>> found);
};

// An error: not all could be asked for, what is known stays.
Awaitable<Result<std::vector<Decoded>>> NamedNamespaces::State::ask() {
    std::vector<Decoded> found;
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
            if (fault->http == 403 || (fault->http == 404 && fault->is_status)) {
                continue;
            }
            co_return error_of(*fault, name, false);
        }
        response->body.reserve(response->body.size() + kPadding);
        Result<Decoded> one = decode_object(resource, response->body, *parts.interner);
        if (!one) {
            co_return one.error();
        }
        found.push_back(std::move(*one));
    }
    co_return found;
}

void NamedNamespaces::State::note(Result<std::vector<Decoded>> found) {
    const SystemTime now = parts.api->clock().now();
    if (found) {
        parts.store->replace(resource, "", std::move(*found), now);
        ++feed.lists;
        feed.state = Kept::kPolling;
        feed.reason = "asked for one by one";
        feed.behind_since.reset();
        parts.on_change();
    } else {
        feed.state = feed.lists > 0 ? Kept::kStale : Kept::kSyncing;
        feed.reason = found.error().message();
        feed.behind_since = feed.behind_since.value_or(now);
    }
    parts.on_state(feed);
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
        const bool open = co_await self->parts.gate->pass();
        if (!open) {
            co_return;
        }
        Result<std::vector<Decoded>> found = co_await self->ask();
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
