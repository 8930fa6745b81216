#pragma once

#include "async/awaitable.hpp"
#include "core/deadline.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace meshscope {

// Owns coroutines on one io_context: nothing is ever detached. All members are called on that
// io_context's thread, except cancel() and size(), which may be called from any. An exception that
// leaves a task is a bug: it is handed to `on_exception` with the task's name and the group goes
// on.
class TaskGroup {
 public:
    using OnException = std::function<void(const std::string& task, std::exception_ptr)>;
    TaskGroup(Executor executor, OnException on_exception);
    ~TaskGroup();  // every task must have ended: cancel() and join() first
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    // Starts `task`. After cancel() a new task is started already cancelled.
    // The factory is called on the group's thread and is kept alive until its coroutine has ended.
    void spawn(std::string name, std::function<Awaitable<>()> task);

    // Asks every task to stop (terminal cancellation). Idempotent.
    void cancel();

    // Waits until no task is left or the deadline passes; true when none is left.
    Awaitable<bool> join(Deadline deadline);

    [[nodiscard]] std::size_t size() const;

 private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace meshscope
