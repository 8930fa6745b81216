#pragma once

#include "business/mesh.hpp"
#include "core/json_writer.hpp"

#include <string_view>

namespace meshscope::handlers {

// Objects of the mesh as clients of old read them.

void write_labels(JsonWriter& json, const models::LabelSet& labels);  // an object of strings
void write_namespace(
    JsonWriter& json, const business::NamespaceItem& item, std::string_view cluster
);

}  // namespace meshscope::handlers
