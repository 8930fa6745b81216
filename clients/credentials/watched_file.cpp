#include "clients/credentials/watched_file.hpp"

#include "clients/credentials/read_again.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace meshscope::clients {

namespace {

constexpr std::chrono::seconds kLookEvery{1};

// When all files were to be read again.
std::atomic<SteadyTime> asked_at{SteadyTime::min()};

std::int64_t nanoseconds(const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

Error unreadable(const std::string& path, int cause) {
    return Error(
        ErrorKind::kUpstreamAuth,
        "cannot read " + path + ": " + std::generic_category().message(cause)
    );
}

class Descriptor {
 public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return fd_; }

 private:
    int fd_;
};

}  // namespace

void read_files_again(const Clock& clock) { asked_at = clock.steady_now(); }

WatchedFile::WatchedFile(std::string path, const Clock& clock)
    : path_(std::move(path)), clock_(&clock) {}

// Of the open file, or of the path when there is none.
std::optional<WatchedFile::Identity> WatchedFile::identify(
    int descriptor, const std::string& path
) {
    struct stat status{};
    const int failed =
        descriptor >= 0 ? ::fstat(descriptor, &status) : ::stat(path.c_str(), &status);
    if (failed != 0) {
        return std::nullopt;
    }
    Identity identity;
    identity.device = status.st_dev;
    identity.inode = status.st_ino;
    identity.size = status.st_size;
    identity.modified_ns = nanoseconds(status.st_mtim);
    identity.changed_ns = nanoseconds(status.st_ctim);
    return identity;
}

bool WatchedFile::look_again() {
    const SteadyTime now = clock_->steady_now();
    if (last_look_ && *last_look_ < asked_at.load()) {
        last_look_ = now;
        return true;
    }
    if (last_look_ && now - *last_look_ < kLookEvery) {
        return false;
    }
    last_look_ = now;
    return !seen_ || identify(-1, path_) != seen_;
}

Result<std::string> WatchedFile::read() {
    seen_.reset();
    // Not blocking: a FIFO in place of a file must not stop a thread.
    const Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0) {
        return unreadable(path_, errno);
    }
    const std::optional<Identity> identity = identify(file.get(), path_);
    std::string content;
    std::array<char, 16384> buffer{};
    while (true) {
        const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return unreadable(path_, errno);
        }
        if (got == 0) {
            break;
        }
        content.append(buffer.data(), static_cast<std::size_t>(got));
        if (content.size() > kMaxBytes) {
            return unreadable(path_, EFBIG);
        }
    }
    seen_ = identity;
    return content;
}

}  // namespace meshscope::clients
