#pragma once

#include "clients/jaeger/http_v1_spans.hpp"
#include "clients/json/json_walk.hpp"
#include "clients/trace_store.hpp"

#include <string_view>
#include <vector>

namespace meshscope::clients::jaeger {

// What is around Jaeger's items: {"data": [...], "errors": [...]}.

StoreError decode_error(json::value value);

struct Envelope {
    std::vector<StoreError> errors;
    bool has_data = false;  // an array or null
};

// Walks {"data": [...], "errors": [...]}. `begin` is called at each "data", `visit` for each of its
// items.
template <class Begin, class Visit>
simdjson::error_code walk_envelope(
    std::string_view text, Envelope& envelope, const Begin& begin, const Visit& visit
) {
    return ThreadParser::get().parse(text, [&](json::value root) {
        return for_each_field(root, [&](const char* key, json::value field) {
            if (is_key(key, "data")) {
                const char first = field.raw_json_token().front();
                envelope.has_data = first == '[' || first == 'n';
                begin();
                return for_each_item(field, visit);
            }
            if (is_key(key, "errors")) {
                envelope.errors.clear();
                return for_each_item(field, [&](json::value item) {
                    envelope.errors.push_back(decode_error(item));
                    return simdjson::SUCCESS;
                });
            }
            return simdjson::SUCCESS;
        });
    });
}

// The items are traces. Errors and dropped spans go into the batch, too.
simdjson::error_code walk_traces(
    std::string_view text, SpanDecoder& decoder, TraceBatch& batch, bool& has_data
);

// The last trace of a cut answer says so itself. Nobody else may know the traces yet.
void mark_last_trace(TraceBatch& batch);

}  // namespace meshscope::clients::jaeger
