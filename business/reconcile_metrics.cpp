#include "business/reconcile_metrics.hpp"

#include "business/metric_labels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace meshscope::business {

namespace {

namespace promql = clients::promql;
using promql::Label;
using promql::Matcher;

constexpr auto kOut = TrafficDirection::kOutbound;

// By whom a request was counted, those that count more before others.
enum Teller : std::size_t { kOwn, kWaypoint, kPeer, kTellers };

struct Told {
    double requests = 0;
    double errors = 0;
    double silent = 0;
    std::map<std::pair<std::string, std::string>, OutcomeCount> outcomes;
};

// Each peer as the rows have it.
struct Peer {
    EdgePeer peer;
    std::vector<ServicePlace> services;
    std::array<Told, kTellers> told;

    [[nodiscard]] const Told& teller() const {
        for (const Told& one : told) {
            if (one.requests > 0) {
                return one;
            }
        }
        return told.front();
    }
};

std::string known(std::string_view text) {
    return text == "unknown" ? std::string() : std::string(text);
}

bool failed(std::string_view code, std::string_view grpc) {
    return code.starts_with('5') || code == "0" || (!grpc.empty() && grpc != "0");
}

// The columns of an answer.
struct Columns {
    Columns(const models::LabelTable& labels, TrafficDirection direction)
        : ns(labels.column(direction == kOut ? kDestinationSide.ns.name() : kSourceSide.ns.name())),
          workload(labels.column(
              direction == kOut ? kDestinationSide.workload.name() : kSourceSide.workload.name()
          )),
          service(labels.column("destination_service_name")),
          service_ns(labels.column("destination_service_namespace")),
          reporter(labels.column("reporter")),
          code(labels.column("response_code")),
          grpc(labels.column("grpc_response_status")),
          flags(labels.column("response_flags")) {}

    std::size_t ns, workload, service, service_ns, reporter, code, grpc, flags;
};

Teller teller_of(std::string_view reporter, TrafficDirection direction) {
    if (reporter == "waypoint") {
        return kWaypoint;
    }
    return (reporter == "source") == (direction == kOut) ? kOwn : kPeer;
}

void add(
    Told& told, std::string_view code, std::string_view grpc, std::string_view flags, double n
) {
    told.requests += n;
    told.errors += failed(code, grpc) ? n : 0;
    const bool silent = may_leave_no_span(flags, code);
    told.silent += silent ? n : 0;
    OutcomeCount& outcome = told.outcomes[{std::string(code), std::string(flags)}];
    outcome.code = code;
    outcome.flags = flags;
    outcome.requests += n;
    outcome.may_leave_no_span = silent;
}

std::map<std::string, Peer> peers_of(
    TrafficDirection direction, const models::MetricVector& answer, double seconds
) {
    const Columns at(answer.labels, direction);
    std::map<std::string, Peer> peers;
    for (std::size_t row = 0; row < answer.labels.rows(); ++row) {
        const auto cell = [&](std::size_t column) { return answer.labels.cell(row, column); };
        const double requests = answer.values[row] * seconds;
        if (!std::isfinite(requests) || requests <= 0) {
            continue;
        }
        EdgePeer peer;
        peer.direction = direction;
        peer.workload = known(cell(at.workload));
        peer.ns = peer.workload.empty() ? std::string() : known(cell(at.ns));
        ServicePlace service;
        if (direction == kOut) {
            service = {known(cell(at.service_ns)), known(cell(at.service))};
            peer.ns = peer.workload.empty() ? service.ns : peer.ns;
        }
        std::string key = peer.ns + '/' + peer.workload;
        if (peer.workload.empty()) {
            key += '/' + service.name;
        }
        Peer& one = peers.try_emplace(std::move(key), Peer{std::move(peer), {}, {}}).first->second;
        if (!service.name.empty() &&
            std::ranges::find(one.services, service) == one.services.end()) {
            one.services.push_back(std::move(service));
        }
        add(one.told[teller_of(cell(at.reporter), direction)],
            cell(at.code),
            cell(at.grpc),
            cell(at.flags),
            requests);
    }
    return peers;
}

// "DC, UC": how the requests ended that may leave no span, at either end.
std::string silent_flags_of(const Peer& peer) {
    std::set<std::string> flags;
    for (const Told* told : {&peer.teller(), &peer.told[kPeer]}) {
        for (const auto& [key, outcome] : told->outcomes) {
            if (outcome.may_leave_no_span) {
                flags.insert(outcome.flags == "-" ? "no response" : outcome.flags);
            }
        }
    }
    std::string text;
    for (const std::string& one : flags) {
        text += (text.empty() ? "" : ", ") + one;
    }
    return text;
}

}  // namespace

promql::Expr requests_query(
    TrafficDirection direction,
    const std::string& ns,
    const std::string& workload,
    const std::string& cluster,
    std::chrono::seconds range
) {
    const MetricSide& home = side_of(direction);
    const MetricSide& other = direction == kOut ? kDestinationSide : kSourceSide;
    const promql::Matchers matchers{
        Matcher::equals(home.ns, ns),
        Matcher::equals(home.workload, workload),
        Matcher::equals(home.cluster, cluster)
    };
    return promql::sum(
        promql::rate("istio_requests_total", matchers, range),
        {"reporter",
         other.ns,
         other.workload,
         "destination_service_namespace",
         "destination_service_name",
         "response_code",
         "grpc_response_status",
         "response_flags"}
    );
}

std::vector<CountedEdge> read_requests(
    TrafficDirection direction,
    const models::MetricVector& answer,
    std::chrono::seconds range,
    std::size_t most,
    EdgeBook& book,
    std::size_t& left_out
) {
    std::vector<Peer> peers;
    for (auto& [key, peer] : peers_of(direction, answer, static_cast<double>(range.count()))) {
        peers.push_back(std::move(peer));
    }
    std::ranges::sort(peers, std::ranges::greater(), [](const Peer& peer) {
        return peer.teller().requests;
    });
    if (peers.size() > most) {
        left_out += peers.size() - most;
        peers.resize(most);
    }
    std::vector<CountedEdge> out;
    for (Peer& peer : peers) {
        const Told& told = peer.teller();
        CountedEdge edge;
        if (peer.services.empty()) {
            peer.services.emplace_back();
        }
        for (ServicePlace& service : peer.services) {
            edge.edge = book.counted(peer.peer, std::move(service));
        }
        edge.requests = told.requests;
        edge.errors = told.errors;
        edge.silent = told.silent;
        edge.peer_counts = peer.told[kPeer].requests > 0;
        edge.peer_silent = peer.told[kPeer].silent;
        edge.silent_flags = silent_flags_of(peer);
        for (const auto& [key, outcome] : told.outcomes) {
            edge.outcomes.push_back(outcome);
        }
        std::ranges::sort(edge.outcomes, std::ranges::greater(), &OutcomeCount::requests);
        out.push_back(std::move(edge));
    }
    return out;
}

}  // namespace meshscope::business
