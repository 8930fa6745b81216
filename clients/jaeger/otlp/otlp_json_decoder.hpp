#pragma once

#include "clients/jaeger/json_cut.hpp"
#include "clients/trace_store.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::clients::jaeger {

// The JSON of Jaeger's HTTP api_v3 ({"result":{"resourceSpans":[...]}}) and plain OTLP/JSON
// ({"resourceSpans":[...]}) to models. Pure; usable from every thread; a simdjson parser is kept
// for each thread. What a span becomes is told in otlp_span.hpp, the same for protobuf.
//
// The traces of one answer share one Storage that owns `body`. The body may be cut (`incomplete`
// says why) or end in the middle without anybody saying so: whole spans are kept, with stopped_by
// and a warning; without one whole span `incomplete` comes back, or kUpstreamProtocol. Tolerated:
// any order of fields, null for empty, numbers as text and as numbers, enums as numbers and as
// names, ids in lower and upper case hex, base64 ids (24 and 12 characters), byte order mark, bad
// UTF-8 (U+FFFD and a warning). Spans without a usable trace id are dropped and counted as
// "bad_trace_id". An `error` member beside or instead of `result` becomes a StoreError.
Result<TraceBatch> decode_otlp_traces(std::string body, const std::optional<Error>& incomplete);

// The same for a document too large to keep: whoever splits it hands over each span, then the rest.
// One thread.
class OtlpJsonStream {
 public:
    OtlpJsonStream();
    ~OtlpJsonStream();

    // An item of resourceSpans[resource].scopeSpans[scope].spans, with room for simdjson's padding
    // behind it. Texts are copied, those that repeat once. False when it cannot be read: it is left
    // out, and counted as "bad_span".
    bool add_span(std::size_t resource, std::size_t scope, std::string_view span);
    // The same for a span at the front of `ahead`, which is UTF-8: how long it is, or 0 when it is
    // not whole, or is not written as Jaeger writes it, which add_span will find out.
    std::size_t take_span(std::size_t resource, std::size_t scope, std::string_view ahead);

    [[nodiscard]] std::size_t trace_count() const;
    [[nodiscard]] std::size_t span_count() const;
    [[nodiscard]] std::size_t memory_bytes() const;  // of all spans so far

    // The document without those spans, their arrays empty or absent; cut and broken as above, or
    // `cut` and closed by the caller; `broken` when that is because it is no JSON behind there.
    // Call once.
    Result<TraceBatch> finish(
        std::string rest,
        const std::optional<Error>& incomplete,
        Cut cut = Cut::kNone,
        bool broken = false
    );

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// {"services":[...]}; errors as above.
Result<std::vector<std::string>> decode_v3_services_json(
    std::string body, const std::optional<Error>& incomplete
);
// {"operations":[{"name","spanKind"}]}; errors as above.
Result<std::vector<Operation>> decode_v3_operations_json(
    std::string body, const std::optional<Error>& incomplete
);

// The `error` of an error answer; nullopt when the body is something else.
std::optional<StoreError> decode_v3_error(std::string body);

}  // namespace meshscope::clients::jaeger
