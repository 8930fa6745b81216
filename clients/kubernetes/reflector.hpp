#pragma once

#include "async/awaitable.hpp"
#include "clients/cluster.hpp"
#include "clients/kubernetes/api_client.hpp"
#include "clients/kubernetes/api_gate.hpp"
#include "clients/kubernetes/object_store.hpp"
#include "clients/kubernetes/patience.hpp"
#include "clients/kubernetes/resources.hpp"
#include "core/clock.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace meshscope::clients::kubernetes {

// How one kind is kept: everywhere, or in one namespace.
struct FeedState {
    KindState::State state = KindState::State::kSyncing;
    std::string reason;    // why it is not current
    bool refused = false;  // that is what the API server itself answered
    // Where objects are asked for one by one: those that may not be read, ascending.
    std::vector<std::string> forbidden;
    std::uint64_t lists = 0;  // whole ones
    // Since when the store may be behind, after it was current; polling: the last list.
    std::optional<SystemTime> behind_since;
    std::uint64_t dropped = 0;  // objects that could not be read
    std::uint64_t watches = 0;  // that began
};

// Keeps one kind in the store: lists in pages, watches with bookmarks, resumes, lists again. Used
// on the cluster's thread only.
class Reflector {
 public:
    struct Parts {
        ApiClient* api = nullptr;  // all outlive run()
        ApiGate* gate = nullptr;
        ObjectStore* store = nullptr;
        Interner* interner = nullptr;
        std::function<void(const FeedState&)> on_state;
        std::function<void()> on_change;  // the store has changed
    };
    // `ns` empty: all namespaces.
    Reflector(Resource resource, std::string ns, const Patience& patience, Parts parts);

    Awaitable<> run();  // until cancelled

 private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace meshscope::clients::kubernetes
