#pragma once

#include "core/clock.hpp"
#include "handlers/login_parts.hpp"
#include "telemetry/logger.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::app {

// A request other than a login whose credentials were not good (401), too many (429), or without
// the right to what it asked for (403).
struct Denial {
    std::string user;  // "" not known
    std::string peer;
    std::string method;
    std::string path;  // without the query
    unsigned status = 403;
    std::string reason;
    std::string request_id;
};

// Lines "audit event=... user=... strategy=... peer=... method=... path=... status=... reason=...
// request_id=...", what is not known left out. Of refusals and denials kMost a second at most: the
// next line tells as `left_out` how many were not written. Thread-safe.
class AuditLog {
 public:
    static constexpr int kMost = 20;

    // Both must outlive it.
    AuditLog(telemetry::Logger& logger, const Clock& clock, std::string strategy);

    void write(const handlers::AuditEvent& event);
    void write(const Denial& denial);

 private:
    void write(std::string_view event, const Denial& what, bool allowed);
    // nullopt: this one is left out; else how many were before it.
    std::optional<std::int64_t> room();

    telemetry::Logger& logger_;
    const Clock& clock_;
    const std::string strategy_;
    std::mutex mutex_;
    SteadyTime second_{};  // that is counted
    int written_ = 0;      // in it
    std::int64_t left_out_ = 0;
};

}  // namespace meshscope::app
