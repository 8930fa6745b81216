#pragma once

#include "models/cluster_builder.hpp"

#include <string_view>
#include <vector>

namespace meshscope::models {

// Kinds that run pods on behalf of another object when they have an owner.
bool leads_on(std::string_view kind);
// The order of kinds of which one name may be: of several the highest stays.
int rank_of(std::string_view kind);

// Where a chain of owners ends: at an object, or at the text of a reference.
struct ChainEnd {
    const Controller* object = nullptr;
    const OwnerRef* text = nullptr;  // set when `object` is null
};

// Finds owners among the controllers of one namespace, which are ascending by name and outlive it.
class OwnerChain {
 public:
    explicit OwnerChain(const std::vector<ControllerPtr>& controllers)
        : controllers_(controllers) {}

    // Of a pod's reference.
    [[nodiscard]] ChainEnd follow(const OwnerRef& owner) const;
    // From a controller on: the object itself when nothing above it is known.
    [[nodiscard]] ChainEnd follow(const Controller& controller) const;

 private:
    [[nodiscard]] const Controller* find(const OwnerRef& owner) const;

    const std::vector<ControllerPtr>& controllers_;
};

}  // namespace meshscope::models
