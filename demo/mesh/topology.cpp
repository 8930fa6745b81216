#include "demo/mesh/topology.hpp"

#include "demo/mesh/random.hpp"

#include <array>
#include <stdexcept>

namespace meshscope::demo {
namespace {

struct Row {
    std::string_view app;
    std::string_view version;
    std::string_view ns;
    Proxy proxy;
    std::uint16_t port;
};

constexpr std::array kRows = {
    Row{"istio-ingressgateway", "", "istio-system", Proxy::kRouter, 8080},
    Row{"productpage", "v1", "bookinfo", Proxy::kSidecar, 9080},
    Row{"details", "v1", "bookinfo", Proxy::kSidecar, 9080},
    Row{"reviews", "v1", "bookinfo", Proxy::kSidecar, 9080},
    Row{"reviews", "v2", "bookinfo", Proxy::kSidecar, 9080},
    Row{"reviews", "v3", "bookinfo", Proxy::kSidecar, 9080},
    Row{"ratings", "v1", "bookinfo", Proxy::kSidecar, 9080},
    Row{"travels", "v1", "travel-agency", Proxy::kSidecar, 8000},
    Row{"cars", "v1", "travel-agency", Proxy::kSidecar, 8000},
    Row{"flights", "v1", "travel-agency", Proxy::kSidecar, 8000},
    Row{"hotels", "v1", "travel-agency", Proxy::kSidecar, 8000},
    Row{"insurances", "v1", "travel-agency", Proxy::kSidecar, 8000},
    Row{"discounts", "v1", "travel-agency", Proxy::kSidecar, 8000},
    Row{"krakend-gateway", "", "api-gateway", Proxy::kNone, 8080},
};

constexpr std::array kZooRows = {
    Row{"mysqldb", "v1", "bookinfo", Proxy::kSidecar, 3306},
    Row{"currency", "v1", "bookinfo", Proxy::kSidecar, 7000},
    Row{"loyalty", "v1", "bookinfo", Proxy::kSidecar, 9080},
    Row{"notes", "v1", "ambient", Proxy::kNone, 8080},
    Row{"store", "v1", "ambient", Proxy::kNone, 8080},
    Row{"waypoint", "", "ambient", Proxy::kNone, 15008},
    Row{"ztunnel", "", "istio-system", Proxy::kNone, 15008},
};

// Last of all, so that the others keep their addresses whatever is added here.
constexpr std::array kAmbientRows = {
    Row{"tellers", "v1", "bank", Proxy::kZtunnel, 8080},
    Row{"accounts", "v1", "bank", Proxy::kZtunnel, 8080},
    Row{"audit", "v1", "auditors", Proxy::kZtunnel, 8080},
};

// Ratings and reviews run on a node of their own: the one whose clock may be wrong.
std::string_view node_of(const Row& row) {
    if (row.app == "reviews" || row.app == "ratings") {
        return "demo-node-2";
    }
    return row.ns == "travel-agency" || row.app == "accounts" ? "demo-node-3" : "demo-node-1";
}

Workload make(const Row& row, std::size_t index) {
    Workload workload;
    workload.app = row.app;
    workload.version = row.version;
    workload.ns = row.ns;
    workload.name = workload.app;
    if (!row.version.empty()) {
        workload.name += '-';
        workload.name += row.version;
    }
    const std::uint64_t hash = hash_of(workload.name);
    workload.pod =
        workload.name + "-" + generated_suffix(hash, 9) + "-" + generated_suffix(mix(hash, 7), 5);
    workload.ip = "10.244." + std::to_string(index / 250) + "." + std::to_string(index % 250 + 4);
    workload.node = node_of(row);
    workload.proxy = row.proxy;
    workload.port = row.port;
    return workload;
}

std::string letters_of(unsigned layers) {
    std::string out;
    for (const char letter : std::string_view("gpbrt")) {
        if ((layers & 1U) != 0) {
            out.push_back(letter);
        }
        layers >>= 1U;
    }
    return out;
}

}  // namespace

Topology::Topology(std::size_t extra, std::int64_t skew_us, bool gateways, bool zoo) {
    for (const Row& row : kRows) {
        Workload workload = make(row, workloads_.size());
        if (workload.app == "reviews" || workload.app == "ratings") {
            workload.clock_skew_us = skew_us;
        }
        workloads_.push_back(std::move(workload));
    }
    for (std::size_t i = 0; i < extra; ++i) {
        std::string digits = std::to_string(i);
        digits.insert(0, 4 - std::min<std::size_t>(4, digits.size()), '0');
        const std::string app = "crowd-" + digits;
        extras_.push_back(static_cast<WorkloadIndex>(workloads_.size()));
        workloads_.push_back(make(Row{app, "v1", "crowd", Proxy::kSidecar, 8080}, workloads_.size())
        );
    }
    if (zoo) {
        for (const Row& row : kZooRows) {
            workloads_.push_back(make(row, workloads_.size()));
        }
    }
    for (unsigned layers = 1; gateways && layers <= kAllLayers; ++layers) {
        if ((layers & kReadTracker) != 0 && (layers & kRequestLayer) == 0) {
            continue;
        }
        const std::string app = "krakend-" + letters_of(layers);
        gateways_.push_back(static_cast<WorkloadIndex>(workloads_.size()));
        Workload gateway = make(Row{app, "", "api-gateway", Proxy::kNone, 8080}, workloads_.size());
        gateway.layers = static_cast<std::uint8_t>(layers);
        workloads_.push_back(std::move(gateway));
    }
    for (const Row& row : kAmbientRows) {
        workloads_.push_back(make(row, workloads_.size()));
    }
}

std::string Workload::account() const {
    if (ns == "bookinfo") {
        return "bookinfo-" + app;
    }
    const bool told = proxy == Proxy::kZtunnel && !marker.empty();  // else no line would tell it
    return told ? app + "-" + marker : app;
}

void Topology::mark(const Scenario& scenario) {
    for (Workload& workload : workloads_) {
        workload.marker = scenario.marker_of(workload.ns);
    }
}

WorkloadIndex Topology::named(std::string_view name) const {
    for (std::size_t i = 0; i < workloads_.size(); ++i) {
        if (workloads_[i].name == name) {
            return static_cast<WorkloadIndex>(i);
        }
    }
    throw std::logic_error("no workload named " + std::string(name));
}

}  // namespace meshscope::demo
