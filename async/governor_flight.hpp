#pragma once

#include "async/governor.hpp"
#include "async/resumption.hpp"
#include "async/with_deadline.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <cstdint>
#include <list>
#include <optional>
#include <utility>
#include <vector>

// The pieces of Governor's state; private to governor.cpp.
namespace meshscope::governor_detail {
namespace asio = boost::asio;

using Erased = Result<std::shared_ptr<const void>>;
using Operation = std::function<Awaitable<Erased>(RequestContext)>;
using WorkGuard = asio::executor_work_guard<Executor>;

struct Flight;

// One caller that waits for a flight. Touched on the caller's thread only; the constant members may
// be read from all.
struct Waiter : std::enable_shared_from_this<Waiter> {
    explicit Waiter(Executor executor_in)
        : executor(executor_in), work(executor_in), timer(executor_in) {}

    const Executor executor;
    WorkGuard work;  // an answer may come from another thread
    SteadyTimer timer;
    Resumption<> resume;
    std::optional<Erased> answer;

    // The first answer counts; the caller resumes from its event loop.
    void finish(Erased with) {
        if (answer) {
            return;
        }
        answer.emplace(std::move(with));
        timer.cancel();
        asio::post(executor, [self = shared_from_this()] { self->resume(); });
        work.reset();
    }
};

using WaiterPtr = std::shared_ptr<Waiter>;

// One call to the upstream. `phase`, `priority` and `waiters` are guarded by the governor's mutex,
// all else belongs to the starter's thread.
struct Flight {
    enum class Phase : std::uint8_t { kWaiting, kRunning, kAbandoned, kDone };

    Flight(Executor executor_in, std::string key_in)
        : executor(executor_in), work(executor_in), key(std::move(key_in)) {}

    const Executor executor;
    WorkGuard work;
    const std::string key;
    Phase phase = Phase::kWaiting;
    Priority priority = Priority::kInteractive;
    std::vector<WaiterPtr> waiters;

    RequestContext context;  // of the operation: a bill of its own
    std::chrono::nanoseconds timeout{0};
    Operation operation;
    asio::cancellation_signal signal;
};

using FlightPtr = std::shared_ptr<Flight>;
using Line = std::list<FlightPtr>;

}  // namespace meshscope::governor_detail
