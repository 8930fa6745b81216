#include "models/owner_chain.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace meshscope::models {

namespace {

constexpr int kMostSteps = 8;

// Their objects are known wherever they exist: a missing one is gone.
constexpr std::array<std::string_view, 7> kKnownKinds = {
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet"
};

// References of old objects name the group that their kind was in before.
std::string_view group_of(const Kind& kind) {
    return kind.group == "extensions" ? std::string_view("apps") : std::string_view(kind.group);
}

}  // namespace

bool leads_on(std::string_view kind) {
    return kind == "ReplicaSet" || kind == "Job" || kind == "ReplicationController";
}

int rank_of(std::string_view kind) {
    constexpr std::array<std::pair<std::string_view, int>, 7> kRanks = {
        {{"Deployment", 6},
         {"DeploymentConfig", 5},
         {"ReplicaSet", 4},
         {"ReplicationController", 3},
         {"StatefulSet", 2},
         {"Job", 1},
         {"Pod", -1}}
    };
    for (const auto& [name, rank] : kRanks) {
        if (name == kind) {
            return rank;
        }
    }
    return 0;
}

const Controller* OwnerChain::find(const OwnerRef& owner) const {
    auto at = std::lower_bound(
        controllers_.begin(),
        controllers_.end(),
        owner.name,
        [](const ControllerPtr& controller, const std::string& name) {
            return controller->meta.name < name;
        }
    );
    for (; at != controllers_.end() && (*at)->meta.name == owner.name; ++at) {
        const Kind& kind = (*at)->kind;
        if (kind.kind == owner.kind.kind && group_of(kind) == group_of(owner.kind)) {
            return at->get();
        }
    }
    return nullptr;
}

ChainEnd OwnerChain::follow(const OwnerRef& owner) const {
    const Controller* controller = find(owner);
    return controller == nullptr ? ChainEnd{nullptr, &owner} : follow(*controller);
}

ChainEnd OwnerChain::follow(const Controller& controller) const {
    std::array<const Controller*, kMostSteps> passed{};
    const Controller* at = &controller;
    for (const Controller*& step : passed) {
        if (!leads_on(at->kind.kind) || !at->meta.controller) {
            break;
        }
        const OwnerRef& owner = *at->meta.controller;
        const Controller* above = find(owner);
        if (above == nullptr) {
            const bool is_known =
                std::find(kKnownKinds.begin(), kKnownKinds.end(), owner.kind.kind) !=
                kKnownKinds.end();
            return is_known ? ChainEnd{at, nullptr} : ChainEnd{nullptr, &owner};
        }
        step = at;
        if (std::find(passed.begin(), passed.end(), above) != passed.end()) {
            break;
        }
        at = above;
    }
    return {at, nullptr};
}

}  // namespace meshscope::models
