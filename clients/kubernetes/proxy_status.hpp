#pragma once

#include "models/cluster.hpp"

#include <optional>
#include <string>
#include <vector>

namespace meshscope::clients::kubernetes {

// Marks the containers that the mesh has put into a pod: those named in the annotation
// sidecar.istio.io/status; where it cannot be read, and for native sidecars, those with the
// proxy's usual names.
void mark_proxies(
    const std::optional<std::string>& annotation, std::vector<models::Container>& containers
);

}  // namespace meshscope::clients::kubernetes
