#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::business {

// How far a log was read: up to so many lines of that stamp. Kubernetes takes only whole seconds as
// a beginning, so whoever reads on gets lines again that were read before.
struct LogPosition {
    std::int64_t stamp_ns = -1;  // of the newest line; -1: none was read
    std::uint32_t count = 0;     // lines of that stamp

    void add(std::int64_t line_stamp_ns);  // one line more was read
    friend bool operator==(const LogPosition&, const LogPosition&) = default;
};

// Tells the lines behind a position from those before it, when the log is read once more.
class LinesAfter {
 public:
    explicit LinesAfter(LogPosition position) : position_(position) {}
    bool is_new(std::int64_t stamp_ns);  // once for each line, in their order

 private:
    LogPosition position_;
    std::uint32_t again_ = 0;  // lines of the position's stamp
    bool passed_ = false;
};

// Positions of several logs as one word, which readers hand back to go on where they were.
class ResumePoint {
 public:
    // nullopt when `text` is none, or of another version.
    static std::optional<ResumePoint> parse(std::string_view text);

    void set(std::string_view pod, std::string_view container, LogPosition position);
    [[nodiscard]] LogPosition of(std::string_view pod, std::string_view container) const;
    // Letters, digits, '.' and '-' only.
    [[nodiscard]] std::string text() const;

 private:
    std::map<std::uint64_t, LogPosition> positions_;  // by what pod and container hash to
};

}  // namespace meshscope::business
