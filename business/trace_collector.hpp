#pragma once

#include "business/trace_search.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_set>

namespace meshscope::business {

// What the rounds of one search have brought, and how far down they have looked. Not thread-safe;
// `plan` must outlive it.
class TraceCollector {
 public:
    explicit TraceCollector(const SearchPlan& plan) : plan_(plan) {}

    // Takes what is new in the answer to `query`. Of the window of the round before (`again`) what
    // it says about itself replaces what that one said, of an older window it comes on top.
    void take(clients::TraceBatch batch, const clients::TraceQuery& query, bool again);

    // A later round failed, or would begin too late or be too much: the traces so far stand.
    void take_failure(const Error& error);
    void out_of_time();
    void out_of_bytes();

    [[nodiscard]] bool nothing() const { return outcome_.traces.empty(); }
    [[nodiscard]] bool enough() const { return outcome_.traces.size() >= plan_.query.limit; }
    [[nodiscard]] bool more_below() const {
        return outcome_.stopped_by == clients::StoppedBy::kLimit;
    }
    // Of the last round: less than asked for when the store searches no deeper.
    [[nodiscard]] std::uint32_t depth() const { return depth_; }
    // The store picks its traces in no order of time: an older window would leave some out.
    [[nodiscard]] bool unordered() const { return unordered_; }
    // Memory of all traces that came, those included that came twice or were not kept.
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    // How many more of these traces take so many bytes; at least one.
    [[nodiscard]] std::uint64_t traces_in(std::size_t bytes) const;
    // Where a window of what is older may end, before `end`; nullopt when there is no such place:
    // more traces begin in one microsecond than a search reaches.
    [[nodiscard]] std::optional<SystemTime> older_end(SystemTime end) const;

    SearchOutcome finish() &&;

 private:
    void weigh(const clients::TraceBatch& batch);
    void look_down(const clients::TraceBatch& batch, const clients::TraceQuery& query);
    void note(const models::TracePtr& trace);
    void next_page(bool cut);
    [[nodiscard]] TracePosition rounded(const TracePosition& at) const;
    void cover();

    const SearchPlan& plan_;
    SearchOutcome outcome_;
    std::unordered_set<TraceId> seen_;
    bool cut_by_us_ = false;  // out_of_bytes: a later page may go on
    bool unordered_ = false;
    std::uint32_t depth_ = 0;  // traces asked for in the last round that was answered
    std::uint64_t looked_at_ = 0;
    std::size_t bytes_ = 0;
    std::uint64_t received_ = 0;
    // Stores take the newest traces by the start of their spans that match, or by their own start.
    // By the former all was seen down to here in the last round that ended at its limit,
    std::optional<TracePosition> frontier_;
    // by the latter down to here;
    std::optional<TracePosition> oldest_;
    // and so long after a trace, in µs, a span of it matched.
    std::int64_t skew_us_ = 0;
    int rounds_without_news_ = 0;
};

}  // namespace meshscope::business
