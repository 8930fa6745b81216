#pragma once

#include "clients/kubernetes/reflector.hpp"

#include <memory>
#include <string>
#include <vector>

namespace meshscope::clients::kubernetes {

// Keeps the namespaces of these names in the store, for an account that may not list them: each is
// asked for alone, every poll_every to its double. One that is not there is left out; one that is
// not ours to see, too, and the state says so. Used on the cluster's thread only.
class NamedNamespaces {
 public:
    NamedNamespaces(
        Resource resource,
        std::vector<std::string> names,
        const Patience& patience,
        Reflector::Parts parts
    );

    Awaitable<> run();  // until cancelled

 private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace meshscope::clients::kubernetes
