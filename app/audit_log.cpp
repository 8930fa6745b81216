#include "app/audit_log.hpp"

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::app {

namespace {

using What = handlers::AuditEvent::What;

std::string_view word(What what) {
    switch (what) {
        case What::kLogin:
            return "login";
        case What::kExtension:
            return "session_extended";
        case What::kRefusal:
            return "login_refused";
        case What::kLogout:
            return "logout";
    }
    return "";
}

}  // namespace

AuditLog::AuditLog(telemetry::Logger& logger, const Clock& clock, std::string strategy)
    : logger_(logger), clock_(clock), strategy_(std::move(strategy)) {}

std::optional<std::int64_t> AuditLog::room() {
    const std::scoped_lock lock(mutex_);
    const SteadyTime now = clock_.steady_now();
    if (written_ == 0 || now - second_ >= std::chrono::seconds(1)) {
        second_ = now;
        written_ = 0;
    }
    if (written_ == kMost) {
        ++left_out_;
        return std::nullopt;
    }
    ++written_;
    return std::exchange(left_out_, 0);
}

void AuditLog::write(const handlers::AuditEvent& event) {
    Denial what;
    what.user = event.user;
    what.peer = event.peer;
    what.status = 0;
    what.reason = event.reason;
    what.request_id = event.request_id;
    write(word(event.what), what, event.what != What::kRefusal);
}

void AuditLog::write(const Denial& denial) { write("denied", denial, false); }

void AuditLog::write(std::string_view event, const Denial& what, bool allowed) {
    const std::optional<std::int64_t> left_out = allowed ? std::optional<std::int64_t>(0) : room();
    if (!left_out) {
        return;
    }
    std::vector<telemetry::LogField> fields{{"event", event}};
    const auto add = [&fields](std::string_view key, std::string_view text) {
        if (!text.empty()) {
            fields.push_back({key, text});
        }
    };
    add("user", what.user);
    add("strategy", strategy_);
    add("peer", what.peer);
    add("method", what.method);
    add("path", what.path);
    if (what.status != 0) {
        fields.push_back({"status", std::int64_t{what.status}});
    }
    add("reason", what.reason);
    add("request_id", what.request_id);
    if (*left_out > 0) {
        fields.push_back({"left_out", *left_out});
    }
    logger_.log(allowed ? telemetry::LogLevel::kInfo : telemetry::LogLevel::kWarn, "audit", fields);
}

}  // namespace meshscope::app
