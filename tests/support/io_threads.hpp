#pragma once

#include "async/awaitable.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

namespace meshscope::test {

// Longer than anything a test waits for when the code is right, on the slowest machine.
inline constexpr std::chrono::seconds kPatience{30};

template <class T>
Awaitable<T> without_throwing_on_cancel(Awaitable<T> work) {
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    co_return co_await std::move(work);
}

// Runs one coroutine to its end on `io`, and whatever else is ready there.
template <class T>
T run(boost::asio::io_context& io, Awaitable<T> work) {
    auto future = boost::asio::co_spawn(
        io.get_executor(), without_throwing_on_cancel<T>(std::move(work)), boost::asio::use_future
    );
    io.restart();
    while (future.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
        if (io.run_one_for(kPatience) == 0) {
            throw std::runtime_error("the coroutine waits for nothing or too long");
        }
    }
    return future.get();
}

// One thread with its own io_context, as the server has several of.
class IoThread {
 public:
    IoThread() : work_(io_.get_executor()), thread_([this] { io_.run(); }) {}
    ~IoThread() {
        work_.reset();
        thread_.join();
    }
    IoThread(const IoThread&) = delete;
    IoThread& operator=(const IoThread&) = delete;

    boost::asio::io_context& io() { return io_; }
    Executor executor() { return io_.get_executor(); }

    template <class T>
    std::future<T> start(Awaitable<T> work) {
        return boost::asio::co_spawn(
            executor(), without_throwing_on_cancel<T>(std::move(work)), boost::asio::use_future
        );
    }

 private:
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<Executor> work_;
    std::thread thread_;
};

}  // namespace meshscope::test
