#pragma once

#include "async/awaitable.hpp"
#include "async/with_deadline.hpp"
#include "server/dispatcher.hpp"
#include "server/server.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <latch>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace meshscope::server {

class SessionBase;
class TlsContext;

using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using TcpAcceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;

// What all threads of one server share.
struct Shared {
    Shared(ServerOptions the_options, ServerParts parts)
        : options(std::move(the_options)),
          make_thread(parts.make_thread),
          dispatcher(options, std::move(parts)) {}

    const ServerOptions options;
    const std::function<std::thread(std::function<void()>)> make_thread;  // may be empty
    const Dispatcher dispatcher;
    std::shared_ptr<TlsContext> tls;  // null: plain HTTP
    std::atomic<std::size_t> connections{0};
    std::atomic<std::size_t> live{0};  // live bodies under way
    std::atomic<bool> draining{false};

    void connection_closed();
    // Waits until no connection is left; false when `limit` came first.
    bool wait_until_idle(std::chrono::milliseconds limit);

 private:
    std::mutex mutex_;
    std::condition_variable idle_;
};

// An open connection's place in the count.
class ConnectionTicket {
 public:
    explicit ConnectionTicket(Shared& shared) : shared_(&shared) {}
    ConnectionTicket(ConnectionTicket&& other) noexcept
        : shared_(std::exchange(other.shared_, nullptr)) {}
    ConnectionTicket& operator=(ConnectionTicket&&) = delete;
    ~ConnectionTicket() {
        if (shared_ != nullptr) {
            shared_->connection_closed();
        }
    }

 private:
    Shared* shared_;
};

// One of the live bodies under way, if there is room for it.
class LivePlace {
 public:
    explicit LivePlace(Shared& shared)
        : shared_(shared), ok_(shared.live.fetch_add(1) < shared.options.limits.max_live) {}
    LivePlace(const LivePlace&) = delete;
    LivePlace& operator=(const LivePlace&) = delete;
    ~LivePlace() { shared_.live.fetch_sub(1); }
    [[nodiscard]] bool ok() const { return ok_; }

 private:
    Shared& shared_;
    const bool ok_;
};

// One serving thread: its io_context, listening socket and connections. What is not said to be for
// any thread is called on its own.
class Worker {
 public:
    explicit Worker(Shared& shared);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Before start(): binds with SO_REUSEPORT.
    boost::system::error_code listen(const boost::asio::ip::tcp::endpoint& endpoint);
    [[nodiscard]] boost::asio::ip::tcp::endpoint local_endpoint() const;

    void start();  // from the owner's thread; throws std::system_error without a thread
    void close();  // of a worker that was not started: nobody is to connect to it any more
    // From any thread: stops accepting, closes idle connections; counts `heard` down when that is
    // done.
    void post_drain(std::shared_ptr<std::latch> heard);
    void post_cancel();   // from any thread: cancels what still runs
    void post_release();  // from any thread: lets the thread end when its work is done
    void join();          // from the owner's thread

    [[nodiscard]] Executor executor() { return context_.get_executor(); }
    [[nodiscard]] Shared& shared() { return shared_; }

    using Place = std::list<SessionBase*>::iterator;
    [[nodiscard]] Place enter(SessionBase* session);
    void leave(Place place);

 private:
    Awaitable<> accept_loop();
    void accept_rest();
    void take(TcpSocket socket);
    void turn_away(TcpSocket socket);
    Awaitable<> back_off(const boost::system::error_code& error);
    Awaitable<> sweep_loop();

    Shared& shared_;
    boost::asio::io_context context_{1};
    std::optional<boost::asio::executor_work_guard<Executor>> work_;
    TcpAcceptor acceptor_;
    SteadyTimer accept_timer_;
    SteadyTimer sweep_timer_;
    std::list<SessionBase*> sessions_;
    std::list<TcpSocket> turned_away_;  // their answer is on the way; closed by the next sweep
    std::optional<SteadyTime> last_accept_warning_;
    bool released_ = false;
    std::thread thread_;
};

// Start a session on an accepted socket. In files of their own: each is a heavy instantiation.
void start_plain_session(Worker& worker, TcpSocket socket, ConnectionTicket ticket);
void start_tls_session(Worker& worker, TcpSocket socket, ConnectionTicket ticket);

}  // namespace meshscope::server
