#include "async/governor.hpp"

#include "async/governor_flight.hpp"
#include "async/with_deadline.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace meshscope {
namespace asio = boost::asio;

using namespace governor_detail;

namespace {

// Hands every waiter over to its own thread, which also destroys it.
void answer_all(std::vector<WaiterPtr> waiters, const Erased& answer) {
    for (WaiterPtr& waiter : waiters) {
        const Executor executor = waiter->executor;
        asio::post(executor, [own = std::move(waiter), answer] { own->finish(answer); });
    }
}

void add(UpstreamCost& total, const UpstreamCost& cost) {
    total.calls += cost.calls;
    total.joined += cost.joined;
    total.cached += cost.cached;
    total.bytes += cost.bytes;
}

// Time spent with `upstream` is what the caller waited, which holds the operation's own count
// already.
void merge(UpstreamBill& bill, const UpstreamBill& flight, const std::string& upstream) {
    for (const auto& [name, cost] : flight.by_name) {
        UpstreamCost& total = bill.of(name);
        add(total, cost);
        if (name != upstream) {
            total.time += cost.time;
        }
    }
}

}  // namespace

struct Governor::State : std::enable_shared_from_this<Governor::State> {
    State(std::string upstream_in, GovernorLimits limits_in)
        : upstream(std::move(upstream_in)), limits(limits_in) {
        limits.max_in_flight = std::max<std::size_t>(limits.max_in_flight, 1);
    }

    const std::string upstream;
    GovernorLimits limits;

    mutable std::mutex mutex;  // never held over a suspension or a completion
    std::unordered_map<std::string, FlightPtr> by_key;
    Line interactive;
    Line background;
    std::size_t in_flight = 0;
    std::uint64_t started = 0;
    std::uint64_t joined = 0;
    std::uint64_t refused = 0;

    Line& line_of(Priority priority) {
        return priority == Priority::kInteractive ? interactive : background;
    }

    Error overloaded() const {
        return Error(ErrorKind::kUnavailable, "too many calls to " + upstream + " are waiting")
            .with_code("overloaded")
            .with_upstream(upstream)
            .with_detail(
                std::to_string(limits.max_in_flight) + " calls in flight and " +
                std::to_string(limits.max_waiting) + " waiting are the limit"
            );
    }

    // The flight of the call: `fresh`, or one with the same key. Null when refused.
    FlightPtr enter(const FlightPtr& fresh, const WaiterPtr& waiter);
    void leave(const FlightPtr& flight, const WaiterPtr& waiter, Error reason);
    void launch(const FlightPtr& flight);
    void finished(const FlightPtr& flight, const Erased& answer);
    static Awaitable<> run(std::shared_ptr<State> state, FlightPtr flight);

 private:
    FlightPtr join(const FlightPtr& fresh, const WaiterPtr& waiter);
    FlightPtr make_room(Priority arriving);
    FlightPtr take_next();
    void forget(const FlightPtr& flight);
};

// All of the following four are called with the mutex held.

FlightPtr Governor::State::join(const FlightPtr& fresh, const WaiterPtr& waiter) {
    if (fresh->key.empty()) {
        return nullptr;
    }
    const auto found = by_key.find(fresh->key);
    if (found == by_key.end()) {
        return nullptr;
    }
    const FlightPtr flight = found->second;
    flight->waiters.push_back(waiter);
    ++joined;
    if (flight->phase == Flight::Phase::kWaiting && flight->priority == Priority::kBackground &&
        fresh->priority == Priority::kInteractive) {
        background.remove(flight);
        flight->priority = Priority::kInteractive;
        interactive.push_back(flight);
    }
    return flight;
}

// Takes the flight to refuse out of its line when both lines are full; null when it is the arriving
// one.
FlightPtr Governor::State::make_room(Priority arriving) {
    ++refused;
    if (arriving == Priority::kBackground || background.empty()) {
        return nullptr;
    }
    const FlightPtr newest = background.back();
    background.pop_back();
    newest->phase = Flight::Phase::kDone;
    forget(newest);
    return newest;
}

FlightPtr Governor::State::take_next() {
    if (in_flight >= limits.max_in_flight) {
        return nullptr;
    }
    Line& line = interactive.empty() ? background : interactive;
    if (line.empty()) {
        return nullptr;
    }
    const FlightPtr next = line.front();
    line.pop_front();
    next->phase = Flight::Phase::kRunning;
    ++in_flight;
    return next;
}

void Governor::State::forget(const FlightPtr& flight) {
    const auto found = by_key.find(flight->key);
    if (found != by_key.end() && found->second == flight) {
        by_key.erase(found);
    }
}

FlightPtr Governor::State::enter(const FlightPtr& fresh, const WaiterPtr& waiter) {
    FlightPtr next;
    std::vector<WaiterPtr> turned_away;
    {
        const std::scoped_lock lock(mutex);
        if (FlightPtr shared = join(fresh, waiter)) {
            return shared;
        }
        const bool must_wait = in_flight >= limits.max_in_flight;
        if (must_wait && interactive.size() + background.size() >= limits.max_waiting) {
            const FlightPtr pushed_out = make_room(fresh->priority);
            if (!pushed_out) {
                return nullptr;
            }
            turned_away.swap(pushed_out->waiters);  // its callers may leave at this moment
        }
        fresh->waiters.push_back(waiter);
        if (!fresh->key.empty()) {
            by_key.emplace(fresh->key, fresh);
        }
        line_of(fresh->priority).push_back(fresh);
        next = take_next();
    }
    if (!turned_away.empty()) {
        answer_all(std::move(turned_away), overloaded());
    }
    if (next) {
        launch(next);
    }
    return fresh;
}

void Governor::State::leave(const FlightPtr& flight, const WaiterPtr& waiter, Error reason) {
    if (waiter->answer) {
        return;
    }
    bool stop = false;
    {
        const std::scoped_lock lock(mutex);
        std::erase(flight->waiters, waiter);
        if (flight->waiters.empty()) {
            stop = flight->phase == Flight::Phase::kRunning;
            if (flight->phase == Flight::Phase::kWaiting) {
                line_of(flight->priority).remove(flight);
            }
            if (flight->phase != Flight::Phase::kDone) {
                flight->phase = Flight::Phase::kAbandoned;
            }
            forget(flight);
        }
    }
    if (stop) {
        asio::post(flight->executor, [flight] {
            flight->signal.emit(asio::cancellation_type::terminal);
        });
    }
    waiter->finish(std::move(reason));
}

void Governor::State::launch(const FlightPtr& flight) {
    asio::post(flight->executor, [state = shared_from_this(), flight] {
        // run() lets nothing out; the signal has to outlive the whole coroutine.
        auto on_end = [flight](const std::exception_ptr&) {};
        asio::co_spawn(
            flight->executor,
            run(state, flight),
            asio::bind_cancellation_slot(flight->signal.slot(), std::move(on_end))
        );
    });
}

Awaitable<> Governor::State::run(std::shared_ptr<State> state, FlightPtr flight) {
    co_await asio::this_coro::throw_if_cancelled(false);
    bool abandoned = false;
    {
        const std::scoped_lock lock(state->mutex);
        abandoned = flight->phase == Flight::Phase::kAbandoned;
        state->started += abandoned ? 0U : 1U;
    }
    Erased answer = Error(ErrorKind::kCancelled, "nobody waits for this call any more");
    if (!abandoned) {
        const Error bug(ErrorKind::kInternal, "a call to " + state->upstream + " failed inside");
        try {
            flight->context.deadline =
                Deadline::after(std::chrono::steady_clock::now(), flight->timeout);
            Awaitable<Erased> operation = flight->operation(flight->context);
            answer = co_await std::move(operation);
        } catch (const std::exception& thrown) {
            answer = bug.with_upstream(state->upstream).with_log_detail(thrown.what());
        } catch (...) {
            answer = bug.with_upstream(state->upstream).with_log_detail("unknown exception");
        }
    }
    state->finished(flight, answer);
}

// On the thread of the flight: what the operation holds is released here, not where the last caller
// is.
void Governor::State::finished(const FlightPtr& flight, const Erased& answer) {
    std::vector<WaiterPtr> waiters;
    FlightPtr next;
    {
        const std::scoped_lock lock(mutex);
        flight->phase = Flight::Phase::kDone;
        waiters.swap(flight->waiters);
        forget(flight);
        --in_flight;
        next = take_next();
    }
    if (next) {
        launch(next);
    }
    flight->operation = nullptr;
    answer_all(std::move(waiters), answer);
    flight->work.reset();
}

Governor::Governor(std::string upstream, GovernorLimits limits)
    : state_(std::make_shared<State>(std::move(upstream), limits)) {}

Governor::~Governor() = default;

GovernorStats Governor::stats() const {
    const std::scoped_lock lock(state_->mutex);
    GovernorStats stats;
    stats.in_flight = state_->in_flight;
    stats.waiting = state_->interactive.size() + state_->background.size();
    stats.started = state_->started;
    stats.joined = state_->joined;
    stats.refused = state_->refused;
    return stats;
}

const std::string& Governor::upstream() const { return state_->upstream; }

namespace {

FlightPtr make_flight(
    Executor executor,
    const RequestContext& context,
    std::string key,
    std::chrono::nanoseconds timeout,
    Operation operation
) {
    auto flight = std::make_shared<Flight>(executor, std::move(key));
    flight->priority = context.priority;
    flight->context = context;
    flight->context.bill = std::make_shared<UpstreamBill>();
    flight->timeout = timeout;
    flight->operation = std::move(operation);
    return flight;
}

}  // namespace

Awaitable<Governor::Erased> Governor::call_erased(
    RequestContext context, std::string key, std::chrono::nanoseconds timeout, Operation operation
) {
    const std::shared_ptr<State> state = state_;
    const Error cancelled =
        Error(ErrorKind::kCancelled, "the request was cancelled").with_upstream(state->upstream);
    const Error late = Error(ErrorKind::kDeadline, state->upstream + " did not answer in time")
                           .with_upstream(state->upstream);
    const bool gone = co_await is_cancelled();
    if (gone) {
        co_return cancelled;
    }
    const SteadyTime entered = std::chrono::steady_clock::now();
    if (context.deadline.passed(entered)) {
        co_return late;
    }
    const Executor executor = co_await asio::this_coro::executor;
    const FlightPtr fresh =
        make_flight(executor, context, std::move(key), timeout, std::move(operation));
    const auto waiter = std::make_shared<Waiter>(executor);
    FlightPtr flight;
    auto initiate = [&](auto handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        waiter->resume = Resumption<>(std::move(handler));
        flight = state->enter(fresh, waiter);
        if (!flight) {
            waiter->finish(state->overloaded());
            return;
        }
        if (slot.is_connected()) {
            // No cycle: the slot is cleared when the caller resumes.
            slot.assign([state, flight, waiter, cancelled](asio::cancellation_type) {
                state->leave(flight, waiter, cancelled);
            });
        }
        if (!context.deadline.is_never()) {
            waiter->timer.expires_at(context.deadline.at());
            waiter->timer.async_wait([state, flight, waiter, late](boost::system::error_code error
                                     ) {
                if (!error) {
                    state->leave(flight, waiter, late);
                }
            });
        }
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
        initiate, use_awaitable
    );
    const auto waited = std::chrono::steady_clock::now() - entered;
    UpstreamCost& cost = context.bill->of(state->upstream);
    cost.time += std::chrono::duration_cast<std::chrono::microseconds>(waited);
    if (flight == fresh) {
        merge(*context.bill, *flight->context.bill, state->upstream);
    } else if (flight) {
        ++cost.joined;
    }
    co_return std::move(*waiter->answer);
}

}  // namespace meshscope
