#include "demo/logs/ztunnel_lines.hpp"

#include "demo/mesh/time_text.hpp"

#include <cstdint>

namespace meshscope::demo {
namespace {

constexpr int kHbonePort = 15'008;

// A port that the system has given to one connection.
std::uint16_t connection_port(const Request& request, const Call& call) {
    const auto key = request.trace.high + static_cast<std::uint64_t>(call.start_us);
    return static_cast<std::uint16_t>(32'768 + key % 28'000);
}

std::string quoted(const std::string& key, const std::string& value) {
    return " " + key + "=\"" + value + "\"";
}

std::string who(const std::string& end, const Workload& workload) {
    return quoted(end + ".workload", workload.pod) + quoted(end + ".namespace", workload.ns) +
           quoted(
               end + ".identity",
               "spiffe://cluster.local/ns/" + workload.ns + "/sa/" + workload.account()
           );
}

}  // namespace

std::string ztunnel_line(
    const Request& request, const Call& call, const Topology& topology, Side side
) {
    const Workload& callee = topology[call.callee];
    const bool from_outside = call.caller == kOutside;
    const std::string source = from_outside ? "192.0.2.1" : topology[call.caller].ip;
    const std::string port = std::to_string(callee.port);
    // By the clock of the node that writes.
    const Workload& writer = side == Side::kCallee ? callee : topology[call.caller];
    const SystemTime at =
        end_of(request, call, side) + std::chrono::microseconds(writer.clock_skew_us);
    const std::int64_t took = side == Side::kCallee ? call.served_us : call.duration_us;
    std::string out = rfc3339(at, 6) + (call.arrived ? "\tinfo" : "\terror") +
                      "\taccess\tconnection complete\tsrc.addr=" + source + ":" +
                      std::to_string(connection_port(request, call));
    if (!from_outside) {
        out += who("src", topology[call.caller]);
    }
    // Within the mesh both talk through a tunnel.
    out += " dst.addr=" + callee.ip + ":" + (from_outside ? port : std::to_string(kHbonePort));
    if (!from_outside) {
        out += " dst.hbone_addr=" + callee.ip + ":" + port;
    }
    out += quoted("dst.service", callee.app + "." + callee.ns + ".svc.cluster.local");
    out += who("dst", callee);
    out += quoted("direction", side == Side::kCallee ? "inbound" : "outbound");
    out += " bytes_sent=" + std::to_string(call.request_bytes) +
           " bytes_recv=" + std::to_string(call.response_bytes) +
           quoted("duration", std::to_string(took / 1'000) + "ms");
    if (!call.arrived) {
        out += quoted("error", "connection failed: no healthy upstream");
    }
    return out;
}

}  // namespace meshscope::demo
