#include "handlers/envelope.hpp"

#include "handlers/meta_json.hpp"
#include "handlers/safe_text.hpp"

#include <utility>

namespace meshscope::handlers {

void write_store_errors(JsonWriter& json, const std::vector<clients::StoreError>& errors) {
    if (errors.empty()) {
        json.null();
        return;
    }
    json.begin_array();
    for (const clients::StoreError& error : errors) {
        json.begin_object();
        if (error.code != 0) {
            json.field("code", error.code);
        }
        json.field("msg", safe_text(error.message));
        if (!error.trace_id.empty()) {
            json.field("traceID", error.trace_id);
        }
        json.end_object();
    }
    json.end_array();
}

void text_or_null(JsonWriter& json, std::string_view name, std::string_view text) {
    json.key(name);
    if (text.empty()) {
        json.null();
    } else {
        json.string(text);
    }
}

server::Response with_meta(server::Response response, const business::Meta& meta) {
    response.headers.add(std::string(kMetaHeader), meta_header(meta));
    return response;
}

}  // namespace meshscope::handlers
