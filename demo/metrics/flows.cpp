#include "demo/metrics/flows.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

namespace meshscope::demo {

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
    std::int64_t since_minutes = 0;     // it has begun so long before the start; 0: ever since
};

namespace {

using std::chrono::microseconds;

enum Seen : unsigned { kBySource = 1, kByDestination = 2, kByWaypoint = 4 };
constexpr unsigned kByBoth = kBySource | kByDestination;

// To a host outside of the mesh, which only the source sees.
constexpr Flow outward(
    std::string_view source,
    std::string_view protocol,
    std::int64_t interval_s,
    std::string_view host,
    std::string_view service,
    std::string_view ns
) {
    return Flow{
        .source = source,
        .destination = "",
        .protocol = protocol,
        .seen = kBySource,
        .interval_s = interval_s,
        .host = host,
        .service = service,
        .ns = ns
    };
}

// Every call of it fails.
constexpr Flow blocked(Flow flow) {
    flow.failing = 1000;
    flow.status = 502;
    return flow;
}

constexpr std::array kFlows = {
    Flow{"ratings-v1", "mysqldb-v1", "tcp", kByBoth, 5},
    Flow{"", "mysqldb-v1", "tcp", kByDestination, 30},
    Flow{"productpage-v1", "currency-v1", "grpc", kByBoth, 3, 40, 200, 14},
    // Somebody who did not wait for the answer.
    Flow{"istio-ingressgateway", "travels-v1", "http", kBySource, 20, 1000, 0, 0, "DC"},
    Flow{"cars-v1", "hotels-v1", "http", kByBoth, 6, 300, 404, 0},
    outward("flights-v1", "tcp", 8, "fares.example.com", "fares.example.com", "travel-agency"),
    outward("details-v1", "http", 7, "books.example.com", "PassthroughCluster", "unknown"),
    blocked(outward("reviews-v3", "http", 15, "blocked.example.com", "BlackHoleCluster", "unknown")
    ),
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

// The gateway asks each of the crowd once a minute, since somewhat more than an hour; one in fifty
// of them fails often.
constexpr Flow kToTheCrowd{
    .source = "",
    .destination = "",
    .protocol = "http",
    .seen = kByBoth,
    .interval_s = 60,
    .since_minutes = 70
};
constexpr Flow kToTheSick = [] {
    Flow flow = kToTheCrowd;
    flow.failing = 200;
    flow.status = 503;
    return flow;
}();
constexpr std::size_t kSickOneIn = 50;

// The largest whole number that is not above a / b.
std::int64_t floor_of(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

Flows::Flows(const EventStream& stream) : stream_(stream) {
    if (stream_.scenario().zoo) {
        for (const Flow& flow : kFlows) {
            courses_.push_back(
                {&flow, named(flow.source), named(flow.destination), named(flow.writer)}
            );
        }
    }
    const auto crowd = stream_.topology().extras();
    for (std::size_t i = 0; i < crowd.size(); ++i) {
        const Flow& flow = i % kSickOneIn == 0 ? kToTheSick : kToTheCrowd;
        const auto share = static_cast<std::int64_t>(i) * flow.interval_s * 1'000'000 /
                           static_cast<std::int64_t>(crowd.size());
        courses_.push_back({&flow, named("istio-ingressgateway"), crowd[i], kOutside, share});
    }
}

WorkloadIndex Flows::named(std::string_view name) const {
    return name.empty() ? kOutside : stream_.topology().named(name);
}

std::vector<Report> Flows::between(SystemTime from, SystemTime to) const {
    std::vector<Report> out;
    for (std::size_t i = 0; i < courses_.size(); ++i) {
        const Course& course = courses_[i];
        const std::int64_t interval = course.flow->interval_s * 1'000'000;
        const SystemTime start = stream_.start() + microseconds(course.phase_us);
        SystemTime end = to;
        if (course.flow->over_for_minutes > 0) {
            end = std::min(end, start - std::chrono::minutes(course.flow->over_for_minutes));
        }
        SystemTime begin = from;
        if (course.flow->since_minutes > 0) {
            begin = std::max(begin, start - std::chrono::minutes(course.flow->since_minutes));
        }
        for (auto n = floor_of((begin - start).count(), interval);; ++n) {
            Random random(mix(mix(stream_.seed(), 0xF10 + i), static_cast<std::uint64_t>(n)));
            // Never into the next one's turn.
            const SystemTime at =
                start + microseconds(n * interval + random.between(0, interval / 3));
            if (at > end) {
                break;
            }
            if (at > begin) {
                add(out, course, at, random);
            }
        }
    }
    return out;
}

// What is counted of the call or connection that ends at `at`.
void Flows::add(std::vector<Report>& out, const Course& course, SystemTime at, Random& random)
    const {
    Report report = outcome(course, random);
    report.at = at;
    for (const auto& [bit, reporter] :
         {std::pair(kBySource, Reporter::kSource),
          std::pair(kByDestination, Reporter::kDestination),
          std::pair(kByWaypoint, Reporter::kWaypoint)}) {
        if ((course.flow->seen & bit) == 0) {
            continue;
        }
        report.reporter = reporter;
        report.writer = bit == kBySource ? course.caller : course.callee;
        if (course.writer != kOutside) {
            report.writer = course.writer;
        }
        out.push_back(report);
        if (course.flow->protocol == "grpc") {
            out.push_back(report);
            out.back().measured = Measured::kMessages;
        }
    }
}

Report Flows::outcome(const Course& course, Random& random) const {
    const Flow& flow = *course.flow;
    const Topology& topology = stream_.topology();
    Report report;
    report.caller = course.caller;
    report.callee = course.callee;
    report.encrypted = course.caller != kOutside;
    report.protocol = flow.protocol;
    if (flow.protocol == "tcp") {
        report.measured = Measured::kConnections;
    } else if (course.callee != kOutside) {
        report.measured = requests_of(topology[course.callee]);
    }
    report.target = {std::string(flow.host), std::string(flow.service), std::string(flow.ns)};
    if (flow.host.empty()) {
        report.target = target_of(topology[course.callee]);
    }
    const bool fails = random.in_thousand(static_cast<std::uint32_t>(flow.failing));
    if (fails) {
        report.status = flow.status;
        report.flags = flow.flags;
    }
    if (flow.protocol == "grpc") {
        report.grpc_status = fails ? flow.grpc_status : 0;
        report.request_messages = random.between(1, 3);
        report.response_messages = random.between(1, 9);
    }
    report.duration_us = random.between(900, 40'000);
    report.request_bytes = random.between(100, 900);
    report.response_bytes = random.between(400, 9'000);
    return report;
}

}  // namespace meshscope::demo
