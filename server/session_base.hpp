#pragma once

#include "async/awaitable.hpp"
#include "server/exchange.hpp"
#include "server/request_reader.hpp"
#include "server/worker.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::server {

// Bytes read and not yet consumed, in one piece of memory that grows up to a bound.
class ReadBuffer {
 public:
    explicit ReadBuffer(std::size_t max) : max_(max) {}

    [[nodiscard]] std::string_view view() const { return {bytes_.data() + begin_, end_ - begin_}; }
    [[nodiscard]] bool empty() const { return begin_ == end_; }
    // Room for the next read; empty when the buffer is full. Moves what is there: not while a read
    // is under way.
    [[nodiscard]] boost::asio::mutable_buffer prepare();
    void commit(std::size_t count) { end_ += count; }
    void consume(std::size_t count);

 private:
    std::vector<char> bytes_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t max_;
};

// Lets the one coroutine of a session wait for its callbacks.
class Wakeup {
 public:
    // Ends at the next notify().
    Awaitable<> wait();
    void notify();

 private:
    using Waiter =
        boost::asio::async_result<boost::asio::use_awaitable_t<Executor>, void()>::handler_type;
    std::optional<Waiter> waiter_;
};

enum class Phase : std::uint8_t {
    kHandshake,
    kIdle,
    kHead,
    kBody,
    kHandling,
    kStreaming,  // a live body is waited for
    kWriting,
    kLingering
};

// The client's address without its port; "" when it is gone already.
std::string peer_of(const TcpSocket& socket);

// The part of a session that does not depend on its stream: state, time limits, drain and
// cancellation. Everything happens on the worker's thread.
class SessionBase {
 public:
    SessionBase(Worker& worker, ConnectionTicket ticket, std::string peer, bool tls);
    virtual ~SessionBase();
    SessionBase(const SessionBase&) = delete;
    SessionBase& operator=(const SessionBase&) = delete;

    // Once a second or more often: applies the time limits.
    void sweep(SteadyTime now);
    // The server stops: an idle connection closes, others close after their answer; a live body has
    // no end of its own and is cancelled.
    void drain();
    // The grace is over: the handler is cancelled, a write that waits is given up.
    void cancel();

 protected:
    virtual void close_now() = 0;  // operations under way end with an error
    virtual void wake_later() = 0;
    // Terminal cancellation of what the handler or the live body waits for; posted, since it may
    // run others' code.
    virtual void cancel_handler_later() = 0;
    [[nodiscard]] virtual int native_socket() = 0;

    void enter(Phase phase);
    void progress();  // in kWriting: the client has taken something
    // Whether the coroutine is in others' code: a handler or a live body.
    [[nodiscard]] bool with_others() const {
        return phase_ == Phase::kHandling || phase_ == Phase::kStreaming;
    }
    // Whether more may be read while a handler runs.
    [[nodiscard]] bool may_read_ahead() const;
    [[nodiscard]] bool draining() const { return shared_.draining.load(std::memory_order_relaxed); }
    void begin_request();
    // Bytes of a request are there; a line end, which some clients send behind a body, is none.
    [[nodiscard]] bool has_request() const;

    Worker& worker_;
    Shared& shared_;
    boost::asio::cancellation_signal signal_;
    ReadBuffer in_;
    RequestReader reader_;
    Exchange exchange_;
    Wakeup wakeup_;
    Phase phase_ = Phase::kHandshake;
    bool reading_ = false;   // a read is under way
    bool eof_ = false;       // nothing more will come
    bool gone_ = false;      // the client left while its handler or live body ran
    bool too_slow_ = false;  // the head or body took longer than it may
    bool too_late_ = false;  // the handler ran past its deadline
    bool stopped_ = false;   // cancel() was called
    std::uint64_t served_ = 0;

 private:
    void sweep_others(SteadyTime now);
    void sweep_drain(SteadyTime now);
    [[nodiscard]] bool peer_has_left();

    ConnectionTicket ticket_;
    Worker::Place place_;
    SteadyTime since_;  // beginning of the phase, or last progress
};

}  // namespace meshscope::server
