#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace meshscope {
class Clock;
}

namespace meshscope::telemetry {

enum class LogLevel : std::uint8_t { kTrace, kDebug, kInfo, kWarn, kError, kFatal };
enum class LogFormat : std::uint8_t { kText, kJson };

struct LogField {
    std::string_view key;
    std::variant<std::string_view, std::int64_t, double, bool> value;
};

struct LogOptions {
    LogLevel level = LogLevel::kInfo;
    LogFormat format = LogFormat::kText;
    const Clock* clock = nullptr;  // of the timestamps; null: the system's
    // Takes each finished line, without its end of line, one at a time; null: standard output.
    std::function<void(std::string_view line)> sink;
};

// One of trace, debug, info, warn (or warning), error, fatal, in any case; nullopt for another
// word.
std::optional<LogLevel> parse_log_level(std::string_view text);
// "text" or "json", in any case.
std::optional<LogFormat> parse_log_format(std::string_view text);

// The one log of the process, on standard output; thread-safe. A text line is
// "2026-01-01T00:00:00Z INF message key=value key=\"two words\"", a JSON line carries ts (RFC 3339
// UTC, milliseconds), level, msg and the fields (a field of one of these names gets the prefix
// "field_"). Every text is scrubbed of control characters, so one event is one line. Callers never
// pass secrets; userinfo in URLs is masked here as a second line of defence.
class Logger {
 public:
    explicit Logger(LogOptions options);
    ~Logger();
    Logger(const Logger&) = delete;
    Logger& operator=(const Logger&) = delete;

    void log(LogLevel level, std::string_view message, std::span<const LogField> fields);
    void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
    void debug(std::string_view message, std::initializer_list<LogField> fields = {});
    void info(std::string_view message, std::initializer_list<LogField> fields = {});
    void warn(std::string_view message, std::initializer_list<LogField> fields = {});
    void error(std::string_view message, std::initializer_list<LogField> fields = {});
    [[nodiscard]] bool enabled(LogLevel level) const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::telemetry
