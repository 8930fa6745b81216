#include "clients/kubernetes/decode_parts.hpp"
#include "clients/kubernetes/proxy_status.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::clients::kubernetes {

using simdjson::error_code;
using simdjson::SUCCESS;

namespace {

struct ContainerState {
    std::string name;
    bool ready = false;
};

models::PodPhase phase_of(std::string_view text) {
    using models::PodPhase;
    constexpr std::pair<std::string_view, PodPhase> kPhases[] = {
        {"Pending", PodPhase::kPending},
        {"Running", PodPhase::kRunning},
        {"Succeeded", PodPhase::kSucceeded},
        {"Failed", PodPhase::kFailed}
    };
    for (const auto& [name, phase] : kPhases) {
        if (text == name) {
            return phase;
        }
    }
    return PodPhase::kUnknown;
}

error_code read_containers(json::value value, bool init, std::vector<models::Container>& out) {
    out.clear();
    return for_each_item(value, [&](json::value item) {
        models::Container container;
        container.init = init;
        const auto error = for_each_field(item, [&](const char* key, json::value field) {
            if (is_key(key, "name")) {
                container.name = text_in(field);
            } else if (is_key(key, "image")) {
                container.image = text_in(field);
            } else if (init && is_key(key, "restartPolicy")) {
                container.always = text_in(field) == "Always";
            }
            return SUCCESS;
        });
        if (!container.name.empty()) {
            out.push_back(std::move(container));
        }
        return error;
    });
}

error_code read_states(json::value value, std::vector<ContainerState>& out) {
    out.clear();
    return for_each_item(value, [&](json::value item) {
        ContainerState state;
        const auto error = for_each_field(item, [&](const char* key, json::value field) {
            if (is_key(key, "name")) {
                state.name = text_in(field);
            } else if (is_key(key, "ready")) {
                state.ready = flag_in(field);
            }
            return SUCCESS;
        });
        out.push_back(std::move(state));
        return error;
    });
}

error_code read_addresses(json::value value, std::vector<std::string>& out) {
    out.clear();
    return for_each_item(value, [&](json::value item) {
        return for_each_field(item, [&](const char* key, json::value field) {
            if (std::string ip = is_key(key, "ip") ? text_in(field) : ""; !ip.empty()) {
                out.push_back(std::move(ip));
            }
            return SUCCESS;
        });
    });
}

void take_states(
    std::vector<models::Container>& containers, const std::vector<ContainerState>& states
) {
    for (models::Container& container : containers) {
        const auto state = std::find_if(states.begin(), states.end(), [&](const auto& one) {
            return one.name == container.name;
        });
        container.ready = state != states.end() && state->ready;
    }
}

class PodReader final : public ObjectReader {
 public:
    using ObjectReader::ObjectReader;

    error_code spec(json::value value) override {
        return for_each_field(value, [&](const char* key, json::value field) {
            if (is_key(key, "nodeName")) {
                pod_.node = text_in(field);
            } else if (is_key(key, "serviceAccountName")) {
                pod_.service_account = text_in(field);
            } else if (is_key(key, "hostNetwork")) {
                pod_.host_network = flag_in(field);
            } else if (is_key(key, "containers")) {
                return read_containers(field, false, containers_);
            } else if (is_key(key, "initContainers")) {
                return read_containers(field, true, init_containers_);
            }
            return SUCCESS;
        });
    }

    error_code status(json::value value) override {
        return for_each_field(value, [&](const char* key, json::value field) {
            if (is_key(key, "phase")) {
                pod_.phase = phase_of(text_in(field));
            } else if (is_key(key, "reason")) {
                pod_.status_reason = text_in(field);
            } else if (is_key(key, "message")) {
                pod_.status_message = text_in(field);
            } else if (is_key(key, "podIP")) {
                ip_ = text_in(field);
            } else if (is_key(key, "podIPs")) {
                return read_addresses(field, pod_.ips);
            } else if (is_key(key, "containerStatuses")) {
                return read_states(field, states_);
            } else if (is_key(key, "initContainerStatuses")) {
                return read_states(field, init_states_);
            }
            return SUCCESS;
        });
    }

    Decoded finish(RawMeta& raw, std::string_view /*text*/) override {
        if (!ip_.empty()) {
            std::erase(pod_.ips, ip_);
            pod_.ips.insert(pod_.ips.begin(), std::move(ip_));
        }
        take_states(containers_, states_);
        take_states(init_containers_, init_states_);
        models::ContainerList all;
        all.reserve(init_containers_.size() + containers_.size());
        std::move(init_containers_.begin(), init_containers_.end(), std::back_inserter(all));
        std::move(containers_.begin(), containers_.end(), std::back_inserter(all));
        mark_proxies(raw.proxy_status, all);
        pod_.ambient =
            models::label(*raw.meta.annotations, "ambient.istio.io/redirection") == "enabled";
        pod_.counts_as_ready =
            pod_.phase == models::PodPhase::kRunning && !raw.meta.deleting && are_ready(all);
        pod_.containers = interner_.containers(std::move(all));
        pod_.meta = std::move(raw.meta);
        pod_.ips.shrink_to_fit();
        return decoded(std::move(pod_));
    }

 private:
    static bool are_ready(const models::ContainerList& all) {
        return !all.empty() &&
               std::all_of(all.begin(), all.end(), [](const models::Container& one) {
                   return one.ready || (one.init && !one.always);
               });
    }

    models::Pod pod_;
    std::string ip_;
    std::vector<models::Container> containers_;
    std::vector<models::Container> init_containers_;
    std::vector<ContainerState> states_;
    std::vector<ContainerState> init_states_;
};

}  // namespace

std::unique_ptr<ObjectReader> make_pod_reader(Interner& interner) {
    return std::make_unique<PodReader>(interner);
}

}  // namespace meshscope::clients::kubernetes
