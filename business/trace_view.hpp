#pragma once

#include "async/request_context.hpp"
#include "business/access.hpp"
#include "models/cluster_snapshot.hpp"
#include "models/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace meshscope::business {

// A trace as one caller may see it. Cheap to copy; the trace itself is shared.
struct TraceView {
    models::TracePtr trace;
    std::shared_ptr<const std::vector<bool>> hidden;  // by span index; null: every span is visible

    [[nodiscard]] bool hides(std::size_t span) const { return hidden && (*hidden)[span]; }
    [[nodiscard]] std::uint64_t hidden_spans() const;
    [[nodiscard]] bool all_hidden() const;
};

struct SelectedSpans {
    TraceView view;
    std::vector<std::uint32_t> spans;  // ascending, visible, at least one
};

// A span is visible when the namespace that its identity has for rights is visible to the caller,
// and a second one that its evidence names as well; a span of no such namespace only to callers
// that see everything. `snapshot` may be null.
TraceView view_for(
    const Access& access,
    const Caller& caller,
    models::TracePtr trace,
    const models::ClusterSnapshotPtr& snapshot
);

// The views of one caller, each made once. Not thread-safe; access and caller must outlive it.
class CallersViews {
 public:
    CallersViews(const Access& access, const Caller& caller, models::ClusterSnapshotPtr snapshot)
        : access_(access),
          caller_(caller),
          snapshot_(std::move(snapshot)),
          all_(access.sees_all(caller)) {}

    // Whether nothing is hidden: then a view costs nothing.
    [[nodiscard]] bool all() const { return all_; }
    // Valid until the next call.
    const TraceView& of(const models::TracePtr& trace);
    // Lets go of a trace that is not wanted.
    void forget(const models::TracePtr& trace);

 private:
    const Access& access_;
    const Caller& caller_;
    models::ClusterSnapshotPtr snapshot_;
    bool all_;
    std::unordered_map<const models::Trace*, TraceView>
        made_;        // keeps its traces alive until forgotten
    TraceView last_;  // where nothing is hidden
};

}  // namespace meshscope::business
