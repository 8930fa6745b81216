#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace meshscope::demo {

// The first field of an object of that kind that Kubernetes does not know, as a path
// ("spec.template.spec.containers[0].imag"); "" when it knows all. Kinds and parts that are not
// in the table may hold anything, and so may those of custom kinds below their spec.
std::string unknown_field(std::string_view kind, const nlohmann::json& object);

}  // namespace meshscope::demo
