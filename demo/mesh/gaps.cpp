#include "demo/mesh/gaps.hpp"

#include "demo/mesh/random.hpp"

#include <cstddef>
#include <utility>

namespace meshscope::demo {
namespace {

bool chosen(std::uint64_t key, std::uint32_t share, std::uint32_t of) { return key % of < share; }

// A request without calls in a trace of its own; `head` is the call that begins it.
Request fresh(const Request& request, std::uint32_t head) {
    Request out = request;
    out.calls.clear();
    out.trace = TraceId{mix(request.trace.high, head + 1), mix(request.trace.low, head + 1)};
    return out;
}

void lose_spans(Request& part, const Topology& topology, const GapRules& rules) {
    const auto lost = [&](WorkloadIndex reporter, std::size_t call, std::uint64_t side) {
        if (reporter == kOutside) {
            return false;
        }
        const auto drops = rules.drops.find(topology[reporter].name);
        return drops != rules.drops.end() &&
               chosen(mix(mix(part.trace.low, call), side), drops->second, 100);
    };
    for (std::size_t i = 0; i < part.calls.size(); ++i) {
        Call& call = part.calls[i];
        call.client_report_lost = call.client_report_lost || lost(call.caller, i, 0xC1);
        call.server_report_lost = call.server_report_lost || lost(call.callee, i, 0x5E);
    }
}

}  // namespace

std::vector<Request> traces_of(
    const Request& request, const Topology& topology, const GapRules& rules
) {
    struct Place {
        std::size_t part = 0;
        std::uint32_t index = 0;
    };
    std::vector<Request> parts;
    std::vector<Place> places;
    for (std::uint32_t i = 0; i < request.calls.size(); ++i) {
        Call call = request.calls[i];
        const bool begins =
            call.parent == kNoCall ||
            (call.caller != kOutside && rules.unforwarded.contains(topology[call.caller].app));
        if (begins) {
            if (parts.empty()) {
                parts.push_back(request);
                parts.back().calls.clear();
            } else {
                parts.push_back(fresh(request, i));
            }
            call.parent = kNoCall;
            places.push_back({parts.size() - 1, 0});
        } else {
            const Place above = places[call.parent];
            call.parent = above.index;
            places.push_back(
                {above.part, static_cast<std::uint32_t>(parts[above.part].calls.size())}
            );
        }
        parts[places.back().part].calls.push_back(std::move(call));
    }
    for (Request& part : parts) {
        part.sampled = chosen(mix(part.trace.low, 0x5A3), rules.sampled, 10'000);
        lose_spans(part, topology, rules);
    }
    return parts;
}

std::shared_ptr<const GapRules> Gaps::rules() const {
    const std::scoped_lock lock(mutex_);
    return rules_;
}

void Gaps::set(GapRules rules) {
    auto made = std::make_shared<const GapRules>(std::move(rules));
    const std::scoped_lock lock(mutex_);
    rules_ = std::move(made);
}

}  // namespace meshscope::demo
