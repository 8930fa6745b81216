#pragma once

#include "models/trace.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace meshscope::models {

// Collects the spans of one trace in any order and makes a Trace that holds the invariants of
// trace.hpp. Decoders of every protocol end here. Not thread-safe.
class TraceBuilder {
 public:
    TraceBuilder(TraceId id, std::shared_ptr<Storage> storage);

    // The index of this process: the same for the same service and the same tags in the same order.
    std::uint32_t add_process(const Process& process);

    // Room for that many spans, where the number is known.
    void reserve(std::size_t spans) { spans_.reserve(spans); }

    // `span.process` is an index from add_process; parent and orphan are set by finish().
    // A negative duration becomes 0 with a warning.
    void add_span(Span span);
    // The same for many, which need not be copied when they are the first.
    void add_spans(SpanList spans);
    void add_warning(std::string text);
    // In the order they were added, to be completed (process, tags) before finish().
    [[nodiscard]] SpanList& spans() { return spans_; }
    [[nodiscard]] std::size_t span_count() const { return spans_.size(); }
    [[nodiscard]] Storage& storage() { return *storage_; }

    // Sorts, resolves parents (first CHILD_OF in this trace, else first FOLLOWS_FROM in this
    // trace), keeps equal spans once, keeps both of two different spans with one id but warns
    // (children belong to the server's, else to the earliest), cuts cycles at the span that starts
    // first, renumbers processes by first appearance. nullptr when there is no span.
    TracePtr finish();

 private:
    // A warning about one span; only the first 20 are named, the rest is counted.
    void add_oddity(std::string text);
    void check_duration(Span& span);
    using IdEntry = std::pair<SpanId, std::uint32_t>;  // and the index of its span

    void drop_repeated();
    std::vector<IdEntry> index_ids(bool& unique);
    [[nodiscard]] std::uint32_t near_parent(std::uint32_t index, SpanId parent) const;
    void resolve_parents();
    void cut_cycles();
    void renumber_processes();

    TraceId id_;
    std::shared_ptr<Storage> storage_;
    SpanList spans_;
    std::vector<Process> processes_;
    std::unordered_multimap<std::size_t, std::uint32_t> process_index_;  // content hash to index
    std::vector<std::string> warnings_;
    std::size_t oddities_ = 0;
};

}  // namespace meshscope::models
