#include "app/support_port.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace meshscope::app {

namespace {

constexpr std::chrono::milliseconds kPatience{5'000};
constexpr std::size_t kMost = 64UL * 1024 * 1024;

class Descriptor {
 public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
    int fd_;
};

Error unavailable(const std::string& what) {
    return {ErrorKind::kUnavailable, what + ": " + std::generic_category().message(errno)};
}

struct Address {
    sockaddr_un value{};
    socklen_t size = 0;

    // The byte 0 in front makes it a name without a file.
    explicit Address(std::uint16_t port) {
        const std::string name = "meshscope-support-" + std::to_string(port);
        value.sun_family = AF_UNIX;
        std::memcpy(&value.sun_path[1], name.data(), name.size());
        size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    }
    [[nodiscard]] const sockaddr* get() const {
        return static_cast<const sockaddr*>(static_cast<const void*>(&value));
    }
};

// Whether the process at the other end is of this user, or root's.
bool is_ours(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == ::geteuid() || peer.uid == 0);
}

void bound_waiting(int socket, std::chrono::milliseconds patience) {
    timeval time{};
    time.tv_sec = patience.count() / 1000;
    time.tv_usec = patience.count() % 1000 * 1000;
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
}

void send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

}  // namespace

Result<std::unique_ptr<SupportPort>> SupportPort::open(
    std::uint16_t port, std::function<std::string()> bytes
) {
    Descriptor listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const Address address(port);
    if (listening.get() < 0 || ::bind(listening.get(), address.get(), address.size) != 0 ||
        ::listen(listening.get(), 4) != 0) {
        return unavailable("the socket for --support-bundle cannot be had");
    }
    Descriptor stopped(::eventfd(0, EFD_CLOEXEC));
    if (stopped.get() < 0) {
        return unavailable("the socket for --support-bundle cannot be had");
    }
    std::unique_ptr<SupportPort> made(
        new SupportPort(listening.release(), stopped.release(), std::move(bytes))
    );
    try {
        made->thread_ = std::thread([port_of = made.get()] { port_of->run(); });
    } catch (const std::system_error& error) {
        return Error(
            ErrorKind::kUnavailable,
            std::string("the socket for --support-bundle has no thread: ") + error.what()
        );
    }
    return made;
}

SupportPort::SupportPort(int listening, int stopped, std::function<std::string()> bytes)
    : listening_(listening), stopped_(stopped), bytes_(std::move(bytes)) {}

SupportPort::~SupportPort() {
    const std::uint64_t one = 1;
    while (::write(stopped_, &one, sizeof one) < 0 && errno == EINTR) {
    }
    if (thread_.joinable()) {
        thread_.join();
    }
    ::close(listening_);
    ::close(stopped_);
}

void SupportPort::run() {
    while (true) {
        std::array<pollfd, 2> wait{pollfd{listening_, POLLIN, 0}, pollfd{stopped_, POLLIN, 0}};
        if (::poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) {
            return;
        }
        if (wait[1].revents != 0) {
            return;
        }
        if (wait[0].revents == 0) {
            continue;
        }
        const Descriptor caller(::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC));
        if (caller.get() >= 0 && is_ours(caller.get())) {
            bound_waiting(caller.get(), kPatience);
            send_all(caller.get(), bytes_());
        }
    }
}

Result<std::string> ask_support_port(std::uint16_t port, std::chrono::milliseconds patience) {
    const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const Address address(port);
    if (socket.get() < 0 || ::connect(socket.get(), address.get(), address.size) != 0) {
        return unavailable("no running server is found for port " + std::to_string(port));
    }
    if (!is_ours(socket.get())) {
        errno = EPERM;
        return unavailable("the server on port " + std::to_string(port) + " is another user's");
    }
    bound_waiting(socket.get(), patience);
    std::string bytes;
    std::array<char, 16384> buffer{};
    while (true) {
        const ssize_t got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got == 0) {
            return bytes;
        }
        if (got < 0 || bytes.size() > kMost) {
            return unavailable("the server does not answer");
        }
        bytes.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

}  // namespace meshscope::app
