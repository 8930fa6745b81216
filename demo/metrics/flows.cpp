#include "demo/metrics/flows.hpp"

#include "demo/mesh/random.hpp"

#include <array>
#include <chrono>
#include <string_view>

namespace meshscope::demo {
namespace {

using std::chrono::microseconds;

enum Seen : unsigned { kBySource = 1, kByDestination = 2, kByWaypoint = 4 };
constexpr unsigned kByBoth = kBySource | kByDestination;

struct Flow {
    std::string_view source;       // a workload; "" is one that proxies do not know
    std::string_view destination;  // likewise
    std::string_view protocol;
    unsigned seen;
    std::int64_t interval_s;
    // How `failing` in a thousand end; the others end well.
    std::int64_t failing = 0;
    int status = 200;
    int grpc_status = 0;
    std::string_view flags = "-";
    // Where it is sent when that is not the destination's own service.
    std::string_view host = {};
    std::string_view service = {};
    std::string_view ns = {};
    std::string_view writer = {};       // who counts, when it is neither end
    std::int64_t over_for_minutes = 0;  // it has ended so long before the start
};

constexpr std::array kFlows = {
    Flow{"ratings-v1", "mysqldb-v1", "tcp", kByBoth, 5},
    Flow{"", "mysqldb-v1", "tcp", kByDestination, 30},
    Flow{"productpage-v1", "currency-v1", "grpc", kByBoth, 3, 40, 200, 14},
    // Somebody who did not wait for the answer.
    Flow{"istio-ingressgateway", "productpage-v1", "http", kBySource, 20, 1000, 0, 0, "DC"},
    Flow{"cars-v1", "hotels-v1", "http", kByBoth, 6, 300, 404, 0},
    Flow{
        .source = "flights-v1",
        .destination = "",
        .protocol = "tcp",
        .seen = kBySource,
        .interval_s = 8,
        .host = "fares.example.com",
        .service = "fares.example.com",
        .ns = "travel-agency"
    },
    Flow{
        .source = "details-v1",
        .destination = "",
        .protocol = "http",
        .seen = kBySource,
        .interval_s = 7,
        .host = "books.example.com",
        .service = "PassthroughCluster",
        .ns = "unknown"
    },
    Flow{
        .source = "reviews-v3",
        .destination = "",
        .protocol = "http",
        .seen = kBySource,
        .interval_s = 15,
        .failing = 1000,
        .status = 502,
        .host = "blocked.example.com",
        .service = "BlackHoleCluster",
        .ns = "unknown"
    },
    Flow{
        .source = "loyalty-v1",
        .destination = "details-v1",
        .protocol = "http",
        .seen = kByBoth,
        .interval_s = 4,
        .over_for_minutes = 45
    },
    // Without sidecars: the node's proxy counts connections, the waypoint requests.
    Flow{
        .source = "notes-v1",
        .destination = "store-v1",
        .protocol = "tcp",
        .seen = kByBoth,
        .interval_s = 5,
        .writer = "ztunnel"
    },
    Flow{
        .source = "notes-v1",
        .destination = "store-v1",
        .protocol = "http",
        .seen = kByWaypoint,
        .interval_s = 5,
        .failing = 50,
        .status = 503,
        .writer = "waypoint"
    },
};

class FlowMaker {
 public:
    FlowMaker(const Flow& flow, const Topology& topology)
        : flow_(flow),
          topology_(topology),
          caller_(named(flow.source)),
          callee_(named(flow.destination)) {}

    // Adds what is counted of the flow's call or connection that ends at `at`.
    void add(std::vector<Report>& out, SystemTime at, Random random) const {
        Report report = outcome(random);
        report.at = at;
        for (const auto& [bit, reporter] :
             {std::pair(kBySource, Reporter::kSource),
              std::pair(kByDestination, Reporter::kDestination),
              std::pair(kByWaypoint, Reporter::kWaypoint)}) {
            if ((flow_.seen & bit) == 0) {
                continue;
            }
            report.reporter = reporter;
            report.writer = bit == kBySource ? caller_ : callee_;
            if (!flow_.writer.empty()) {
                report.writer = topology_.named(flow_.writer);
            }
            out.push_back(report);
            if (flow_.protocol == "grpc") {
                out.push_back(report);
                out.back().measured = Measured::kMessages;
            }
        }
    }

 private:
    [[nodiscard]] WorkloadIndex named(std::string_view name) const {
        return name.empty() ? kOutside : topology_.named(name);
    }

    [[nodiscard]] Report outcome(Random& random) const {
        Report report;
        report.measured = flow_.protocol == "tcp" ? Measured::kConnections : Measured::kRequests;
        report.caller = caller_;
        report.callee = callee_;
        report.encrypted = caller_ != kOutside;
        report.protocol = flow_.protocol;
        report.target =
            flow_.host.empty()
                ? target_of(topology_[callee_])
                : Target{
                      std::string(flow_.host), std::string(flow_.service), std::string(flow_.ns)
                  };
        const bool fails = random.in_thousand(static_cast<std::uint32_t>(flow_.failing));
        if (fails) {
            report.status = flow_.status;
            report.flags = flow_.flags;
        }
        if (flow_.protocol == "grpc") {
            report.grpc_status = fails ? flow_.grpc_status : 0;
            report.request_messages = random.between(1, 3);
            report.response_messages = random.between(1, 9);
        }
        report.duration_us = random.between(900, 40'000);
        report.request_bytes = random.between(100, 900);
        report.response_bytes = random.between(400, 9'000);
        return report;
    }

    const Flow& flow_;
    const Topology& topology_;
    WorkloadIndex caller_;
    WorkloadIndex callee_;
};

// The largest whole number that is not above a / b.
std::int64_t floor_of(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

std::vector<Report> Flows::between(SystemTime from, SystemTime to) const {
    std::vector<Report> out;
    if (!stream_.scenario().zoo) {
        return out;
    }
    for (std::size_t i = 0; i < kFlows.size(); ++i) {
        const Flow& flow = kFlows[i];
        const FlowMaker maker(flow, stream_.topology());
        const std::int64_t interval = flow.interval_s * 1'000'000;
        const SystemTime start = stream_.start();
        SystemTime end = to;
        if (flow.over_for_minutes > 0) {
            end = std::min(end, start - std::chrono::minutes(flow.over_for_minutes));
        }
        for (auto n = floor_of((from - start).count(), interval);; ++n) {
            Random random(mix(mix(stream_.seed(), 0xF10 + i), static_cast<std::uint64_t>(n)));
            const SystemTime at =
                start + microseconds(n * interval + random.between(0, interval / 3));
            if (at > end) {
                break;
            }
            if (at > from) {
                maker.add(out, at, random);
            }
        }
    }
    return out;
}

}  // namespace meshscope::demo
