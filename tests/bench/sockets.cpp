#include "tests/bench/sockets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace meshscope::bench {

namespace {

constexpr std::size_t kReadBytes = 256UL * 1024;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

std::size_t header_number(std::string_view head, std::string_view name, int base) {
    const std::size_t at = head.find(name);
    return at == std::string_view::npos
               ? std::string_view::npos
               : std::stoull(std::string(head.substr(at + name.size(), 24)), nullptr, base);
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

void answer_gets(
    Connection& connection,
    const std::function<std::string_view(std::string_view, std::string_view)>& answer
) {
    while (true) {
        const std::string head = connection.read_head();
        if (head.empty()) {
            return;
        }
        const std::size_t begin = head.find(' ') + 1;
        connection.send(
            answer(std::string_view(head).substr(begin, head.find(' ', begin) - begin), head)
        );
    }
}

}  // namespace

Connection Connection::open(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        throw std::runtime_error(fmt::format("cannot connect to port {}", port));
    }
    return Connection(fd);
}

Connection::~Connection() {
    if (fd_ >= 0) {
        close(fd_);
    }
}

void Connection::send(std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            throw std::runtime_error("connection lost while sending");
        }
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
}

bool Connection::fill() {
    static thread_local std::array<char, kReadBytes> buffer;
    const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
    if (got <= 0) {
        return false;
    }
    buffered_.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
}

void Connection::take(std::size_t size, std::string* keep) {
    while (size > 0) {
        if (buffered_.empty() && !fill()) {
            throw std::runtime_error("connection lost inside an answer");
        }
        const std::size_t part = std::min(size, buffered_.size());
        if (keep != nullptr) {
            keep->append(buffered_, 0, part);
        }
        buffered_.erase(0, part);
        size -= part;
    }
}

void Connection::read_into(std::string& out, std::size_t size) {
    out.resize(size);
    std::size_t have = std::min(size, buffered_.size());
    out.replace(0, have, buffered_, 0, have);
    buffered_.erase(0, have);
    while (have < size) {
        const ssize_t got = recv(fd_, out.data() + have, size - have, 0);
        if (got <= 0) {
            throw std::runtime_error("connection lost inside an answer");
        }
        have += static_cast<std::size_t>(got);
    }
}

std::string Connection::line() {
    std::size_t end = 0;
    while ((end = buffered_.find("\r\n")) == std::string::npos) {
        if (!fill()) {
            throw std::runtime_error("connection lost inside an answer");
        }
    }
    std::string text = buffered_.substr(0, end);
    buffered_.erase(0, end + 2);
    return text;
}

std::string Connection::read_head() {
    std::size_t end = 0;
    while ((end = buffered_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill()) {
            return {};
        }
    }
    std::string head = buffered_.substr(0, end + 4);
    buffered_.erase(0, end + 4);
    return head;
}

std::string Connection::read_message() {
    std::string message = read_head();
    const std::string fields = lower(message);
    const std::size_t length = header_number(fields, "\r\ncontent-length: ", 10);
    if (length != std::string_view::npos) {
        take(length, &message);
        return message;
    }
    const bool is_chunked = fields.find("\r\ntransfer-encoding: chunked") != std::string::npos;
    for (std::size_t chunk = is_chunked ? 1 : 0; chunk > 0;) {
        const std::string size = line();
        chunk = std::stoull(size, nullptr, 16);
        message += size + "\r\n";
        take(chunk + 2, &message);
    }
    return message;
}

Connection::Answer Connection::get(std::string_view target, std::string_view headers, bool keep) {
    send(fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", target, headers));
    Answer answer;
    answer.head = read_head();
    if (answer.head.size() < 12) {
        throw std::runtime_error("no answer");
    }
    answer.status = std::stoi(answer.head.substr(9, 3));
    std::string* kept = keep ? &answer.body : nullptr;
    const std::string fields = lower(answer.head);
    const std::size_t length = header_number(fields, "\r\ncontent-length: ", 10);
    if (length != std::string_view::npos) {
        answer.body_bytes = length;
        if (keep) {
            read_into(answer.body, length);
        } else {
            take(length, nullptr);
        }
        return answer;
    }
    while (true) {
        const std::size_t chunk = std::stoull(line(), nullptr, 16);
        take(chunk, kept);
        answer.body_bytes += chunk;
        line();
        if (chunk == 0) {
            return answer;
        }
    }
}

void serve_connections(std::uint16_t port, const std::function<void(Connection&)>& serve) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        listen(fd, 64) != 0) {
        throw std::runtime_error(fmt::format("cannot listen on port {}", port));
    }
    while (true) {
        const int client = accept4(fd, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) {
            continue;
        }
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        std::thread([client, &serve] {
            Connection connection(client);
            try {
                serve(connection);
            } catch (const std::exception&) {
                return;  // the other side went away
            }
        }).detach();
    }
}

void serve(
    std::uint16_t port,
    const std::function<std::string_view(std::string_view, std::string_view)>& answer
) {
    serve_connections(port, [&answer](Connection& connection) { answer_gets(connection, answer); });
}

std::string response_head(std::size_t body_bytes, std::string_view extra) {
    return fmt::format(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{}Content-Length: {}\r\n\r\n",
        extra,
        body_bytes
    );
}

}  // namespace meshscope::bench
