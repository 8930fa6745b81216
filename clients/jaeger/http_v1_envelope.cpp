#include "clients/jaeger/http_v1_envelope.hpp"

#include "clients/json/json_tokens.hpp"

#include <cstdint>
#include <memory>
#include <utility>

namespace meshscope::clients::jaeger {

using simdjson::error_code;
using simdjson::SUCCESS;

StoreError decode_error(json::value value) {
    StoreError error;
    const auto failed = for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "code")) {
            const auto code = integer_of(field.raw_json_token()).value_or(0);
            error.code = code < 0 || code > 99'999 ? 0 : static_cast<std::int32_t>(code);
        } else if (is_key(key, "msg")) {
            error.message = copy_of(field.raw_json_token());
        } else if (is_key(key, "traceID")) {
            error.trace_id = copy_of(field.raw_json_token());
        }
        return SUCCESS;
    });
    return failed ? StoreError{} : error;
}

error_code walk_traces(
    std::string_view text, SpanDecoder& decoder, TraceBatch& batch, bool& has_data
) {
    Envelope envelope;
    SpanDecoder::Decoded decoded;
    std::uint64_t spans_dropped = 0;
    const auto error = walk_envelope(
        text,
        envelope,
        [&] { batch.traces.clear(); },
        [&](json::value item) {
            if (item.raw_json_token().front() != '{') {
                return simdjson::INCORRECT_TYPE;
            }
            const auto failed = decoder.decode(item, decoded);
            spans_dropped += decoded.spans_dropped;
            if (decoded.trace) {
                batch.traces.push_back(std::move(decoded.trace));
            }
            return failed;
        }
    );
    if (spans_dropped > 0) {
        batch.dropped.push_back({"bad_trace_id", spans_dropped});
    }
    has_data = envelope.has_data;
    batch.errors = std::move(envelope.errors);
    return error;
}

void mark_last_trace(TraceBatch& batch) {
    auto last = std::const_pointer_cast<models::Trace>(batch.traces.back());
    last->warnings.emplace_back("the answer was cut inside this trace: spans are missing");
}

}  // namespace meshscope::clients::jaeger
