#include "business/traffic_builder.hpp"

#include <algorithm>
#include <array>

namespace meshscope::business {

namespace {

using models::EdgeIndex;
using models::kNoIndex;
using models::Protocol;
using models::TrafficRates;

constexpr std::size_t kFaults = 5;
constexpr std::array<std::string_view, kFaults> kFaultNames{
    "", "rows_without_labels", "rows_without_source", "rows_without_target", "rows_without_names"
};

}  // namespace

TrafficBuilder::TrafficBuilder(GraphWork& work)
    : work_(work),
      texts_(reader_.texts()),
      ends_(work, texts_, TrafficEnds::Missing::kAdd),
      sayings_(texts_),
      faults_(kFaults) {}

bool TrafficBuilder::counts(const TrafficAnswer& kind, const TrafficRow& row) const {
    if (kind.rows == TrafficRows::kAll) {
        return true;
    }
    if (kind.rows == TrafficRows::kFromElsewhere) {
        return row[TrafficLabel::kSourceNamespace] != row[TrafficLabel::kTargetNamespace];
    }
    // Any part of the host between two others may be the namespace.
    const std::string_view source_ns = texts_.text(row[TrafficLabel::kSourceNamespace]);
    const std::string_view host = texts_.text(row[TrafficLabel::kHost]);
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
    // Most rows of the first answers are of edges of their own.
    constexpr std::size_t kMostReserved = 32'768;
    const std::size_t rows = std::min(answer.labels.rows(), kMostReserved);
    if (told_.capacity() < rows) {
        work_.graph.reserve_edges(rows);
        paths_.reserve(rows);
        told_.reserve(rows);
        path_index_.reserve(rows);
        told_index_.reserve(rows);
    }
    reader_.read(answer.labels, [&](const TrafficRow& row) {
        read(kind, row, answer.values[row.index]);
    });
    scanned_ += answer.labels.rows();
}

void TrafficBuilder::read(const TrafficAnswer& kind, const TrafficRow& row, double rate) {
    const TrafficSaid said = sayings_.of(kind.metric, row, work_.request);
    if (said.kind == TrafficSaid::Kind::kMissingLabels) {
        ++faults_[static_cast<std::size_t>(RowFault::kMissingLabels)];
    }
    if (said.kind != TrafficSaid::Kind::kTraffic || !counts(kind, row)) {
        return;
    }
    const RowEnds ends = ends_.of(row);
    if (ends.fault != RowFault::kNone) {
        ++faults_[static_cast<std::size_t>(ends.fault)];
        return;
    }
    const std::uint32_t index = path_of(ends, said.protocol);
    Path& path = paths_[index];
    models::Graph& graph = work_.graph;
    const Protocol protocol = graph.edge(path.first).protocol;
    const Told told{index, said.code, said.flags, kind.metric};
    if (protocol == Protocol::kOther || !(rate > 0) || !is_new(told)) {
        return;
    }
    carry(path.first, path, told, rate);
    if (path.second != kNoIndex) {
        carry(path.second, path, told, rate);
    }
    const models::ServiceName& called = ends.called->service;
    if (!path.told && !called.name.empty()) {
        graph.add_service(ends.target, called);
        if (path.second != kNoIndex) {
            graph.add_service(ends.service, called);
        }
    }
    path.told = true;
}

std::uint32_t TrafficBuilder::path_of(const RowEnds& ends, std::uint32_t protocol) {
    std::uint64_t hash = models::hash_number(
        models::kHashStart, std::uint64_t{ends.source_names} << 32U | ends.target_names
    );
    hash = models::hash_number(hash, protocol);
    const std::uint32_t found = path_index_.find(hash, [&](std::uint32_t index) {
        const Path& path = paths_[index];
        return path.source == ends.source_names && path.target == ends.target_names &&
               path.protocol == protocol;
    });
    if (found != kNoIndex) {
        return found;
    }
    models::Graph& graph = work_.graph;
    const bool between = ends.service != kNoIndex;
    const std::string_view name = texts_.text(protocol);
    Path path;
    path.source = ends.source_names;
    path.target = ends.target_names;
    path.protocol = protocol;
    path.first = graph.add(ends.source, between ? ends.service : ends.target, name);
    if (between) {
        path.second = graph.add(ends.service, ends.target, name);
    }
    path.host = graph.keep(ends.called->host);
    const auto index = static_cast<std::uint32_t>(paths_.size());
    path_index_.add(hash, index);
    paths_.push_back(path);
    return index;
}

bool TrafficBuilder::is_new(const Told& told) {
    const auto metric = static_cast<std::uint64_t>(told.metric);
    std::uint64_t hash =
        models::hash_number(models::kHashStart, std::uint64_t{told.path} << 32U | metric);
    hash = models::hash_number(hash, std::uint64_t{told.code} << 32U | told.flags);
    const auto same = [&](std::uint32_t index) { return told_[index] == told; };
    if (told_index_.find(hash, same) != kNoIndex) {
        return false;
    }
    told_index_.add(hash, static_cast<std::uint32_t>(told_.size()));
    told_.push_back(told);
    return true;
}

std::string_view TrafficBuilder::kept(std::uint32_t text) {
    if (text >= kept_.size()) {
        kept_.resize(text + 1);
    }
    if (kept_[text].empty()) {
        kept_[text] = work_.graph.keep(texts_.text(text));
    }
    return kept_[text];
}

void TrafficBuilder::carry(EdgeIndex index, const Path& path, const Told& told, double rate) {
    models::Graph& graph = work_.graph;
    models::GraphEdge& edge = graph.edge(index);
    const auto protocol = static_cast<std::size_t>(edge.protocol);
    const TrafficRates rates = rates_of(edge.protocol, texts_.text(told.code), rate);
    edge.rates.add(rates);
    graph.node(edge.source).out[protocol] += rates.total;
    graph.node(edge.target).in[protocol].add(rates);
    const std::uint32_t code = sayings_.shown(told.code, edge.protocol);
    graph.add_kept_response(index, {kept(code), kept(told.flags), path.host}, rates.total);
}

void TrafficBuilder::report() {
    for (std::size_t fault = 1; fault < kFaults; ++fault) {
        work_.meta.drop(kFaultNames[fault], faults_[fault]);
    }
    work_.meta.scanned += scanned_;
}

}  // namespace meshscope::business
