#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::test {

struct RawResponse {
    unsigned status = 0;
    std::string reason;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;                                          // without its chunks
    bool chunked = false;

    // The first value; "" when absent.
    [[nodiscard]] std::string header(std::string_view lower_case_name) const;
    [[nodiscard]] bool has(std::string_view lower_case_name) const;
};

// A blocking HTTP/1.1 client on 127.0.0.1 that sends exactly the bytes it is given. Every wait has
// a limit (10 s unless told), so that a broken server fails a test instead of hanging it.
class RawClient {
 public:
    // Throws std::runtime_error when it cannot connect.
    explicit RawClient(
        std::uint16_t port, std::chrono::milliseconds limit = std::chrono::seconds(10)
    );
    ~RawClient();
    RawClient(RawClient&& other) noexcept;
    RawClient& operator=(RawClient&&) = delete;
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    // False when the server has closed or reset the connection.
    bool send(std::string_view bytes);

    // One response, interim ones (100) included; nullopt when the connection ended before its first
    // byte or the limit passed. A response that breaks off or makes no sense throws
    // std::runtime_error. `to_head`: the response answers a HEAD request and has no body.
    std::optional<RawResponse> receive(bool to_head = false);

    // send() and receive().
    std::optional<RawResponse> ask(std::string_view request);

    // Reads until the server closes; true when it does within the limit.
    bool closed_by_server();
    // Whatever comes until the server closes or the limit passes.
    std::string read_all();

    void close_sending();  // half-close: the server reads an end of file
    void close();          // orderly
    void reset();          // with a TCP reset
    [[nodiscard]] int native() const { return socket_; }

 private:
    bool fill();  // reads more into buffer_; false at the end or the limit
    std::optional<std::string> line();
    std::string exactly(std::size_t count);
    void read_chunks(RawResponse& response);

    int socket_ = -1;
    std::chrono::milliseconds limit_;
    std::string buffer_;
};

// "GET target HTTP/1.1" with a Host field and `more`, which are whole lines with their ends.
std::string get_request(std::string_view target, std::string_view more = {});

// One request on a connection of its own.
std::optional<RawResponse> fetch(std::uint16_t port, std::string_view request);

}  // namespace meshscope::test
