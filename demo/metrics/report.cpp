#include "demo/metrics/report.hpp"

#include <algorithm>
#include <string_view>

namespace meshscope::demo {
namespace {

constexpr std::string_view kUnknown = "unknown";
constexpr std::string_view kCluster = "Kubernetes";

std::string account_of(const Workload& workload) {
    return workload.ns == "bookinfo" ? "bookinfo-" + workload.app : workload.app;
}

// What a proxy knows of the peer at one end; nullptr: nothing.
void add_peer(Labels& out, const std::string& side, const Workload* peer) {
    const auto add = [&](std::string_view name, std::string_view value) {
        out.emplace_back(side + std::string(name), value.empty() ? kUnknown : value);
    };
    if (peer == nullptr) {
        for (const std::string_view name :
             {"_app",
              "_canonical_revision",
              "_canonical_service",
              "_cluster",
              "_principal",
              "_version",
              "_workload",
              "_workload_namespace"}) {
            add(name, kUnknown);
        }
        return;
    }
    add("_app", peer->app);
    add("_canonical_revision", peer->version.empty() ? "latest" : std::string_view(peer->version));
    add("_canonical_service", peer->app);
    add("_cluster", kCluster);
    add("_principal", "spiffe://cluster.local/ns/" + peer->ns + "/sa/" + account_of(*peer));
    add("_version", peer->version);
    add("_workload", peer->name);
    add("_workload_namespace", peer->ns);
}

bool in_mesh(const Topology& topology, WorkloadIndex workload) {
    return workload != kOutside && topology[workload].proxy != Proxy::kNone;
}

}  // namespace

std::string Report::key() const {
    return std::to_string(static_cast<int>(reporter)) + ' ' + std::to_string(caller) + ' ' +
           std::to_string(callee) + (arrived ? " a " : " - ") + std::to_string(status) + ' ' +
           flags;
}

std::vector<Report> reports_of(const Request& request, const Topology& topology) {
    std::vector<Report> out;
    for (const Call& call : request.calls) {
        Report report;
        report.caller = call.caller;
        report.callee = call.callee;
        report.arrived = call.arrived;
        report.status = call.status;
        report.request_bytes = call.request_bytes;
        report.response_bytes = call.response_bytes;
        if (in_mesh(topology, call.caller)) {
            report.reporter = Reporter::kSource;
            report.flags = call.client_flags;
            report.duration_us = call.duration_us;
            report.at = request.start + std::chrono::microseconds(call.start_us + call.duration_us);
            out.push_back(report);
        }
        // A gateway has listeners for the outside only: what comes in is in its report of the call
        // onward.
        if (call.arrived && topology[call.callee].proxy == Proxy::kSidecar) {
            report.reporter = Reporter::kDestination;
            report.flags = call.server_flags;
            report.duration_us = call.served_us;
            report.at = request.start +
                        std::chrono::microseconds(call.start_us + call.inbound_us + call.served_us);
            out.push_back(std::move(report));
        }
    }
    return out;
}

Measured measured_by(const Report& report, const Topology& topology) {
    return topology[report.callee].ns == "crowd" ? Measured::kRequestsOnly : Measured::kRequests;
}

Labels labels_of(const Report& report, const Topology& topology) {
    const bool at_source = report.reporter == Reporter::kSource;
    const bool caller_known = in_mesh(topology, report.caller);
    const Workload* caller = caller_known ? &topology[report.caller] : nullptr;
    const Workload& callee = topology[report.callee];
    const Workload& writer = at_source ? *caller : callee;

    Labels out;
    add_peer(out, "source", caller);
    add_peer(out, "destination", report.arrived ? &callee : nullptr);
    out.emplace_back("destination_service", callee.app + "." + callee.ns + ".svc.cluster.local");
    out.emplace_back("destination_service_name", callee.app);
    out.emplace_back("destination_service_namespace", callee.ns);
    out.emplace_back("reporter", at_source ? "source" : "destination");
    out.emplace_back("request_protocol", "http");
    out.emplace_back("response_code", std::to_string(report.status));
    out.emplace_back("response_flags", report.flags);
    // Only who is asked sees how.
    const std::string_view policy = caller_known ? "mutual_tls" : "none";
    out.emplace_back("connection_security_policy", at_source ? kUnknown : policy);

    out.emplace_back("app", writer.app);
    out.emplace_back("instance", writer.ip + ":15020");
    out.emplace_back("job", "kubernetes-pods");
    out.emplace_back("namespace", writer.ns);
    out.emplace_back("pod", writer.pod);
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace meshscope::demo
