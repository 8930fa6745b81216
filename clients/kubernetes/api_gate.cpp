#include "clients/kubernetes/api_gate.hpp"

#include "async/pause.hpp"
#include "async/with_deadline.hpp"
#include "clients/http/retry_after.hpp"
#include "core/json_object.hpp"
#include "core/text.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace meshscope::clients::kubernetes {
namespace asio = boost::asio;
using Millis = std::chrono::milliseconds;

namespace {

constexpr std::size_t kLongestVersion = 100;
constexpr std::chrono::seconds kLongestProbe{5};

std::string version_in(const std::string& body) {
    const auto object = JsonObject::parse(body);
    const auto version = object ? object->text("gitVersion") : std::nullopt;
    return version ? to_valid_utf8(version->substr(0, kLongestVersion)) : std::string();
}

}  // namespace

struct ApiGate::State {
    State(ApiClient api_in, const Patience& patience_in, std::function<void(const Seen&)> change)
        : api(std::move(api_in)), patience(patience_in), on_change(std::move(change)) {}

    const ApiClient api;
    const Patience patience;
    const std::function<void(const Seen&)> on_change;
    Seen seen;
    std::optional<SteadyTimer> next_probe;
    std::optional<SteadyTimer> opened;  // never expires; cancelled for who waits at the gate

    void prepare(Executor executor) {
        if (!opened) {
            next_probe.emplace(executor);
            opened.emplace(executor);
            opened->expires_at(SteadyTime::max());
        }
    }
    void tell() const {
        if (on_change) {
            on_change(seen);
        }
    }
    Awaitable<> probe();
};

Awaitable<> ApiGate::State::probe() {
    RequestContext context;
    const Millis most = std::clamp<Millis>(patience.call_for, Millis(1), kLongestProbe);
    const SteadyTime begun = std::chrono::steady_clock::now();
    context.deadline = Deadline::after(begun, most);
    ApiRequest request;
    request.target = "/version";
    request.as_server = true;
    const Result<HttpResponse> response = co_await api.call(std::move(context), std::move(request));
    const bool cancelled = co_await is_cancelled();
    if (cancelled) {
        co_return;
    }
    seen.last_probe = api.clock().now();
    seen.open = response.has_value();
    if (response) {
        seen.latency = std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::steady_clock::now() - begun
        );
        seen.last_success = seen.last_probe;
        seen.reason.reset();
        std::string version = response->status == 200 ? version_in(response->body) : "";
        if (!version.empty()) {
            seen.version = std::move(version);
        }
        opened->cancel();
    } else {
        seen.reason = response.error();
    }
    tell();
}

ApiGate::ApiGate(
    ApiClient api, const Patience& patience, std::function<void(const Seen&)> on_change
)
    : state_(std::make_shared<State>(std::move(api), patience, std::move(on_change))) {}

Awaitable<> ApiGate::run() {
    const std::shared_ptr<State> self = state_;
    self->prepare(co_await asio::this_coro::executor);
    for (;;) {
        co_await self->probe();
        const bool stopped = co_await is_cancelled();
        if (stopped) {
            co_return;
        }
        // Closing cuts the long pause of an open gate short.
        for (bool was_open = true; was_open;) {
            was_open = self->seen.open;
            const double jitter = 1 + random_jitter() / 4;
            const Millis pause = was_open ? self->patience.look_every : self->patience.gate_every;
            self->next_probe->expires_after(std::chrono::duration_cast<Millis>(
                std::chrono::duration<double, std::milli>(pause) * jitter
            ));
            boost::system::error_code woken;
            co_await self->next_probe->async_wait(asio::redirect_error(use_awaitable, woken));
            const bool cancelled = co_await is_cancelled();
            if (cancelled) {
                co_return;
            }
            was_open = was_open && woken;
        }
    }
}

void ApiGate::close(Error reason) {
    if (!state_->seen.open) {
        return;
    }
    state_->seen.open = false;
    state_->seen.reason = std::move(reason);
    if (state_->next_probe) {
        state_->next_probe->cancel();
    }
    state_->tell();
}

Awaitable<bool> ApiGate::pass() {
    const std::shared_ptr<State> self = state_;
    self->prepare(co_await asio::this_coro::executor);
    while (!self->seen.open) {
        const bool stopped = co_await is_cancelled();
        if (stopped) {
            co_return false;
        }
        boost::system::error_code woken;
        co_await self->opened->async_wait(asio::redirect_error(use_awaitable, woken));
        const bool cancelled = co_await is_cancelled();
        if (cancelled) {
            co_return false;
        }
        const auto spread = static_cast<double>(self->patience.spread.count());
        const bool rested =
            co_await pause_for(Millis(static_cast<std::int64_t>(spread * random_jitter())));
        if (!rested) {
            co_return false;
        }
    }
    const bool cancelled = co_await is_cancelled();
    co_return !cancelled;
}

const ApiGate::Seen& ApiGate::seen() const { return state_->seen; }

}  // namespace meshscope::clients::kubernetes
