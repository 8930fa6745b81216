#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

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
};

// The one log of the process, on standard output; thread-safe. JSON lines carry ts (RFC 3339 UTC),
// level, msg and the fields. Every text is scrubbed of control characters, so one event is one
// line. Callers never pass secrets; userinfo in URLs is masked here as a second line of defence.
class Logger {
 public:
    explicit Logger(LogOptions options);
    ~Logger();
    Logger(const Logger&) = delete;
    Logger& operator=(const Logger&) = delete;

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
