#include "telemetry/logger.hpp"

#include "core/text.hpp"
#include "telemetry/log_line.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <chrono>
#include <mutex>

namespace meshscope::telemetry {

struct Logger::Impl {
    LogOptions options;
    std::mutex sink_mutex;
    std::unique_ptr<spdlog::logger> out;

    [[nodiscard]] SystemTime now() const {
        return options.clock != nullptr
                   ? options.clock->now()
                   : std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()
                     );
    }
};

std::optional<LogLevel> parse_log_level(std::string_view text) {
    const std::string word = to_lower(text);
    if (word == "trace") {
        return LogLevel::kTrace;
    }
    if (word == "debug") {
        return LogLevel::kDebug;
    }
    if (word == "info") {
        return LogLevel::kInfo;
    }
    if (word == "warn" || word == "warning") {
        return LogLevel::kWarn;
    }
    if (word == "error") {
        return LogLevel::kError;
    }
    if (word == "fatal") {
        return LogLevel::kFatal;
    }
    return std::nullopt;
}

std::optional<LogFormat> parse_log_format(std::string_view text) {
    if (iequals(text, "text")) {
        return LogFormat::kText;
    }
    if (iequals(text, "json")) {
        return LogFormat::kJson;
    }
    return std::nullopt;
}

Logger::Logger(LogOptions options) : impl_(std::make_unique<Impl>()) {
    impl_->options = std::move(options);
    if (!impl_->options.sink) {
        // The line is finished here; spdlog brings the lock, the write and the flush.
        impl_->out = std::make_unique<spdlog::logger>(
            "meshscope", std::make_shared<spdlog::sinks::stdout_sink_mt>()
        );
        impl_->out->set_level(spdlog::level::trace);
        impl_->out->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
    }
}

Logger::~Logger() = default;

void Logger::log(LogLevel level, std::string_view message, std::span<const LogField> fields) {
    if (!enabled(level)) {
        return;
    }
    const bool json = impl_->options.format == LogFormat::kJson;
    const std::string line = json ? format_json_line(impl_->now(), level, message, fields)
                                  : format_text_line(impl_->now(), level, message, fields);
    if (impl_->out) {
        impl_->out->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
        return;
    }
    const std::scoped_lock lock(impl_->sink_mutex);
    impl_->options.sink(line);
}

void Logger::log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
    log(level, message, std::span<const LogField>(fields.begin(), fields.size()));
}

void Logger::debug(std::string_view message, std::initializer_list<LogField> fields) {
    log(LogLevel::kDebug, message, fields);
}
void Logger::info(std::string_view message, std::initializer_list<LogField> fields) {
    log(LogLevel::kInfo, message, fields);
}
void Logger::warn(std::string_view message, std::initializer_list<LogField> fields) {
    log(LogLevel::kWarn, message, fields);
}
void Logger::error(std::string_view message, std::initializer_list<LogField> fields) {
    log(LogLevel::kError, message, fields);
}
bool Logger::enabled(LogLevel level) const { return level >= impl_->options.level; }

}  // namespace meshscope::telemetry
