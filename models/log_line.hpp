#pragma once

#include "core/ids.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::models {

enum class LogSource : std::uint8_t { kApp, kProxy, kWaypoint, kZtunnel };

// An access log line, read. "" absent; "-" stays as it was. Views of the line.
struct AccessLine {
    std::string_view start_time;  // as written, RFC 3339
    std::string_view method, path, protocol;
    std::string_view status_code, response_flags, response_code_details;
    std::string_view connection_termination_details, upstream_failure_reason;
    std::string_view bytes_received, bytes_sent, duration, upstream_service_time;
    std::string_view forwarded_for, user_agent, request_id, authority;
    std::string_view upstream_service, upstream_cluster, upstream_local;
    std::string_view downstream_local, downstream_remote, requested_server, route_name;
    std::string_view trace_id;  // %TRACE_ID% or traceparent of JSON and custom formats
    std::string_view error;     // of ztunnel: why the connection ended
};

// One line of a container's log.
struct LogLine {
    std::int64_t time_ns = 0;     // since the epoch: of the access line, else Kubernetes' stamp
    std::int64_t stamped_ns = 0;  // Kubernetes' stamp; resume points are made of it
    std::uint32_t source = 0;     // index into the list of sources
    std::string_view message;   // without stamp and line end, valid UTF-8, at most 64 KiB, trimmed
    std::string_view severity;  // static: INFO, ERROR, WARN, DEBUG, TRACE, FATAL
    std::shared_ptr<const AccessLine> access;  // null: none
    std::string_view trace_id;                 // hex, of the line itself; "" none
    std::string_view request_id;
    bool cut = false;  // longer than the bound
};

}  // namespace meshscope::models
