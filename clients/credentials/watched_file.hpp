#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace meshscope::clients {

// A file that may change at any time, noticed by its identity, size and times (which also sees a
// symbolic link that is switched, as Kubernetes does for mounted Secrets and ConfigMaps). Not
// thread-safe.
class WatchedFile {
 public:
    static constexpr std::size_t kMaxBytes = 4UL * 1024 * 1024;

    WatchedFile(std::string path, const Clock& clock);

    // True when the file should be read: the first time, and when it has changed since the last
    // read or could not be read then. Looks at most once a second, else false.
    bool look_again();
    // The whole content; kUpstreamAuth with the path and the cause.
    Result<std::string> read();
    // The next look_again() looks whatever the time.
    void expire() { last_look_.reset(); }

    [[nodiscard]] const std::string& path() const { return path_; }

 private:
    struct Identity {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::int64_t size = 0;
        std::int64_t modified_ns = 0;
        std::int64_t changed_ns = 0;
        friend bool operator==(const Identity&, const Identity&) = default;
    };
    static std::optional<Identity> identify(int descriptor, const std::string& path);

    std::string path_;
    const Clock* clock_;
    std::optional<SteadyTime> last_look_;
    std::optional<Identity> seen_;  // of what was last read
};

}  // namespace meshscope::clients
