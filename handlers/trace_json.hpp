#pragma once

#include "business/masking.hpp"
#include "business/trace_view.hpp"
#include "handlers/tag_keys.hpp"
#include "handlers/written_tags.hpp"
#include "models/trace.hpp"
#include "server/http_types.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::handlers {

// How large a piece of a streamed body gets before it is handed on, in bytes. A piece may be longer
// by one span.
inline constexpr std::size_t kPieceBytes = 65'536;

// Writes spans and processes of one trace in the JSON of Jaeger's model, as its caller may see
// them. Appends to the string of each call; holds nothing else, so it can stop after any span. For
// one thread.
class TraceWriter {
 public:
    static constexpr std::size_t kAllSpans = static_cast<std::size_t>(-1);

    // The view and the masker must outlive the writer. `shown`: only so many spans, from the first,
    // will be written; processes and warnings are those of a trace that is cut there.
    TraceWriter(
        const business::TraceView& view,
        const business::Masker& masker,
        std::size_t shown = kAllSpans
    );

    // A span of a trace: {"traceID",...,"warnings"}.
    void span(std::string& out, std::size_t index) const;
    // A span on its own: with "traceSize" and its process inside.
    void lone_span(std::string& out, std::size_t index) const;
    // {"p1":{...}}: the processes of visible spans, and "redacted" when spans are hidden.
    void processes(std::string& out) const;
    // One of them, "p1":{...}.
    void process_member(std::string& out, std::uint32_t index) const;
    // An array of strings, or null when there are none. Warnings of a trace with hidden spans are
    // withheld: they may name them.
    void warnings(std::string& out) const;

 private:
    void span_head(std::string& out, const models::Span& span) const;
    void references(std::string& out, const models::Span& span) const;
    void visible_part(std::string& out, const models::Span& span) const;
    void process(std::string& out, std::uint32_t index) const;
    void tags(std::string& out, models::Slice<models::Tag> tags) const;
    void tag(std::string& out, const models::Tag& tag) const;
    [[nodiscard]] bool secret(const models::Tag& tag, business::Masker::KeyRule rule) const;
    void text(std::string& out, std::string_view text) const;  // masked

    const business::TraceView& view_;
    const business::Masker& masker_;
    mutable TagKeys keys_;
    mutable WrittenTags written_;
    std::size_t shown_;
    std::string id_;                        // of the trace, as hex
    std::vector<std::string> process_ids_;  // by index; "" when only hidden spans have it
};

// Bodies that hold traces, produced piece by piece so that none is ever held whole. They own what
// they show.
//
// {"data":[trace,...],<tail>}, of the last trace only the first `last_spans` spans
server::BodySource trace_list_body(
    std::vector<business::TraceView> traces,
    std::size_t last_spans,
    std::shared_ptr<const business::Masker> masker,
    std::string tail
);
// {"data":trace,<tail>}, the first `spans` spans
server::BodySource single_trace_body(
    business::TraceView trace,
    std::size_t spans,
    std::shared_ptr<const business::Masker> masker,
    std::string tail
);

// [span,...]
server::BodySource span_list_body(
    std::vector<business::SelectedSpans> traces, std::shared_ptr<const business::Masker> masker
);

}  // namespace meshscope::handlers
