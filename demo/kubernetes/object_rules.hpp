#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace meshscope::demo {

// Why the API server would refuse an object of that kind as invalid, "" when it would not: what of
// its rules manifests can break without a misspelled field (selectors without their labels, mounts
// of no volume, ports out of range, roles without verbs...).
std::string invalid_because(std::string_view kind, const nlohmann::json& object);

}  // namespace meshscope::demo
