#include "business/log_lines.hpp"

#include "core/text.hpp"
#include "core/time_text.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace meshscope::business {
namespace {

using models::AccessLine;
using models::LogLine;
using models::LogSource;

constexpr std::size_t kMaxStamp = 40;       // "2026-03-04T05:06:07.123456789+02:00" and a blank
constexpr std::size_t kWorthABlock = 4096;  // fewer bytes are copied

// At most `bytes`, not in the middle of a character.
std::string_view cut_text(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) {
        return text;
    }
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) {
        --bytes;
    }
    return text.substr(0, bytes);
}

}  // namespace

LineReader::LineReader(
    Source source, const AccessLogParser& parser, const Masker* masker, std::size_t line_bytes
)
    : source_(source),
      parser_(parser),
      masker_(masker),
      line_bytes_(line_bytes),
      raw_bytes_(line_bytes + kMaxStamp) {}

void LineReader::feed(std::string_view bytes, std::vector<LogLine>& out, LogTexts& texts) {
    read(bytes, false, out, texts);
}

void LineReader::take(std::string bytes, std::vector<LogLine>& out, LogTexts& texts) {
    if (bytes.size() < kWorthABlock) {
        read(bytes, false, out, texts);
        return;
    }
    read(texts.adopt(std::move(bytes)), true, out, texts);
}

void LineReader::read(
    std::string_view bytes, bool kept, std::vector<LogLine>& out, LogTexts& texts
) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view piece = bytes.substr(0, end);
        if (end == std::string_view::npos || !pending_.empty() || overflow_) {
            const std::size_t room = raw_bytes_ - pending_.size();
            pending_.append(piece.substr(0, room));
            overflow_ = overflow_ || piece.size() > room;
        }
        if (end == std::string_view::npos) {
            return;
        }
        if (!pending_.empty() || overflow_) {
            add_line({pending_, overflow_, false}, out, texts);
            pending_.clear();
            overflow_ = false;
        } else {
            add_line({piece.substr(0, raw_bytes_), piece.size() > raw_bytes_, kept}, out, texts);
        }
        bytes.remove_prefix(end + 1);
    }
}

void LineReader::finish(std::vector<LogLine>& out, LogTexts& texts) {
    if (!pending_.empty()) {
        add_line({pending_, overflow_, false}, out, texts);
    }
    pending_.clear();
    overflow_ = false;
}

void LineReader::add_line(Raw raw, std::vector<LogLine>& out, LogTexts& texts) {
    LogLine line;
    const std::size_t blank = raw.text.substr(0, kMaxStamp).find(' ');
    std::optional<std::int64_t> stamp;
    if (blank != std::string_view::npos) {
        stamp = parse_rfc3339(raw.text.substr(0, blank));
    }
    if (stamp) {
        last_ns_ = *stamp;
        raw.text.remove_prefix(blank + 1);
    } else if (last_ns_ < 0) {
        return;
    }
    std::string_view message = trim(raw.text);
    std::string repaired;
    if (!is_valid_utf8(message)) {
        repaired = to_valid_utf8(message);
        message = repaired;
        raw.kept = false;
    }
    std::string masked;
    if (masker_ != nullptr && masker_->sensitive_text(message)) {
        masked = masker_->masked_text(message);
        message = masked;
        raw.kept = false;
    }
    const std::string_view shown = cut_text(message, line_bytes_);
    if (shown.empty()) {
        return;
    }
    line.cut = raw.cut || shown.size() < message.size();
    line.message = raw.kept ? shown : texts.keep(shown);
    line.time_ns = line.stamped_ns = last_ns_;
    line.source = source_.index;
    if (source_.kind == LogSource::kProxy || source_.kind == LogSource::kWaypoint) {
        read_access(line);
    }
    if (line.access == nullptr) {
        const LineIds ids = find_ids(line.message);
        line.trace_id = ids.trace_id;
        line.request_id = ids.request_id;
        line.severity = severity_of(line.message);
    }
    out.push_back(std::move(line));
}

void LineReader::read_access(LogLine& line) const {
    struct Kept {
        AccessLine access;
        std::string store;
    };
    const auto kept = std::make_shared<Kept>();
    if (!parser_.read(line.message, kept->store, kept->access)) {
        return;
    }
    const AccessLine& access = kept->access;
    line.trace_id = access.trace_id;
    line.request_id = access.request_id == "-" ? std::string_view() : access.request_id;
    line.time_ns = parse_rfc3339(access.start_time).value_or(line.stamped_ns);
    line.severity = "INFO";
    line.access = std::shared_ptr<const AccessLine>(kept, &access);
}

}  // namespace meshscope::business
