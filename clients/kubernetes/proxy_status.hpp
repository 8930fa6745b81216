#pragma once

#include "models/cluster.hpp"

#include <string_view>
#include <vector>

namespace meshscope::clients::kubernetes {

// Marks the containers that the mesh has put into a pod: those named in the annotation
// sidecar.istio.io/status; where it cannot be read, and for native sidecars, those with the
// proxy's usual names. `annotation`: a JSON token, "" for none.
void mark_proxies(std::string_view annotation, std::vector<models::Container>& containers);

}  // namespace meshscope::clients::kubernetes
