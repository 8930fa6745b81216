#pragma once

#include "async/awaitable.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace meshscope {

// A few threads for CPU work above a millisecond. join() before the io_contexts end. `Work` and its
// value are destroyed on the caller's thread.
class WorkerPool {
 public:
    explicit WorkerPool(std::size_t threads) : pool_(threads) {}
    void join() { pool_.join(); }

    // Runs `work()` on the pool and resumes the caller on its own thread with the value. What it
    // throws is rethrown there. Not cancellable: keep single pieces of work short.
    template <class Work>
    Awaitable<std::invoke_result_t<Work&>> run(Work work) {
        using Value = std::invoke_result_t<Work&>;
        auto state = std::make_shared<State<Work, Value>>(std::move(work));
        auto initiate = [this, state](auto handler) {
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            auto guard = boost::asio::make_work_guard(*shared);
            boost::asio::post(
                pool_,
                [own = state, shared = std::move(shared), guard = std::move(guard)]() mutable {
                    try {
                        own->value.emplace(own->work());
                    } catch (...) {
                        own->thrown = std::current_exception();
                    }
                    auto executor = guard.get_executor();
                    boost::asio::post(
                        executor,
                        [own = std::move(own), shared = std::move(shared)]() mutable {
                            own.reset();
                            std::move (*shared)();
                        }
                    );
                }
            );
        };
        co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>, void()>(
            std::move(initiate), use_awaitable
        );
        if (state->thrown) {
            std::rethrow_exception(state->thrown);
        }
        co_return std::move(*state->value);
    }

 private:
    template <class Work, class Value>
    struct State {
        explicit State(Work w) : work(std::move(w)) {}
        Work work;
        std::optional<Value> value;
        std::exception_ptr thrown;
    };

    boost::asio::thread_pool pool_;
};

}  // namespace meshscope
