#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace meshscope {

// Every coroutine runs on the io_context of one thread (docs/adr/0002): a concrete executor, no
// type erasure. A coroutine never moves to another thread; work above a millisecond goes to a
// WorkerPool and its result comes back here.
using Executor = boost::asio::io_context::executor_type;

template <class T = void>
using Awaitable = boost::asio::awaitable<T, Executor>;

inline constexpr boost::asio::use_awaitable_t<Executor> use_awaitable{};

}  // namespace meshscope
