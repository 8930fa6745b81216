#include "business/traffic_builder.hpp"

#include <algorithm>
#include <array>

namespace meshscope::business {

namespace {

using models::EdgeIndex;
using models::kNoIndex;
using models::Protocol;
using models::TrafficRates;

constexpr std::string_view kNoResponse = "-";
constexpr std::size_t kFaults = 5;
constexpr std::array<std::string_view, kFaults> kFaultNames{
    "", "rows_without_labels", "rows_without_source", "rows_without_target", "rows_without_names"
};

bool is_messages(TrafficMetric metric) {
    return metric == TrafficMetric::kMessagesSent || metric == TrafficMetric::kMessagesReceived;
}

bool is_status(std::string_view code, char first) {
    return code.size() == 3 && code.front() == first;
}

// What a request was answered with: the status of gRPC where there is one and HTTP did not fail.
std::string_view code_of(std::string_view protocol, std::string_view http, std::string_view grpc) {
    if (http == "0") {
        return kNoResponse;
    }
    const bool failed = is_status(http, '4') || is_status(http, '5');
    return protocol != "grpc" || failed || grpc.empty() ? http : grpc;
}

}  // namespace

struct TrafficBuilder::Columns {
    explicit Columns(const models::LabelTable& labels)
        : ends(labels),
          protocol(labels.column("request_protocol")),
          http(labels.column("response_code")),
          grpc(labels.column("grpc_response_status")),
          flags(labels.column("response_flags")),
          app(labels.column("app")) {}
    TrafficColumns ends;
    std::size_t protocol, http, grpc, flags, app;
};

TrafficRates rates_of(Protocol protocol, std::string_view code, double rate) {
    TrafficRates rates;
    rates.total = rate;
    if (protocol == Protocol::kTcp) {
        return rates;
    }
    if (code == kNoResponse) {
        rates.no_response = rate;
    } else if (protocol == Protocol::kGrpc) {
        const bool http = code.size() == 3;
        const bool failed =
            http ? code.front() == '4' || code.front() == '5' : !code.empty() && code != "0";
        rates.errors = failed ? rate : 0;
    } else if (code.starts_with('3')) {
        rates.status_3xx = rate;
    } else if (code.starts_with('4')) {
        rates.status_4xx = rate;
    } else if (code.starts_with('5')) {
        rates.status_5xx = rate;
    }
    return rates;
}

TrafficBuilder::TrafficBuilder(GraphWork& work)
    : work_(work), ends_(work, TrafficEnds::Missing::kAdd), faults_(kFaults) {}

bool TrafficBuilder::counts(
    const TrafficAnswer& kind,
    std::string_view source_ns,
    std::string_view workload_ns,
    std::string_view host
) {
    if (kind.rows == TrafficRows::kAll) {
        return true;
    }
    if (kind.rows == TrafficRows::kFromElsewhere) {
        return source_ns != workload_ns;
    }
    // Any part of the host between two others may be the namespace.
    std::size_t begin = host.find('.');
    while (begin != std::string_view::npos) {
        const std::size_t end = host.find('.', ++begin);
        if (end == std::string_view::npos) {
            return false;
        }
        const std::string_view part = host.substr(begin, end - begin);
        if (part != source_ns &&
            std::binary_search(kind.namespaces->begin(), kind.namespaces->end(), part)) {
            return true;
        }
        begin = end;
    }
    return false;
}

void TrafficBuilder::add(const TrafficAnswer& kind, const models::MetricVector& answer) {
    const models::LabelTable& labels = answer.labels;
    const Columns columns(labels);
    rows_.clear();
    rows_.reserve(labels.rows());
    for (std::size_t row = 0; row < labels.rows(); ++row) {
        const auto hashes = TrafficEnds::hashes(labels, columns.ends, row);
        std::uint64_t order = models::hash_number(hashes.source, hashes.target);
        for (const std::size_t column :
             {columns.protocol, columns.http, columns.grpc, columns.flags, columns.app}) {
            order = models::hash_text(order, labels.cell(row, column));
        }
        rows_.push_back({order, hashes, static_cast<std::uint32_t>(row)});
    }
    std::ranges::sort(rows_, {}, &Row::order);
    for (const Row& row : rows_) {
        read(kind, answer, columns, row);
    }
    scanned_ += rows_.size();
}

void TrafficBuilder::read(
    const TrafficAnswer& kind,
    const models::MetricVector& answer,
    const Columns& columns,
    const Row& row
) {
    const models::LabelTable& labels = answer.labels;
    const auto cell = [&](std::size_t column) { return labels.cell(row.row, column); };
    Traffic traffic;
    traffic.metric = kind.metric;
    traffic.rate = answer.values[row.row];
    const GraphRequest& request = work_.request;
    if (kind.metric == TrafficMetric::kRequests) {
        traffic.protocol = cell(columns.protocol);
        traffic.flags = cell(columns.flags);
        const std::string_view http = cell(columns.http);
        if (traffic.protocol.empty() || traffic.flags.empty() || http.empty()) {
            ++faults_[static_cast<std::size_t>(RowFault::kMissingLabels)];
            return;
        }
        if ((traffic.protocol == "http" && request.http != TrafficRate::kRequests) ||
            (traffic.protocol == "grpc" && request.grpc != TrafficRate::kRequests)) {
            return;
        }
        traffic.code = code_of(traffic.protocol, http, cell(columns.grpc));
    } else if (is_messages(kind.metric)) {
        traffic.protocol = "grpc";
    } else {
        traffic.protocol = "tcp";
        traffic.flags = cell(columns.flags);
        if (traffic.flags.empty()) {
            ++faults_[static_cast<std::size_t>(RowFault::kMissingLabels)];
            return;
        }
    }
    constexpr std::size_t kWorkloadNamespace = 4;
    const TrafficColumns& ends = columns.ends;
    if (!counts(
            kind,
            cell(ends.source[TrafficColumns::kSourceNamespace]),
            cell(ends.target[kWorkloadNamespace]),
            cell(ends.target[TrafficColumns::kHost])
        )) {
        return;
    }
    traffic.ends = ends_.of(labels, ends, row.row, row.hashes);
    if (traffic.ends.fault != RowFault::kNone) {
        ++faults_[static_cast<std::size_t>(traffic.ends.fault)];
        return;
    }
    apply(traffic);
}

std::uint32_t TrafficBuilder::number_of(std::string_view code, std::string_view flags) {
    const std::uint64_t hash =
        models::hash_text(models::hash_text(models::kHashStart, code), flags);
    const std::uint32_t found = answers_index_.find(hash, [&](std::uint32_t index) {
        return answers_[index].first == code && answers_[index].second == flags;
    });
    if (found != kNoIndex) {
        return found;
    }
    const auto index = static_cast<std::uint32_t>(answers_.size());
    answers_.emplace_back(code, flags);
    answers_index_.add(hash, index);
    return index;
}

bool TrafficBuilder::is_new(const Told& told) {
    std::uint64_t hash =
        models::hash_number(models::kHashStart, (std::uint64_t{told.source} << 32U) | told.target);
    const auto kind =
        (static_cast<std::uint64_t>(told.metric) << 8U) | static_cast<std::uint64_t>(told.protocol);
    hash = models::hash_number(hash, (std::uint64_t{told.answer} << 32U) | kind);
    const auto same = [&](std::uint32_t index) { return told_[index] == told; };
    if (told_index_.find(hash, same) != kNoIndex) {
        return false;
    }
    told_index_.add(hash, static_cast<std::uint32_t>(told_.size()));
    told_.push_back(told);
    return true;
}

void TrafficBuilder::apply(const Traffic& traffic) {
    const RowEnds& ends = traffic.ends;
    models::Graph& graph = work_.graph;
    const bool between = ends.service != kNoIndex;
    const EdgeIndex first =
        graph.add(ends.source, between ? ends.service : ends.target, traffic.protocol);
    const EdgeIndex second =
        between ? graph.add(ends.service, ends.target, traffic.protocol) : kNoIndex;
    const Protocol protocol = graph.edge(first).protocol;
    const Told told{
        ends.source_names,
        ends.target_names,
        number_of(traffic.code, traffic.flags),
        traffic.metric,
        protocol
    };
    if (protocol == Protocol::kOther || !(traffic.rate > 0) || !is_new(told)) {
        return;
    }
    const TrafficRates rates = rates_of(protocol, traffic.code, traffic.rate);
    carry(first, traffic, rates);
    if (between) {
        carry(second, traffic, rates);
        graph.add_service(ends.service, ends.called);
    }
    if (!ends.called.name.empty()) {
        graph.add_service(ends.target, ends.called);
    }
}

void TrafficBuilder::carry(EdgeIndex index, const Traffic& traffic, const TrafficRates& rates) {
    models::Graph& graph = work_.graph;
    models::GraphEdge& edge = graph.edge(index);
    const auto protocol = static_cast<std::size_t>(edge.protocol);
    edge.rates.add(rates);
    graph.node(edge.source).out[protocol] += rates.total;
    graph.node(edge.target).in[protocol].add(rates);
    const bool coded = edge.protocol != Protocol::kTcp && !traffic.code.empty();
    graph.add_response(
        index, coded ? traffic.code : kNoResponse, traffic.flags, traffic.ends.host, rates.total
    );
}

void TrafficBuilder::report() {
    for (std::size_t fault = 1; fault < kFaults; ++fault) {
        work_.meta.drop(kFaultNames[fault], faults_[fault]);
    }
    work_.meta.scanned += scanned_;
}

}  // namespace meshscope::business
