#include "server/session_base.hpp"

#include <algorithm>
#include <chrono>
#include <poll.h>
#include <sys/socket.h>

namespace meshscope::server {
namespace {

constexpr std::size_t kFirstBuffer = 4 * 1024;
constexpr std::size_t kSpareBuffer = 16 * 1024;  // beyond a head, for body pieces
constexpr std::chrono::seconds kLinger{2};
constexpr std::chrono::seconds kPastDeadline{1};         // for the handler's own partial answer
constexpr std::chrono::milliseconds kFirstRequest{500};  // a new connection while draining
constexpr std::chrono::seconds kAfterCancel{1};

bool has_bytes(int socket) {
    char byte = 0;
    return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

}  // namespace

boost::asio::mutable_buffer ReadBuffer::prepare() {
    if (begin_ == end_) {
        begin_ = end_ = 0;
        if (bytes_.size() > kSpareBuffer) {
            bytes_ = {};  // a long body has passed; an idle connection needs little
        }
    }
    if (bytes_.size() - end_ < kFirstBuffer / 2) {
        if (begin_ > 0) {
            std::copy(
                bytes_.begin() + static_cast<std::ptrdiff_t>(begin_),
                bytes_.begin() + static_cast<std::ptrdiff_t>(end_),
                bytes_.begin()
            );
            end_ -= begin_;
            begin_ = 0;
        }
        if (bytes_.size() - end_ < kFirstBuffer / 2) {
            bytes_.resize(std::min(max_, std::max(kFirstBuffer, bytes_.size() * 2)));
        }
    }
    return {bytes_.data() + end_, bytes_.size() - end_};
}

void ReadBuffer::consume(std::size_t count) { begin_ += count; }

Awaitable<> Wakeup::wait() {
    auto initiate = [this](auto handler) { waiter_.emplace(std::move(handler)); };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>, void()>(
        initiate, use_awaitable
    );
}

void Wakeup::notify() {
    if (waiter_) {
        Waiter waiter(std::move(*waiter_));
        waiter_.reset();
        std::move(waiter)();
    }
}

std::string peer_of(const TcpSocket& socket) {
    boost::system::error_code error;
    const boost::asio::ip::tcp::endpoint endpoint = socket.remote_endpoint(error);
    if (error) {
        return {};
    }
    boost::asio::ip::address address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
    }
    return address.to_string();
}

SessionBase::SessionBase(Worker& worker, ConnectionTicket ticket, std::string peer, bool tls)
    : worker_(worker),
      shared_(worker.shared()),
      in_(shared_.options.limits.max_target_bytes + shared_.options.limits.max_header_bytes +
          kSpareBuffer),
      reader_(shared_.options.limits),
      ticket_(std::move(ticket)),
      place_(worker.enter(this)),
      since_(shared_.dispatcher.clock().steady_now()) {
    exchange_.request.peer = std::move(peer);
    exchange_.request.tls = tls;
}

SessionBase::~SessionBase() { worker_.leave(place_); }

void SessionBase::enter(Phase phase) {
    phase_ = phase;
    since_ = shared_.dispatcher.clock().steady_now();
}

void SessionBase::progress() { since_ = shared_.dispatcher.clock().steady_now(); }

void SessionBase::begin_request() {
    reader_.reset();
    exchange_.reset();
    too_slow_ = false;  // set too late for the request before, when its last bytes were there
    enter(has_request() ? Phase::kHead : Phase::kIdle);
    exchange_.started = since_;
}

bool SessionBase::has_request() const {
    return !in_.empty() && in_.view() != "\r" && in_.view() != "\r\n";
}

bool SessionBase::may_read_ahead() const {
    const std::string_view waiting = in_.view();
    std::size_t heads = 0;
    for (std::size_t at = waiting.find("\r\n\r\n"); at != std::string_view::npos;
         at = waiting.find("\r\n\r\n", at + 4)) {
        ++heads;
    }
    return heads < shared_.options.limits.max_pipelined && waiting.size() < kSpareBuffer;
}

// Read-ahead is bounded, so an end of file may stand behind bytes that nobody reads for now.
bool SessionBase::peer_has_left() {
    pollfd entry{native_socket(), POLLRDHUP, 0};
    return ::poll(&entry, 1, 0) == 1 && (entry.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

void SessionBase::sweep(SteadyTime now) {
    const Limits& limits = shared_.options.limits;
    const auto age = now - since_;
    switch (phase_) {
        case Phase::kHandshake:
            if (age > limits.header_timeout) {
                shared_.dispatcher.count_refused_connection("handshake_timeout");
                close_now();
            }
            break;
        case Phase::kIdle:
            if (age > limits.idle_timeout) {
                close_now();
            }
            break;
        case Phase::kHead:
        case Phase::kBody:
            if (age > (phase_ == Phase::kHead ? limits.header_timeout : limits.body_timeout)) {
                too_slow_ = true;
                wake_later();
            }
            break;
        case Phase::kHandling:
        case Phase::kStreaming:
            sweep_others(now);
            break;
        case Phase::kWriting:
            if (age > limits.write_timeout) {
                close_now();
            }
            break;
        case Phase::kLingering:
            if (age > kLinger) {
                close_now();
            }
            break;
    }
    sweep_drain(now);
}

void SessionBase::sweep_others(SteadyTime now) {
    if (!reading_ && !gone_ && peer_has_left()) {
        gone_ = true;
    }
    const bool streams = phase_ == Phase::kStreaming;
    too_late_ = too_late_ || (!streams && !exchange_.context.deadline.is_never() &&
                              now > exchange_.context.deadline.at() + kPastDeadline);
    // Again at each sweep: what could not be cancelled the last time may wait for something else
    // now.
    if (gone_ || too_late_ || stopped_ || (streams && draining())) {
        cancel_handler_later();
    }
}

void SessionBase::sweep_drain(SteadyTime now) {
    if (!draining()) {
        return;
    }
    const auto age = now - since_;
    if (phase_ == Phase::kIdle && age > kFirstRequest && !has_bytes(native_socket())) {
        close_now();
    } else if (stopped_ && !with_others() && age > kAfterCancel) {
        close_now();
    }
}

void SessionBase::drain() {
    // Bytes in the socket are a request that was sent before the client could know.
    if (phase_ == Phase::kIdle && served_ > 0 && in_.empty() && !has_bytes(native_socket())) {
        close_now();
    } else if (phase_ == Phase::kStreaming) {
        cancel_handler_later();
    }
}

void SessionBase::cancel() {
    stopped_ = true;
    if (with_others()) {
        cancel_handler_later();
    } else {
        close_now();
    }
}

}  // namespace meshscope::server
