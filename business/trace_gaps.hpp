#pragma once

#include "business/identity.hpp"
#include "business/sureness.hpp"
#include "models/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Where a trace has holes, and why. Pure.
namespace meshscope::business {

enum class GapCause : std::uint8_t {
    kUnknown,             // nothing in the trace tells
    kStillArriving,       // the trace is young
    kParentUnsampled,     // the span decided on its own to be recorded, its parent did not
    kExporterDrop,        // the span was recorded and never came
    kHeaderNotForwarded,  // the call did not carry on the trace of the request it belongs to
    kHiddenByRights,      // it is there, and not for this caller
    kCut,                 // what was read of the trace is not all of it
};
// unknown, still_arriving, parent_unsampled, exporter_drop, header_not_forwarded, hidden_by_rights,
// cut
std::string_view to_string(GapCause cause);

// What is known of the answer that the trace came in.
struct GapContext {
    bool cut = false;      // the store's answer ended early, or spans in it were left out
    bool growing = false;  // spans came between two reads
    bool young = false;    // it ended a moment ago: more may be on the way
    // By span index, as of TraceView; null: nothing is hidden. What is hidden is no evidence.
    const std::vector<bool>* hidden = nullptr;
};

struct TraceGap {
    enum class Kind : std::uint8_t {
        kMissingParent,  // spans name a parent that is not here
        kMissingRoot,    // likewise, and the trace has no other beginning; or its beginning should
                         // have had a parent
        kHiddenParent,   // the parent is here and hidden
    };
    Kind kind = Kind::kMissingParent;
    std::optional<SpanId> parent;      // nullopt: none is named
    std::vector<std::uint32_t> spans;  // indexes, ascending, visible: those that hang in the air
    GapCause cause = GapCause::kUnknown;
    Sureness certainty = Sureness::kPossible;
    std::string evidence;  // one sentence
};
std::string_view to_string(TraceGap::Kind kind);  // missing_parent, missing_root, hidden_parent

inline constexpr std::size_t kMostGaps = 100;

struct TraceGaps {
    std::vector<TraceGap> gaps;  // ascending by first span; one for each parent that is missing
    std::uint64_t unlisted = 0;  // gaps beyond kMostGaps
};

// O(n log n). `identities` are those of the trace.
TraceGaps trace_gaps(
    const models::Trace& trace, const TraceIdentities& identities, const GapContext& context
);

}  // namespace meshscope::business
