#include "business/traffic_builder.hpp"

#include <algorithm>
#include <array>
#include <utility>

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
    // Most rows of the first answers are of edges of their own; a node mostly has names of an
    // application, a workload and a host.
    constexpr std::size_t kMostReserved = 32'768;
    const std::size_t rows = std::min(answer.labels.rows(), kMostReserved);
    const std::size_t nodes = std::min(answer.labels.texts(), kMostReserved) / 3;
    if (told_.capacity() < rows) {
        work_.graph.reserve(nodes, rows);
        ends_.reserve(nodes);
        first_path_.reserve(nodes);
        paths_.reserve(rows);
        told_.reserve(rows + rows / 4);
    }
    reader_.read(
        answer.labels,
        [&](const TrafficRow& row) { ends_.fetch(row); },
        [&](const TrafficRow& row) { read(kind, row, answer.values[row.index]); }
    );
    take_pending();
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
    // Some rows at once: what the later ones change comes near while the first are taken.
    constexpr std::size_t kAtOnce = 16;
    if (find_path(ends, said.protocol) == kNoIndex) {
        work_.graph.fetch_node(ends.target);
    }
    pending_.push_back({ends, said, kind.metric, rate});
    if (pending_.size() == kAtOnce) {
        take_pending();
    }
}

void TrafficBuilder::take_pending() {
    for (const Pending& row : pending_) {
        take(row);
    }
    pending_.clear();
}

void TrafficBuilder::take(const Pending& row) {
    const std::uint32_t index = path_of(row.ends, row.said.protocol);
    const Path& path = paths_[index];
    const Told told{index, row.said.code, row.said.flags, row.metric, kNoIndex};
    if (path.kind == Protocol::kOther || !(row.rate > 0) || !is_new(told)) {
        return;
    }
    carry(path.first, path, told, row.rate);
    if (path.second != kNoIndex) {
        carry(path.second, path, told, row.rate);
    }
    tell_service(row.ends);
}

void TrafficBuilder::tell_service(const RowEnds& ends) {
    constexpr std::uint8_t kTarget = 1;
    constexpr std::uint8_t kService = 2;
    if (ends.target_names >= called_.size()) {
        called_.resize(ends.target_names + 1);
    }
    std::uint8_t& told = called_[ends.target_names];
    const std::uint8_t wanted = ends.service != kNoIndex ? kTarget | kService : kTarget;
    const auto missing = static_cast<std::uint8_t>(wanted & ~told);
    const models::ServiceName& service = ends.called->service;
    if (missing == 0 || service.name.empty()) {
        return;
    }
    if ((missing & kTarget) != 0) {
        work_.graph.add_service(ends.target, service);
    }
    if ((missing & kService) != 0) {
        work_.graph.add_service(ends.service, service);
    }
    told |= wanted;
}

std::uint64_t TrafficBuilder::hash_of(
    std::uint32_t source, std::uint32_t target, std::uint32_t protocol
) {
    return models::hash_number(
        models::hash_number(models::kHashStart, protocol), std::uint64_t{source} << 32U | target
    );
}

std::uint32_t TrafficBuilder::find_path(const RowEnds& ends, std::uint32_t protocol) {
    if (ends.source_names >= first_path_.size()) {
        first_path_.resize(ends.source_names + 1, kNoIndex);
    }
    return path_index_.find(
        first_path_[ends.source_names],
        [&](std::uint32_t index) { return paths_[index].next; },
        [&](std::uint32_t index) { return paths_[index].is(ends, protocol); },
        [&] { return hash_of(ends.source_names, ends.target_names, protocol); }
    );
}

std::uint32_t TrafficBuilder::path_of(const RowEnds& ends, std::uint32_t protocol) {
    const std::uint32_t found = find_path(ends, protocol);
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
    path.kind = graph.edge(path.first).protocol;
    if (between) {
        path.second = graph.add(ends.service, ends.target, name);
    }
    path.host = ends.called->host;
    const auto index = static_cast<std::uint32_t>(paths_.size());
    path.next = std::exchange(first_path_[ends.source_names], index);
    paths_.push_back(path);
    path_index_.add(
        index,
        index,
        [&](std::uint32_t at) { return paths_[at].next; },
        [&](std::uint32_t at) {
            return hash_of(paths_[at].source, paths_[at].target, paths_[at].protocol);
        }
    );
    return index;
}

bool TrafficBuilder::is_new(const Told& told) {
    const auto next = [&](std::uint32_t index) { return told_[index].next; };
    const auto hash = [](const Told& one) {
        const auto metric = static_cast<std::uint64_t>(one.metric);
        return models::hash_number(
            models::hash_number(models::kHashStart, std::uint64_t{one.path} << 32U | metric),
            std::uint64_t{one.code} << 32U | one.flags
        );
    };
    std::uint32_t& first = paths_[told.path].first_told;
    const auto same = [&](std::uint32_t index) { return told_[index].is(told); };
    if (told_index_.find(first, next, same, [&] { return hash(told); }) != kNoIndex) {
        return false;
    }
    const auto index = static_cast<std::uint32_t>(told_.size());
    told_.push_back(told);
    told_.back().next = std::exchange(first, index);
    told_index_.add(index, index, next, [&](std::uint32_t at) { return hash(told_[at]); });
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
