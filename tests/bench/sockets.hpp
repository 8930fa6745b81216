#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace meshscope::bench {

// Just enough blocking HTTP/1.1 for a client, a replaying upstream and a baseline server: loopback,
// keep-alive, Content-Length or chunked. Failures throw std::runtime_error.
class Connection {
 public:
    explicit Connection(int fd) : fd_(fd) {}
    static Connection open(std::uint16_t port);
    ~Connection();
    Connection(Connection&& other) noexcept
        : fd_(other.fd_), buffered_(std::move(other.buffered_)) {
        other.fd_ = -1;
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void send(std::string_view text);

    struct Answer {
        int status = 0;
        std::string head;
        std::string body;            // only when asked for
        std::size_t body_bytes = 0;  // without chunk framing
    };
    // Sends a GET and reads the whole answer. `keep`: keep the body instead of only counting it.
    Answer get(std::string_view target, std::string_view headers, bool keep);

    // The head of the next request, empty when the other side is gone.
    std::string read_head();
    // The next request or response as it came, empty when the other side is gone.
    std::string read_message();

 private:
    bool fill();
    void read_into(std::string& out, std::size_t size);
    void take(std::size_t size, std::string* keep);
    std::string line();

    int fd_;
    std::string buffered_;
};

// Calls `serve` for each connection on a thread of its own, for ever; what it throws ends that one.
[[noreturn]] void serve_connections(
    std::uint16_t port, const std::function<void(Connection&)>& serve
);
// Likewise. `answer` gets the target of a GET and the whole head of the request and returns
// complete responses.
[[noreturn]] void serve(
    std::uint16_t port,
    const std::function<std::string_view(std::string_view target, std::string_view head)>& answer
);

std::string response_head(std::size_t body_bytes, std::string_view extra = "");

}  // namespace meshscope::bench
