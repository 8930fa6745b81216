#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>

namespace meshscope::test {

// Listens on 127.0.0.1 and answers the first bytes of every connection with fixed bytes, then
// closes it.
class RawServer {
 public:
    explicit RawServer(std::string answer)
        : acceptor_(io_, {boost::asio::ip::make_address_v4("127.0.0.1"), 0}),
          thread_([this, text = std::move(answer)] { serve(text); }) {}

    ~RawServer() {
        stopping_ = true;
        boost::system::error_code ignored;
        boost::asio::ip::tcp::socket last(io_);
        last.connect(acceptor_.local_endpoint(), ignored);
        thread_.join();
    }
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
    void serve(const std::string& answer) {
        for (;;) {
            boost::system::error_code error;
            boost::asio::ip::tcp::socket socket(io_);
            acceptor_.accept(socket, error);
            if (error || stopping_) {
                return;
            }
            char heard[4096];
            socket.read_some(boost::asio::buffer(heard), error);
            boost::asio::write(socket, boost::asio::buffer(answer), error);
            socket.shutdown(boost::asio::ip::tcp::socket::shutdown_both, error);
        }
    }

    std::atomic<bool> stopping_{false};
    boost::asio::io_context io_{1};
    boost::asio::ip::tcp::acceptor acceptor_;
    std::thread thread_;
};

}  // namespace meshscope::test
