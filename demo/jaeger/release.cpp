#include "demo/jaeger/release.hpp"

#include "core/text.hpp"
#include "demo/jaeger/go_values.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace meshscope::demo {
namespace {

std::optional<std::int64_t> digits(std::string_view text) {
    return text.size() <= 3 && !text.starts_with('-') ? parse_integer(text) : std::nullopt;
}

}  // namespace

Result<Release> release_named(std::string_view name) {
    if (name == "next") {
        return Release{"v2.21.0", 21, true};
    }
    const std::string_view numbers = name.starts_with('v') ? name.substr(1) : name;
    const std::vector<std::string_view> parts = split(numbers, '.');
    const std::optional<std::int64_t> minor = parts.size() < 2 ? std::nullopt : digits(parts[1]);
    const std::optional<std::int64_t> patch = parts.size() < 3 ? 0 : digits(parts[2]);
    if (parts.size() > 3 || parts[0] != "2" || !minor || *minor < 13 || !patch) {
        return Error(
            ErrorKind::kInvalidArgument,
            "'" + std::string(name) +
                "' is no release of Jaeger that can be simulated; there are v2.13.0 and later, "
                "and next"
        );
    }
    return Release{
        "v2." + std::to_string(*minor) + "." + std::to_string(*patch),
        static_cast<int>(*minor),
        true
    };
}

void RunningRelease::set(Release release) {
    const std::scoped_lock lock(mutex_);
    release_ = std::move(release);
    if (watcher_) {
        watcher_(release_);
    }
}

void RunningRelease::watch(std::function<void(const Release&)> watcher) {
    const std::scoped_lock lock(mutex_);
    watcher_ = std::move(watcher);
    if (watcher_) {
        watcher_(release_);
    }
}

}  // namespace meshscope::demo
