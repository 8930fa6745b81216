#include "async/task_group.hpp"

#include "async/with_deadline.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <atomic>
#include <cassert>
#include <list>
#include <utility>

namespace meshscope {
namespace asio = boost::asio;

namespace {

struct Task {
    std::string name;
    std::function<Awaitable<>()> start;
    asio::cancellation_signal signal;
    bool started = false;  // a coroutine that is told to stop before its first line would throw
};

bool is_aborted(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const boost::system::system_error& error) {
        return error.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

}  // namespace

// `tasks` and `joining` belong to the group's thread; the two atomics are for the others.
struct TaskGroup::State {
    State(Executor executor_in, OnException on_exception_in)
        : executor(executor_in), on_exception(std::move(on_exception_in)) {}

    Executor executor;
    OnException on_exception;
    std::list<std::shared_ptr<Task>> tasks;
    std::list<std::weak_ptr<SteadyTimer>> joining;
    std::atomic<std::size_t> count{0};
    std::atomic<bool> cancelled{false};

    static Awaitable<> run(std::shared_ptr<State> state, std::shared_ptr<Task> task) {
        co_await asio::this_coro::throw_if_cancelled(false);
        task->started = true;
        if (state->cancelled) {
            task->signal.emit(asio::cancellation_type::terminal);
        }
        Awaitable<> work = task->start();
        co_await std::move(work);
    }

    void ended(std::list<std::shared_ptr<Task>>::iterator where, const std::exception_ptr& thrown) {
        const std::shared_ptr<Task> task = *where;
        tasks.erase(where);
        --count;
        if (thrown && !(cancelled && is_aborted(thrown)) && on_exception) {
            on_exception(task->name, thrown);
        }
        if (tasks.empty()) {
            for (const std::weak_ptr<SteadyTimer>& waiting : joining) {
                if (const auto timer = waiting.lock()) {
                    timer->cancel();
                }
            }
            joining.clear();
        }
    }
};

TaskGroup::TaskGroup(Executor executor, OnException on_exception)
    : state_(std::make_shared<State>(executor, std::move(on_exception))) {}

TaskGroup::~TaskGroup() {
    assert(state_->count == 0 && "a TaskGroup was destroyed before its tasks had ended");
}

void TaskGroup::spawn(std::string name, std::function<Awaitable<>()> task) {
    auto owned = std::make_shared<Task>();
    owned->name = std::move(name);
    owned->start = std::move(task);
    const auto where = state_->tasks.insert(state_->tasks.end(), owned);
    ++state_->count;
    auto on_end = [state = state_, where](std::exception_ptr thrown) {
        state->ended(where, thrown);
    };
    asio::co_spawn(
        state_->executor,
        State::run(state_, owned),
        asio::bind_cancellation_slot(owned->signal.slot(), std::move(on_end))
    );
}

void TaskGroup::cancel() {
    if (state_->cancelled.exchange(true)) {
        return;
    }
    asio::post(state_->executor, [state = state_] {
        // A task may end, or start another, while it is told to stop.
        const std::list<std::shared_ptr<Task>> tasks = state->tasks;
        for (const std::shared_ptr<Task>& task : tasks) {
            if (task->started) {
                task->signal.emit(asio::cancellation_type::terminal);
            }
        }
    });
}

Awaitable<bool> TaskGroup::join(Deadline deadline) {
    const std::shared_ptr<State> state = state_;
    if (state->tasks.empty()) {
        co_return true;
    }
    auto timer = std::make_shared<SteadyTimer>(state->executor, deadline.at());
    state->joining.push_back(timer);
    boost::system::error_code ignored;
    co_await timer->async_wait(asio::redirect_error(use_awaitable, ignored));
    co_return state->tasks.empty();
}

std::size_t TaskGroup::size() const { return state_->count; }

}  // namespace meshscope
