#include "business/clock_offsets.hpp"

#include "business/span_facts_parts.hpp"
#include "business/span_reader.hpp"
#include "business/trace_columns.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace meshscope::business {

namespace {

using models::Span;
using models::Trace;

// What one call says of the offset of its server's clock.
struct Sample {
    std::int64_t low = 0;
    std::int64_t high = 0;
    [[nodiscard]] std::int64_t middle() const { return low / 2 + high / 2; }
    [[nodiscard]] Sample turned() const {
        return {models::nanos_between(high, 0), models::nanos_between(low, 0)};
    }
    // Whether clocks that agree would make it impossible.
    [[nodiscard]] bool contradicts_none() const {
        const std::int64_t least = std::chrono::nanoseconds(kLeastOffset).count();
        return low >= least || high <= -least;
    }
};

std::string_view host_of(const TraceIdentities& identities, SpanReader& reader, std::size_t span) {
    const SpanIdentity& identity = identities.of(span);
    if (!identity.pod.empty() && identities.snapshot != nullptr) {
        const models::Pod* pod = identities.snapshot->pod_named(identity.ns, identity.pod);
        if (pod != nullptr && !pod->node.empty()) {
            return pod->node;
        }
    }
    if (!identity.pod.empty()) {
        return identity.pod;
    }
    const Attributes attributes = reader.read(span);
    for (const Concept one :
         {Concept::kHostName, Concept::kHostname, Concept::kPodAddress, Concept::kOwnAddress}) {
        if (const auto text = attributes.text(one); !text.empty()) {
            return text;
        }
    }
    return parse_node_id(attributes.text(Concept::kNodeId)).ip;
}

bool is_child_of(const Span& child, const Trace& trace, SpanId parent) {
    return std::any_of(
        child.references.begin(),
        child.references.end(),
        [&](const models::Reference& reference) {
            return reference.trace == trace.id && reference.span == parent &&
                   reference.type == models::ReferenceType::kChildOf;
        }
    );
}

std::int64_t end_of(const Span& span) {
    return models::nanos_between(models::nanos_between(span.start_ns, 0), span.duration_ns);
}

std::int64_t median(std::vector<std::int64_t>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

// nullopt: clocks that agree explain the calls as well.
std::optional<ClockOffset> estimate(const std::vector<Sample>& samples) {
    ClockOffset out;
    out.samples = static_cast<std::uint32_t>(samples.size());
    Sample all = samples.front();
    std::vector<std::int64_t> middles;
    std::size_t against = 0;
    for (const Sample& sample : samples) {
        all.low = std::max(all.low, sample.low);
        all.high = std::min(all.high, sample.high);
        middles.push_back(sample.middle());
        against += sample.contradicts_none() ? 1 : 0;
    }
    const auto [least, most] = std::minmax_element(middles.begin(), middles.end());
    out.spread_ns = models::nanos_between(*least, *most);
    out.low_ns = all.low;
    out.high_ns = all.high;
    if (all.low <= all.high) {
        out.offset_ns = all.middle();
        return all.contradicts_none() ? std::optional(out) : std::nullopt;
    }
    out.offset_ns = median(middles);
    return 2 * against > samples.size() ? std::optional(out) : std::nullopt;
}

}  // namespace

std::vector<ClockOffset> clock_offsets(
    const Trace& trace, const TraceIdentities& identities, const std::vector<bool>* hidden
) {
    const std::shared_ptr<const TraceColumns> columns = columns_of(trace);
    std::map<std::pair<std::string_view, std::string_view>, std::vector<Sample>> by_hosts;
    SpanReader reader(trace);
    const auto hides = [&](std::size_t span) { return hidden != nullptr && (*hidden)[span]; };
    for (std::size_t i = 0; i < trace.spans.size(); ++i) {
        const Span& server = trace.spans[i];
        if (!columns->one_to_one[i] || server.parent != columns->pair[i] || hides(i) ||
            hides(server.parent)) {
            continue;
        }
        const Span& client = trace.spans[server.parent];
        if (server.duration_ns > client.duration_ns || !is_child_of(server, trace, client.id)) {
            continue;
        }
        const std::string_view from = host_of(identities, reader, server.parent);
        const std::string_view to = host_of(identities, reader, i);
        if (from.empty() || to.empty() || from == to) {
            continue;
        }
        const Sample sample{
            models::nanos_between(end_of(client), end_of(server)),
            models::nanos_between(client.start_ns, server.start_ns)
        };
        if (from < to) {
            by_hosts[{from, to}].push_back(sample);
        } else {
            by_hosts[{to, from}].push_back(sample.turned());
        }
    }
    std::vector<ClockOffset> out;
    for (const auto& [hosts, samples] : by_hosts) {
        auto offset = estimate(samples);
        if (offset && out.size() < kMostOffsets) {
            offset->from = hosts.first;
            offset->to = hosts.second;
            out.push_back(std::move(*offset));
        }
    }
    return out;
}

std::vector<HostSpans> spans_of_hosts(
    const Trace& trace,
    const TraceIdentities& identities,
    const std::vector<bool>* hidden,
    const std::vector<ClockOffset>& offsets
) {
    std::map<std::string_view, std::vector<std::size_t>> by_host;
    for (const ClockOffset& offset : offsets) {
        by_host.try_emplace(offset.from);
        by_host.try_emplace(offset.to);
    }
    if (by_host.empty()) {
        return {};
    }
    SpanReader reader(trace);
    std::size_t count = 0;
    for (std::size_t i = 0; i < trace.spans.size(); ++i) {
        if (hidden != nullptr && (*hidden)[i]) {
            continue;
        }
        const auto found = by_host.find(host_of(identities, reader, i));
        if (found == by_host.end()) {
            continue;
        }
        if (++count > kMostHostSpans) {
            return {};
        }
        found->second.push_back(i);
    }
    std::vector<HostSpans> out;
    for (auto& [host, spans] : by_host) {
        out.push_back({std::string(host), std::move(spans)});
    }
    return out;
}

}  // namespace meshscope::business
