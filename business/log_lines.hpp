#pragma once

#include "business/access_log.hpp"
#include "business/log_texts.hpp"
#include "business/masking.hpp"
#include "models/log_line.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

// Bytes of one container's log to lines. However they are cut the outcome is the same. A line
// without a readable stamp takes the time of the one before (a kubelet's error text, a broken
// write); before the first stamp it is left out, and so is one without text. ANSI codes and NUL are
// kept as text, bad UTF-8 becomes U+FFFD, the last line counts without an end. `parser` and
// `masker` outlive it.
class LineReader {
 public:
    struct Source {
        std::uint32_t index = 0;
        models::LogSource kind = models::LogSource::kApp;
    };
    // `masker` null: nothing is hidden. `line_bytes` bounds a message; what is beyond is cut off.
    LineReader(
        Source source, const AccessLogParser& parser, const Masker* masker, std::size_t line_bytes
    );
    // The messages of `out` are kept in `texts`.
    void feed(std::string_view bytes, std::vector<models::LogLine>& out, LogTexts& texts);
    // The same, with bytes that `texts` takes over: messages are views of them.
    void take(std::string bytes, std::vector<models::LogLine>& out, LogTexts& texts);
    void finish(std::vector<models::LogLine>& out, LogTexts& texts);

 private:
    // `kept`: the bytes live as long as `texts`.
    void read(
        std::string_view bytes, bool kept, std::vector<models::LogLine>& out, LogTexts& texts
    );
    struct Raw {
        std::string_view text;
        bool cut = false;
        bool kept = false;
    };
    void add_line(Raw raw, std::vector<models::LogLine>& out, LogTexts& texts);
    void read_access(models::LogLine& line) const;

    Source source_;
    const AccessLogParser& parser_;
    const Masker* masker_;
    std::size_t line_bytes_;
    std::size_t raw_bytes_;  // of a line with its stamp: no more is held
    std::string pending_;    // the beginning of a line
    bool overflow_ = false;  // of that line more came than is kept
    std::int64_t last_ns_ = -1;
};

// A level word of any case that stands alone, behind level= or "level":, in brackets or at the
// beginning; not one inside a path, a longer word or the name of something. Default "INFO". One of
// INFO, ERROR, WARN, DEBUG, TRACE, FATAL; static.
std::string_view severity_of(std::string_view message);

// TRACE is 0, then DEBUG, INFO, WARN, ERROR, FATAL; nullopt for any other word. Case counts.
std::optional<std::size_t> severity_rank(std::string_view severity);

// The newest `tail` lines of all, ascending by time; ties by source, then as read.
std::vector<models::LogLine> merge_newest(
    std::vector<std::vector<models::LogLine>> sources, std::size_t tail
);

// "2026-03-04 05:06:07.120", UTC, three digits.
void append_log_time(std::string& out, std::int64_t time_ns);

}  // namespace meshscope::business
