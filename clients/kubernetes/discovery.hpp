#pragma once

#include <string>
#include <vector>

namespace meshscope::clients::kubernetes {

// The versions of an API group (GET /apis/<group>) in the server's order, its favourite first.
// Empty when the answer is no APIGroup.
[[nodiscard]] std::vector<std::string> served_versions(std::string body);

}  // namespace meshscope::clients::kubernetes
