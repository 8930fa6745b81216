#pragma once

#include "models/cluster_snapshot.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

using Views = std::vector<const models::NamespaceView*>;

// Which objects of Istio and the Gateway API in `views` are about something. Made once for an
// answer. Lists are ascending by namespace as `views` is, then kind, then name.
class References {
 public:
    explicit References(const Views& views);

    // Objects of the workload's own namespace that select it, and gateways of all namespaces that
    // do. Objects for a whole namespace do not count.
    [[nodiscard]] std::vector<models::MeshObjectPtr> of_workload(const models::Workload& workload
    ) const;
    // VirtualServices, DestinationRules and routes that name it as a host or backend.
    [[nodiscard]] std::vector<models::MeshObjectPtr> of_service(
        std::string_view ns, std::string_view service
    ) const;

 private:
    void index_hosts(const models::MeshObjectPtr& object);

    std::vector<models::MeshObjectPtr> selecting_;
    // Routing ones by the first label of a host they name; "*" for patterns.
    std::map<std::string, std::vector<models::MeshObjectPtr>, std::less<>> routing_;
    std::map<std::string, std::vector<std::size_t>, std::less<>> selecting_in_;  // by namespace
    std::vector<std::size_t> gateways_;
};

// Whether `host`, as an object in `from` writes it, is that service: "reviews" in its own
// namespace, "reviews.bookinfo", "reviews.bookinfo.svc[.<domain>]", "*", "*.bookinfo.svc...".
bool names_service(
    std::string_view host, std::string_view from, std::string_view ns, std::string_view service
);

}  // namespace meshscope::business
