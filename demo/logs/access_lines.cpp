#include "demo/logs/access_lines.hpp"

#include "core/json_writer.hpp"
#include "demo/mesh/time_text.hpp"

#include <optional>

namespace meshscope::demo {
namespace {

// The values of one access line; nullopt is "-" in text and null in JSON.
struct Line {
    SystemTime start;
    std::string details = "via_upstream";
    std::string flags;
    std::int64_t duration_ms = 0;
    std::optional<std::string> service_time;
    std::optional<std::string> forwarded_for;
    std::optional<std::string> upstream_host;
    std::string upstream_cluster;
    std::optional<std::string> upstream_local;
    std::string downstream_local;
    std::string downstream_remote;
    std::optional<std::string> server_name;
    std::string route = "default";
    std::string authority;
};

SystemTime start_of(const Request& request, const Call& call, Side side) {
    const std::int64_t waited = side == Side::kCallee ? call.inbound_us : 0;
    return request.start + std::chrono::microseconds(call.start_us + waited);
}

std::string address(const Workload& workload, std::uint16_t port) {
    return workload.ip + ":" + std::to_string(port);
}

// A port that the system has given to one connection.
std::uint16_t connection_port(const Request& request, const Call& call) {
    const auto key = request.trace.low + static_cast<std::uint64_t>(call.start_us);
    return static_cast<std::uint16_t>(32'768 + key % 28'000);
}

Line line_of(const Request& request, const Call& call, const Topology& topology, Side side) {
    const Workload& callee = topology[call.callee];
    const bool at_callee = side == Side::kCallee;
    const std::string host = callee.app + "." + callee.ns + ".svc.cluster.local";
    const std::string port = std::to_string(callee.port);
    const std::uint16_t own_port = connection_port(request, call);
    const std::int64_t duration = at_callee ? call.served_us : call.duration_us;
    Line out;
    out.start = start_of(request, call, side);
    out.flags = at_callee ? call.server_flags : call.client_flags;
    out.duration_ms = duration / 1'000;
    out.authority = callee.app + ":" + port;
    if (!call.arrived) {
        out.details = "no_healthy_upstream";
    } else if (out.flags == "UF") {
        out.details = "upstream_reset_before_response_started{connection_failure}";
    } else {
        out.service_time = std::to_string(out.duration_ms);
    }
    const std::string& marker = at_callee ? callee.marker : topology[call.caller].marker;
    if (!marker.empty()) {
        out.forwarded_for = marker;
    }
    if (call.arrived) {
        out.upstream_host = address(callee, callee.port);
    }
    if (at_callee) {
        out.upstream_cluster = "inbound|" + port + "||";
        out.upstream_local = "127.0.0.6:" + std::to_string(own_port);
        out.downstream_local = address(callee, callee.port);
        out.downstream_remote = call.caller == kOutside ? "192.0.2.1:" + std::to_string(own_port)
                                                        : address(topology[call.caller], own_port);
        out.server_name = "outbound_." + port + "_._." + host;
        return out;
    }
    const Workload& caller = topology[call.caller];
    out.upstream_cluster = "outbound|" + port + "||" + host;
    if (call.arrived) {
        out.upstream_local = address(caller, own_port);
    }
    const bool gateway = caller.proxy == Proxy::kRouter;
    out.downstream_local = gateway ? address(caller, caller.port) : callee.app + ":" + port;
    out.downstream_remote =
        gateway ? "192.0.2.1:" + std::to_string(own_port) : address(caller, own_port);
    return out;
}

std::string as_text(const Line& line, const Request& request, const Call& call) {
    const auto quoted = [](const std::optional<std::string>& value) {
        return " \"" + value.value_or("-") + "\"";
    };
    std::string out = "[" + rfc3339(line.start, 3) + "] \"" + call.method + " " + call.path +
                      " HTTP/1.1\" " + std::to_string(call.status) + " " + line.flags + " " +
                      line.details + " - \"-\" " + std::to_string(call.request_bytes) + " " +
                      std::to_string(call.response_bytes) + " " + std::to_string(line.duration_ms) +
                      " " + line.service_time.value_or("-");
    out += quoted(line.forwarded_for) + quoted(request.user_agent) + quoted(request.request_id) +
           quoted(line.authority) + quoted(line.upstream_host);
    out += " " + line.upstream_cluster + " " + line.upstream_local.value_or("-") + " " +
           line.downstream_local + " " + line.downstream_remote + " " +
           line.server_name.value_or("-") + " " + line.route;
    return out;
}

std::string as_json(const Line& line, const Request& request, const Call& call) {
    std::string out;
    JsonWriter json(out);
    const auto maybe = [&json](std::string_view key, const std::optional<std::string>& value) {
        json.key(key);
        value ? json.string(*value) : json.null();
    };
    json.begin_object().field("authority", line.authority);
    json.field("bytes_received", call.request_bytes).field("bytes_sent", call.response_bytes);
    maybe("connection_termination_details", std::nullopt);
    json.field("downstream_local_address", line.downstream_local);
    json.field("downstream_remote_address", line.downstream_remote);
    json.field("duration", line.duration_ms).field("method", call.method);
    json.field("path", call.path).field("protocol", "HTTP/1.1");
    json.field("request_id", request.request_id);
    maybe("requested_server_name", line.server_name);
    json.field("response_code", call.status).field("response_code_details", line.details);
    json.field("response_flags", line.flags).field("route_name", line.route);
    json.field("start_time", rfc3339(line.start, 3));
    json.field("trace_id", request.trace.to_hex());
    json.field("upstream_cluster", line.upstream_cluster);
    maybe("upstream_host", line.upstream_host);
    maybe("upstream_local_address", line.upstream_local);
    maybe("upstream_service_time", line.service_time);
    maybe("upstream_transport_failure_reason", std::nullopt);
    json.field("user_agent", request.user_agent);
    maybe("x_forwarded_for", line.forwarded_for);
    json.end_object();
    return out;
}

}  // namespace

SystemTime end_of(const Request& request, const Call& call, Side side) {
    const std::int64_t took = side == Side::kCallee ? call.served_us : call.duration_us;
    return start_of(request, call, side) + std::chrono::microseconds(took);
}

std::string access_line(
    const Request& request, const Call& call, const Topology& topology, Side side
) {
    const WorkloadIndex writer = side == Side::kCallee ? call.callee : call.caller;
    Line line = line_of(request, call, topology, side);
    line.start += std::chrono::microseconds(topology[writer].clock_skew_us);
    return topology[writer].ns == "travel-agency" ? as_json(line, request, call)
                                                  : as_text(line, request, call);
}

std::string application_line(const Request& request, const Call& call, const Topology& topology) {
    const Workload& callee = topology[call.callee];
    const bool failed = call.status >= 500;
    const SystemTime at =
        end_of(request, call, Side::kCallee) + std::chrono::microseconds(callee.clock_skew_us);
    const std::string what = call.method + " " + call.path + " " + std::to_string(call.status) +
                             " in " + std::to_string(call.served_us / 1'000) + " ms" +
                             (call.failure.empty() ? "" : ": " + call.failure);
    if (callee.ns == "travel-agency") {
        std::string out;
        JsonWriter json(out);
        json.begin_object().field("level", failed ? "error" : "info").field("ts", rfc3339(at, 3));
        json.field("msg", what).field("trace_id", request.trace.to_hex());
        if (!callee.marker.empty()) {
            json.field("note", callee.marker);
        }
        json.end_object();
        return out;
    }
    std::string out = rfc3339(at, 3) + (failed ? " ERROR [" : " INFO [") + callee.app + "] " +
                      what + " trace_id=" + request.trace.to_hex() +
                      " request_id=" + request.request_id;
    return callee.marker.empty() ? out : out + " note=" + callee.marker;
}

}  // namespace meshscope::demo
