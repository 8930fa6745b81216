#include "business/service_selection.hpp"

#include <algorithm>
#include <iterator>

namespace meshscope::business {

ServiceSelection::ServiceSelection(const models::NamespaceView& view)
    : view_(view), workloads_(view.services.size()) {
    for (std::size_t i = 0; i < view.services.size(); ++i) {
        const models::LabelSet& selector = *view.services[i]->selector;
        if (!selector.empty()) {
            by_label_[{selector.front().first, selector.front().second}].push_back(i);
        }
    }
    for (const models::WorkloadPtr& workload : view.workloads) {
        for (const std::size_t place : places_of(*workload)) {
            workloads_[place].push_back(workload);
        }
    }
}

std::vector<std::size_t> ServiceSelection::places_of(const models::Workload& workload) const {
    std::vector<std::size_t> places;
    for (const auto& [key, value] : *workload.labels) {
        const auto found = by_label_.find({key, value});
        if (found == by_label_.end()) {
            continue;
        }
        std::ranges::copy_if(found->second, std::back_inserter(places), [&](std::size_t place) {
            return models::selects(*view_.services[place]->selector, *workload.labels);
        });
    }
    std::ranges::sort(places);
    return places;
}

std::vector<models::ServicePtr> ServiceSelection::services_of(const models::Workload& workload
) const {
    std::vector<models::ServicePtr> services;
    for (const std::size_t place : places_of(workload)) {
        services.push_back(view_.services[place]);
    }
    return services;
}

}  // namespace meshscope::business
