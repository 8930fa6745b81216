#include "app/background.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

namespace meshscope::app {

namespace {

std::string text_of(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "not a standard exception";
    }
}

Awaitable<bool> wait_for_end(TaskGroup& tasks, Deadline deadline) {
    co_return co_await tasks.join(deadline);
}

}  // namespace

BackgroundThread::BackgroundThread(telemetry::Logger& logger)
    : work_(boost::asio::make_work_guard(context_)),
      tasks_(
          context_.get_executor(),
          [&logger](const std::string& task, std::exception_ptr thrown) {
              logger.error(
                  "background task failed",
                  {{"task", task}, {"error", std::string_view(text_of(thrown))}}
              );
          }
      ),
      logger_(logger),
      thread_([this] { context_.run(); }) {}

BackgroundThread::~BackgroundThread() { stop(std::chrono::milliseconds(0)); }

void BackgroundThread::spawn(std::string name, std::function<Awaitable<>()> task) {
    boost::asio::post(context_, [this, name = std::move(name), task = std::move(task)]() mutable {
        tasks_.spawn(std::move(name), std::move(task));
    });
}

void BackgroundThread::stop(std::chrono::milliseconds grace) {
    if (!thread_.joinable()) {
        return;
    }
    tasks_.cancel();
    const Deadline deadline = Deadline::after(std::chrono::steady_clock::now(), grace);
    auto ended = [this](const std::exception_ptr&, bool all) {
        if (!all) {
            logger_.error("background tasks did not end in time");
        }
        work_.reset();
    };
    boost::asio::co_spawn(context_, wait_for_end(tasks_, deadline), std::move(ended));
    thread_.join();
}

}  // namespace meshscope::app
