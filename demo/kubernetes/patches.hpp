#pragma once

#include <nlohmann/json_fwd.hpp>

namespace meshscope::demo {

// Kubernetes' strategic merge patch: objects are merged key by key, null takes a key away, lists
// whose elements have names are merged by these, other lists are replaced. Knows the directives
// $patch, $retainKeys, $setElementOrder (the order itself stays as it is) and
// $deleteFromPrimitiveList.
void strategic_merge(nlohmann::json& into, const nlohmann::json& patch);

}  // namespace meshscope::demo
