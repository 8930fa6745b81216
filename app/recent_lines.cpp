#include "app/recent_lines.hpp"

#include <cerrno>
#include <unistd.h>

namespace meshscope::app {

void RecentLines::write(std::string_view line) {
    keep(line);
    std::string whole(line);
    whole += '\n';
    std::string_view rest = whole;
    while (!rest.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return;  // nobody can be told that the log cannot be written; the server goes on
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

void RecentLines::keep(std::string_view line) {
    const std::scoped_lock lock(mutex_);
    lines_.emplace_back(line);
    bytes_ += line.size();
    while (bytes_ > kMostBytes) {
        bytes_ -= lines_.front().size();
        lines_.pop_front();
    }
}

std::vector<std::string> RecentLines::lines() const {
    const std::scoped_lock lock(mutex_);
    return {lines_.begin(), lines_.end()};
}

}  // namespace meshscope::app
