#include "tests/support/raw_client.hpp"

#include "core/text.hpp"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace meshscope::test {
namespace {

std::size_t parse_number(std::string_view text, int base) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
        throw std::runtime_error("not a number in a response: " + std::string(text));
    }
    return value;
}

}  // namespace

std::string RawResponse::header(std::string_view lower_case_name) const {
    for (const auto& [name, value] : headers) {
        if (name == lower_case_name) {
            return value;
        }
    }
    return {};
}

bool RawResponse::has(std::string_view lower_case_name) const {
    for (const auto& [name, value] : headers) {
        if (name == lower_case_name) {
            return true;
        }
    }
    return false;
}

RawClient::RawClient(std::uint16_t port, std::chrono::milliseconds limit) : limit_(limit) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // The socket interface is written in terms of this cast.
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        const std::string reason = std::strerror(errno);
        ::close(socket_);
        throw std::runtime_error("cannot connect to port " + std::to_string(port) + ": " + reason);
    }
}

RawClient::~RawClient() { close(); }

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      limit_(other.limit_),
      buffer_(std::move(other.buffer_)) {}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

bool RawClient::fill() {
    pollfd entry{socket_, POLLIN, 0};
    if (::poll(&entry, 1, static_cast<int>(limit_.count())) != 1) {
        return false;
    }
    std::array<char, 16 * 1024> bytes{};
    const auto count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (count <= 0) {
        return false;
    }
    buffer_.append(bytes.data(), static_cast<std::size_t>(count));
    return true;
}

std::optional<std::string> RawClient::line() {
    std::size_t end = buffer_.find("\r\n");
    while (end == std::string::npos) {
        if (!fill()) {
            return std::nullopt;
        }
        end = buffer_.find("\r\n");
    }
    std::string text = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    return text;
}

std::string RawClient::exactly(std::size_t count) {
    while (buffer_.size() < count) {
        if (!fill()) {
            throw std::runtime_error("a response broke off in its body");
        }
    }
    std::string text = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return text;
}

void RawClient::read_chunks(RawResponse& response) {
    response.chunked = true;
    for (;;) {
        const std::optional<std::string> size_line = line();
        if (!size_line) {
            throw std::runtime_error("a response broke off between chunks");
        }
        const std::size_t size = parse_number(*size_line, 16);
        response.body += exactly(size);
        if (exactly(2) != "\r\n") {
            throw std::runtime_error("a chunk has no end");
        }
        if (size == 0) {
            return;
        }
    }
}

std::optional<RawResponse> RawClient::receive(bool to_head) {
    const std::optional<std::string> status_line = line();
    if (!status_line) {
        if (!buffer_.empty()) {
            throw std::runtime_error("a response broke off in its status line");
        }
        return std::nullopt;
    }
    if (!status_line->starts_with("HTTP/1.1 ") || status_line->size() < 12) {
        throw std::runtime_error("not a status line: " + *status_line);
    }
    RawResponse response;
    response.status =
        static_cast<unsigned>(parse_number(std::string_view(*status_line).substr(9, 3), 10));
    response.reason = status_line->size() > 13 ? status_line->substr(13) : std::string();
    for (;;) {
        const std::optional<std::string> field = line();
        if (!field) {
            throw std::runtime_error("a response broke off in its head");
        }
        if (field->empty()) {
            break;
        }
        const std::size_t colon = field->find(':');
        if (colon == std::string::npos) {
            throw std::runtime_error("not a header field: " + *field);
        }
        response.headers.emplace_back(
            to_lower(field->substr(0, colon)), std::string(trim(field->substr(colon + 1)))
        );
    }
    if (to_head || response.status < 200 || response.status == 204 || response.status == 304) {
        return response;
    }
    if (iequals(response.header("transfer-encoding"), "chunked")) {
        read_chunks(response);
    } else if (response.has("content-length")) {
        response.body = exactly(parse_number(response.header("content-length"), 10));
    } else {
        response.body = read_all();
    }
    return response;
}

std::optional<RawResponse> RawClient::ask(std::string_view request) {
    send(request);
    return receive();
}

std::string RawClient::read_all() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
}

bool RawClient::closed_by_server() {
    std::array<char, 4096> bytes{};
    for (;;) {
        pollfd entry{socket_, POLLIN, 0};
        if (::poll(&entry, 1, static_cast<int>(limit_.count())) != 1) {
            return false;
        }
        if (::recv(socket_, bytes.data(), bytes.size(), 0) <= 0) {
            return true;
        }
    }
}

void RawClient::close_sending() { ::shutdown(socket_, SHUT_WR); }

void RawClient::close() {
    if (socket_ >= 0) {
        ::close(std::exchange(socket_, -1));
    }
}

void RawClient::reset() {
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close();
}

std::string get_request(std::string_view target, std::string_view more) {
    std::string text = "GET ";
    text += target;
    text += " HTTP/1.1\r\nHost: localhost\r\n";
    text += more;
    text += "\r\n";
    return text;
}

std::optional<RawResponse> fetch(std::uint16_t port, std::string_view request) {
    RawClient client(port);
    return client.ask(request);
}

}  // namespace meshscope::test
