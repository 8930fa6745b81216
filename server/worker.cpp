#include "server/worker.hpp"

#include "core/random.hpp"
#include "server/session_base.hpp"
#include "server/tls_context.hpp"
#include "telemetry/logger.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <pthread.h>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace meshscope::server {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::seconds kAcceptWarningEvery{10};
constexpr std::chrono::milliseconds kShortestSweep{20};
constexpr std::chrono::milliseconds kLongestSweep{1000};
constexpr std::size_t kMaxTurnedAway = 256;

// Sent before anything is read: no router and no renderer has a part in it.
std::string busy_answer() {
    const std::string id = random_request_id();
    const std::string body =
        R"({"error":"there are too many connections","code":"overloaded","requestId":")" + id +
        R"("})";
    return "HTTP/1.1 503 Service Unavailable\r\nContent-Type: "
           "application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\nX-Request-Id: " + id +
           "\r\nRetry-After: 1\r\nConnection: close\r\n\r\n" + body;
}

// Half of the shortest limit, so that none is passed by more than half.
// Those who wait to be closed take descriptors, too.
std::size_t most_turned_away(const Limits& limits) {
    return std::min(kMaxTurnedAway, 1 + limits.max_connections / 8);
}

std::chrono::milliseconds sweep_interval(const Limits& limits) {
    const auto shortest = std::min(
        {limits.header_timeout,
         limits.body_timeout,
         limits.idle_timeout,
         limits.write_timeout,
         limits.request_timeout}
    );
    return std::clamp(shortest / 2, kShortestSweep, kLongestSweep);
}

bool is_shortage(const error_code& error) {
    return error == boost::system::errc::too_many_files_open ||
           error == boost::system::errc::too_many_files_open_in_system ||
           error == boost::system::errc::no_buffer_space ||
           error == boost::system::errc::not_enough_memory;
}

}  // namespace

void Shared::connection_closed() {
    if (connections.fetch_sub(1) == 1) {
        const std::scoped_lock lock(mutex_);
        idle_.notify_all();
    }
}

bool Shared::wait_until_idle(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return idle_.wait_for(lock, limit, [this] { return connections.load() == 0; });
}

Worker::Worker(Shared& shared)
    : shared_(shared),
      work_(context_.get_executor()),
      acceptor_(context_.get_executor()),
      accept_timer_(context_.get_executor()),
      sweep_timer_(context_.get_executor()) {}

Worker::~Worker() = default;

error_code Worker::listen(const tcp::endpoint& endpoint) {
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (error) {
        return error;
    }
    using ReusePort = boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
    acceptor_.set_option(TcpAcceptor::reuse_address(true), error);
    acceptor_.set_option(ReusePort(true), error);
    if (endpoint.protocol() == tcp::v6()) {
        acceptor_.set_option(boost::asio::ip::v6_only(false), error);
    }
    acceptor_.bind(endpoint, error);
    if (!error) {
        acceptor_.listen(boost::asio::socket_base::max_listen_connections, error);
    }
    return error;
}

tcp::endpoint Worker::local_endpoint() const {
    error_code error;
    return acceptor_.local_endpoint(error);
}

void Worker::start() {
    const auto ended = [this](std::exception_ptr thrown) {
        if (thrown && shared_.dispatcher.logger() != nullptr) {
            shared_.dispatcher.logger()->error("a task of the listener threw", {});
        }
    };
    // The thread first: what is spawned before it would never run if there is none.
    const auto serve = [this] {
        ::pthread_setname_np(::pthread_self(), "serve");
        context_.run();
    };
    thread_ = shared_.make_thread ? shared_.make_thread(serve) : std::thread(serve);
    boost::asio::co_spawn(context_.get_executor(), accept_loop(), ended);
    boost::asio::co_spawn(context_.get_executor(), sweep_loop(), ended);
}

void Worker::close() {
    error_code ignored;
    acceptor_.close(ignored);
}

void Worker::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

Worker::Place Worker::enter(SessionBase* session) {
    return sessions_.insert(sessions_.end(), session);
}

void Worker::leave(Place place) { sessions_.erase(place); }

Awaitable<> Worker::accept_loop() {
    while (acceptor_.is_open()) {
        auto [error, socket] =
            co_await acceptor_.async_accept(boost::asio::as_tuple(use_awaitable));
        if (!error) {
            take(std::move(socket));
        } else if (is_shortage(error)) {
            co_await back_off(error);
        }
    }
}

// No busy loop while the process has no descriptor left: those who wait stay in the backlog.
Awaitable<> Worker::back_off(const error_code& error) {
    shared_.dispatcher.count_refused_connection("no_descriptors");
    const SteadyTime now = shared_.dispatcher.clock().steady_now();
    if (!last_accept_warning_ || now - *last_accept_warning_ > kAcceptWarningEvery) {
        last_accept_warning_ = now;
        if (telemetry::Logger* logger = shared_.dispatcher.logger()) {
            const std::string text = error.message();
            logger->warn(
                "cannot accept connections for now; raise the limit of open files",
                {{"error", std::string_view(text)}}
            );
        }
    }
    accept_timer_.expires_after(kAcceptPause);
    co_await accept_timer_.async_wait(boost::asio::as_tuple(use_awaitable));
}

void Worker::take(TcpSocket socket) {
    const std::size_t before = shared_.connections.fetch_add(1);
    ConnectionTicket ticket(shared_);
    if (before >= shared_.options.limits.max_connections) {
        turn_away(std::move(socket));
        return;
    }
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(boost::asio::socket_base::keep_alive(true), ignored);
    try {
        if (shared_.tls) {
            start_tls_session(*this, std::move(socket), std::move(ticket));
        } else {
            start_plain_session(*this, std::move(socket), std::move(ticket));
        }
    } catch (const std::exception&) {
        // No memory for one connection more; the others and the listener go on.
        shared_.dispatcher.count_refused_connection("no_memory");
    }
}

// The answer is sent without waiting; the socket stays open until the next sweep, because closing
// at once could reset the connection before the client has read it.
void Worker::turn_away(TcpSocket socket) {
    shared_.dispatcher.count_refused_connection("max_connections");
    if (shared_.tls || turned_away_.size() >= most_turned_away(shared_.options.limits)) {
        return;
    }
    const std::string answer = busy_answer();
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.send(boost::asio::buffer(answer), 0, ignored);
    socket.shutdown(TcpSocket::shutdown_send, ignored);
    turned_away_.push_back(std::move(socket));
}

Awaitable<> Worker::sweep_loop() {
    const std::chrono::milliseconds interval = sweep_interval(shared_.options.limits);
    std::size_t old_turned_away = 0;
    while (!released_) {
        sweep_timer_.expires_after(interval);
        co_await sweep_timer_.async_wait(boost::asio::as_tuple(use_awaitable));
        for (; old_turned_away > 0; --old_turned_away) {
            turned_away_.pop_front();
        }
        old_turned_away = turned_away_.size();
        const SteadyTime now = shared_.dispatcher.clock().steady_now();
        for (SessionBase* session : sessions_) {
            session->sweep(now);
        }
    }
    turned_away_.clear();
}

// What the kernel has accepted for us already is served: their clients believe they are connected.
void Worker::accept_rest() {
    error_code error;
    acceptor_.non_blocking(true, error);
    while (!error) {
        TcpSocket socket(context_.get_executor());
        acceptor_.accept(socket, error);
        if (!error) {
            take(std::move(socket));
        }
    }
}

void Worker::post_drain(std::shared_ptr<std::latch> heard) {
    boost::asio::post(context_, [this, heard = std::move(heard)] {
        if (acceptor_.is_open()) {
            accept_rest();
            error_code ignored;
            acceptor_.close(ignored);
            accept_timer_.cancel();
        }
        for (SessionBase* session : sessions_) {
            session->drain();
        }
        heard->count_down();
    });
}

void Worker::post_cancel() {
    boost::asio::post(context_, [this] {
        for (SessionBase* session : sessions_) {
            session->cancel();
        }
    });
}

void Worker::post_release() {
    boost::asio::post(context_, [this] {
        released_ = true;
        error_code ignored;
        acceptor_.close(ignored);
        accept_timer_.cancel();
        sweep_timer_.cancel();
        work_.reset();
    });
}

}  // namespace meshscope::server
