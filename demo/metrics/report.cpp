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

std::string_view name_of(Reporter reporter) {
    switch (reporter) {
        case Reporter::kSource:
            return "source";
        case Reporter::kDestination:
            return "destination";
        case Reporter::kWaypoint:
            return "waypoint";
    }
    return "";
}

bool counts_requests(Measured measured) {
    return measured == Measured::kRequests || measured == Measured::kRequestsOnly;
}

// Only who is asked sees how.
std::string_view policy_of(const Report& report) {
    if (report.reporter == Reporter::kSource) {
        return kUnknown;
    }
    return report.encrypted ? "mutual_tls" : "none";
}

}  // namespace

Target target_of(const Workload& workload) {
    return {workload.app + "." + workload.ns + ".svc.cluster.local", workload.app, workload.ns};
}

Measured requests_of(const Workload& workload) {
    return workload.ns == "crowd" ? Measured::kRequestsOnly : Measured::kRequests;
}

// Of labels that differ, nothing less and nothing more: two groups with the same ones would be one
// series told twice.
std::string Report::key() const {
    const bool requests = counts_requests(measured);
    std::string out;
    for (const auto number :
         {static_cast<std::int64_t>(measured),
          static_cast<std::int64_t>(reporter),
          std::int64_t{writer},
          std::int64_t{caller},
          std::int64_t{callee},
          std::int64_t{requests ? status : 0},
          std::int64_t{requests ? grpc_status : -1}}) {
        out += std::to_string(number) + ' ';
    }
    const std::string outcome = measured == Measured::kMessages ? std::string() : flags;
    return out + protocol + ' ' + outcome + ' ' + target.host + ' ' + target.service;
}

std::vector<Report> reports_of(const Request& request, const Topology& topology) {
    std::vector<Report> out;
    for (const Call& call : request.calls) {
        const Workload& callee = topology[call.callee];
        Report report;
        // Without a proxy one is nobody to the other side.
        const bool known = in_mesh(topology, call.caller);
        report.caller = known ? call.caller : kOutside;
        report.callee = call.arrived ? call.callee : kOutside;
        report.target = target_of(callee);
        report.status = call.status;
        report.encrypted = known;
        report.request_bytes = call.request_bytes;
        report.response_bytes = call.response_bytes;
        report.measured = requests_of(callee);
        if (known) {
            report.reporter = Reporter::kSource;
            report.writer = call.caller;
            report.flags = call.client_flags;
            report.duration_us = call.duration_us;
            report.at = request.start + std::chrono::microseconds(call.start_us + call.duration_us);
            out.push_back(report);
        }
        // A gateway has listeners for the outside only: what comes in is in its report of the call
        // onward.
        if (call.arrived && callee.proxy == Proxy::kSidecar) {
            report.reporter = Reporter::kDestination;
            report.writer = call.callee;
            report.flags = call.server_flags;
            report.duration_us = call.served_us;
            report.at = request.start +
                        std::chrono::microseconds(call.start_us + call.inbound_us + call.served_us);
            out.push_back(std::move(report));
        }
    }
    return out;
}

Labels labels_of(const Report& report, const Topology& topology) {
    const auto peer = [&topology](WorkloadIndex index) {
        return index == kOutside ? nullptr : &topology[index];
    };
    Labels out;
    add_peer(out, "source", peer(report.caller));
    add_peer(out, "destination", peer(report.callee));
    out.emplace_back("destination_service", report.target.host);
    out.emplace_back("destination_service_name", report.target.service);
    out.emplace_back("destination_service_namespace", report.target.ns);
    out.emplace_back("reporter", name_of(report.reporter));
    out.emplace_back("request_protocol", report.protocol);
    out.emplace_back("connection_security_policy", policy_of(report));
    const bool requests = counts_requests(report.measured);
    if (requests) {
        out.emplace_back("response_code", std::to_string(report.status));
    }
    if (requests && report.grpc_status >= 0) {
        out.emplace_back("grpc_response_status", std::to_string(report.grpc_status));
    }
    if (report.measured != Measured::kMessages) {
        out.emplace_back("response_flags", report.flags);
    }

    const Workload& writer = topology[report.writer];
    out.emplace_back("app", writer.app);
    out.emplace_back("instance", writer.ip + ":15020");
    out.emplace_back("job", "kubernetes-pods");
    out.emplace_back("namespace", writer.ns);
    out.emplace_back("pod", writer.pod);
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace meshscope::demo
