#pragma once

#include "async/awaitable.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace meshscope::test {

// A TCP relay to a port on 127.0.0.1 that closes the connection, both ways, when the client sends
// `marker`: the first `cuts` times, after that everything passes.
class CuttingRelay {
 public:
    CuttingRelay(std::uint16_t upstream, std::string marker, int cuts)
        : upstream_(upstream),
          marker_(std::move(marker)),
          cuts_(cuts),
          acceptor_(io_, {boost::asio::ip::make_address_v4("127.0.0.1"), 0}),
          port_(acceptor_.local_endpoint().port()) {
        boost::asio::co_spawn(io_.get_executor(), accept(), boost::asio::detached);
        thread_ = std::thread([this] { io_.run(); });
    }
    ~CuttingRelay() {
        io_.stop();
        thread_.join();
    }
    CuttingRelay(const CuttingRelay&) = delete;
    CuttingRelay& operator=(const CuttingRelay&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] int connections() const { return connections_; }

 private:
    using Tcp = boost::asio::ip::tcp;
    using Socket = boost::asio::basic_stream_socket<Tcp, Executor>;
    struct Pair {
        Pair(Socket c, Socket s) : client(std::move(c)), server(std::move(s)) {}
        void close() {
            boost::system::error_code ignored;
            client.close(ignored);
            server.close(ignored);
        }
        Socket client;
        Socket server;
    };

    Awaitable<> accept() {
        for (;;) {
            Socket client(io_.get_executor());
            Socket server(io_.get_executor());
            const auto waiting = boost::asio::as_tuple(use_awaitable);
            auto [failed] = co_await acceptor_.async_accept(client, waiting);
            if (failed) {
                co_return;
            }
            ++connections_;
            const Tcp::endpoint target(boost::asio::ip::make_address_v4("127.0.0.1"), upstream_);
            auto [unreachable] = co_await server.async_connect(target, waiting);
            if (unreachable) {
                continue;
            }
            auto pair = std::make_shared<Pair>(std::move(client), std::move(server));
            boost::asio::co_spawn(io_.get_executor(), up(pair), boost::asio::detached);
            boost::asio::co_spawn(io_.get_executor(), down(pair), boost::asio::detached);
        }
    }

    Awaitable<> up(std::shared_ptr<Pair> pair) {
        std::array<char, 16'384> bytes;
        const auto waiting = boost::asio::as_tuple(use_awaitable);
        for (;;) {
            auto [ended, size] =
                co_await pair->client.async_read_some(boost::asio::buffer(bytes), waiting);
            const std::string_view heard(bytes.data(), size);
            const bool cut = cuts_ > 0 && heard.find(marker_) != std::string_view::npos;
            cuts_ -= cut ? 1 : 0;
            if (ended || cut) {
                pair->close();
                co_return;
            }
            auto [lost, written] = co_await boost::asio::async_write(
                pair->server, boost::asio::buffer(bytes.data(), size), waiting
            );
            if (lost) {
                pair->close();
                co_return;
            }
        }
    }

    Awaitable<> down(std::shared_ptr<Pair> pair) {
        std::array<char, 16'384> bytes;
        const auto waiting = boost::asio::as_tuple(use_awaitable);
        for (;;) {
            auto [ended, size] =
                co_await pair->server.async_read_some(boost::asio::buffer(bytes), waiting);
            if (ended) {
                pair->close();
                co_return;
            }
            auto [lost, written] = co_await boost::asio::async_write(
                pair->client, boost::asio::buffer(bytes.data(), size), waiting
            );
            if (lost) {
                pair->close();
                co_return;
            }
        }
    }

    std::uint16_t upstream_;
    std::string marker_;
    int cuts_;
    std::atomic<int> connections_{0};
    boost::asio::io_context io_{1};
    boost::asio::basic_socket_acceptor<Tcp, Executor> acceptor_;
    std::uint16_t port_;
    std::thread thread_;
};

}  // namespace meshscope::test
