#pragma once

#include "models/cluster_snapshot.hpp"

#include <cstddef>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::business {

// Which services of a namespace select which of its workloads. For answers that want it of all:
// asking each service about each workload is their product. Points into the view.
class ServiceSelection {
 public:
    explicit ServiceSelection(const models::NamespaceView& view);

    // Ascending by name. `place`: of the service in the view's list.
    [[nodiscard]] const std::vector<models::WorkloadPtr>& workloads_of(std::size_t place) const {
        return workloads_[place];
    }
    [[nodiscard]] std::vector<models::ServicePtr> services_of(const models::Workload& workload
    ) const;

 private:
    [[nodiscard]] std::vector<std::size_t> places_of(const models::Workload& workload) const;

    const models::NamespaceView& view_;
    // By the first label of the selector, which the workload has to have.
    std::map<std::pair<std::string_view, std::string_view>, std::vector<std::size_t>> by_label_;
    std::vector<std::vector<models::WorkloadPtr>> workloads_;  // parallel to the services
};

}  // namespace meshscope::business
