#pragma once

#include "clients/trace_store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::clients::jaeger {

// Jaeger's own JSON ("HTTP v1") to models. Pure; usable from every thread; a simdjson parser is
// kept for each thread. Peak memory is the body plus about as much again.
//
// The traces of one answer share one Storage that owns `body`; their texts are slices of it where
// JSON has no escape. The body may be cut (`incomplete` says why): whole traces, and the whole
// spans of the cut one, are kept, with stopped_by and a warning. A cut body without one whole span
// gives `incomplete` back. Errors: kUpstreamProtocol with the first printable bytes when the body
// is no such JSON.
//
// Tolerated: null for empty, any order of fields (the last of a repeated one counts), numbers in
// quotes, short ids, byte order mark, bad UTF-8 (U+FFFD and a warning), spans without a known
// process (an empty one). Traces without a usable id are dropped and counted as "bad_trace_id".
// Traces stay in the order of the wire.
Result<TraceBatch> decode_traces(std::string body, const std::optional<Error>& incomplete);

struct Names {
    std::vector<std::string> names;  // as sent
    std::vector<StoreError> errors;
};
Result<Names> decode_services(std::string body, const std::optional<Error>& incomplete);

struct Operations {
    std::vector<Operation> operations;  // as sent; plain strings have no kind
    std::vector<StoreError> errors;
};
Result<Operations> decode_operations(std::string body, const std::optional<Error>& incomplete);

// The `errors` of an error answer; empty when the body is something else.
std::vector<StoreError> decode_errors(std::string body);

}  // namespace meshscope::clients::jaeger
