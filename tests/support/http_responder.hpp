#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace meshscope::test {

// An HTTP/1.1 server on 127.0.0.1 that writes prepared bytes for each GET. One thread for each
// connection; stops in the destructor.
class HttpResponder {
 public:
    enum class Then { kKeepAlive, kStall, kClose };
    struct Answer {
        std::string bytes;  // head and body as they go out
        Then then = Then::kKeepAlive;
    };
    using Handler = std::function<Answer(const std::string& target)>;

    explicit HttpResponder(Handler handler)
        : handler_(std::move(handler)),
          acceptor_(io_, {boost::asio::ip::make_address_v4("127.0.0.1"), 0}),
          accepting_([this] { accept(); }) {}

    ~HttpResponder() {
        stopping_ = true;
        boost::system::error_code ignored;
        boost::asio::ip::tcp::socket last(io_);
        last.connect(acceptor_.local_endpoint(), ignored);
        accepting_.join();
        for (Connection& connection : connections_) {
            {
                const std::scoped_lock lock(mutex_);
                connection.socket.shutdown(boost::asio::socket_base::shutdown_both, ignored);
            }
            connection.thread.join();
        }
    }
    HttpResponder(const HttpResponder&) = delete;
    HttpResponder& operator=(const HttpResponder&) = delete;

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
    struct Connection {
        explicit Connection(boost::asio::ip::tcp::socket s) : socket(std::move(s)) {}
        boost::asio::ip::tcp::socket socket;
        std::thread thread;
    };

    void accept() {
        while (true) {
            boost::system::error_code error;
            boost::asio::ip::tcp::socket socket(io_);
            acceptor_.accept(socket, error);
            if (error || stopping_) {
                return;
            }
            Connection& connection = connections_.emplace_back(std::move(socket));
            connection.thread = std::thread([this, &connection] { serve(connection.socket); });
        }
    }

    void serve(boost::asio::ip::tcp::socket& socket) {
        boost::system::error_code error;
        std::string received;
        while (true) {
            const std::size_t size = boost::asio::read_until(
                socket, boost::asio::dynamic_buffer(received), "\r\n\r\n", error
            );
            if (error) {
                break;
            }
            const std::size_t from = received.find(' ') + 1;
            const Answer answer = handler_(received.substr(from, received.find(' ', from) - from));
            received.erase(0, size);
            boost::asio::write(socket, boost::asio::buffer(answer.bytes), error);
            if (error || answer.then == Then::kClose) {
                break;
            }
            if (answer.then == Then::kStall) {
                char byte = 0;
                while (!error) {
                    socket.read_some(boost::asio::buffer(&byte, 1), error);
                }
                break;
            }
        }
        const std::scoped_lock lock(mutex_);
        socket.shutdown(boost::asio::socket_base::shutdown_both, error);
    }

    Handler handler_;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;  // of the shutdowns
    boost::asio::io_context io_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::list<Connection> connections_;
    std::thread accepting_;
};

}  // namespace meshscope::test
