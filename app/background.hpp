#pragma once

#include "async/task_group.hpp"
#include "telemetry/logger.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace meshscope::app {

// One thread with an io_context for work that belongs to no request: probes, refreshes.
class BackgroundThread {
 public:
    explicit BackgroundThread(telemetry::Logger& logger);
    ~BackgroundThread();  // stop() first, or this does it without grace
    BackgroundThread(const BackgroundThread&) = delete;
    BackgroundThread& operator=(const BackgroundThread&) = delete;

    // Starts `task` on the thread. May be called from any thread, before stop() only.
    void spawn(std::string name, std::function<Awaitable<>()> task);

    // Of the thread; tasks that others start there are not waited for.
    [[nodiscard]] Executor executor() { return context_.get_executor(); }

    // Cancels every task, waits for them up to `grace`, ends the thread. Idempotent. Tasks that
    // have not ended by then are a bug and are logged.
    void stop(std::chrono::milliseconds grace);

 private:
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    TaskGroup tasks_;
    telemetry::Logger& logger_;
    std::thread thread_;
};

}  // namespace meshscope::app
