#include "app/mesh_components.hpp"

namespace meshscope::app {

std::vector<business::WantedComponent> wanted_components(const config::Istio& istio) {
    std::vector<business::WantedComponent> out;
    for (const config::StatusComponent& component : istio.component_status.components) {
        if (!component.app_label.empty()) {
            out.push_back({component.app_label, component.namespace_, component.is_core});
        }
    }
    return out;
}

}  // namespace meshscope::app
