#pragma once

#include "business/meta.hpp"
#include "core/json_writer.hpp"
#include "server/http_types.hpp"

#include <memory>
#include <string>
#include <vector>

namespace meshscope::handlers {

// The items of the backend's errors and our own, or null when there are none (as clients of old
// expect).
void write_store_errors(JsonWriter& json, const std::vector<clients::StoreError>& errors);

// A text, or null where "" means that it is not known.
void text_or_null(JsonWriter& json, std::string_view name, std::string_view text);

// A response with `meta` in its header, for bodies that are arrays, numbers or maps of names.
server::Response with_meta(server::Response response, const business::Meta& meta);

}  // namespace meshscope::handlers
