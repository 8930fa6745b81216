#pragma once

#include "clients/cluster.hpp"
#include "clients/kubernetes/reflector.hpp"
#include "clients/kubernetes/resources.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::clients::kubernetes {

// "pods", "gateways.networking.istio.io"
[[nodiscard]] std::string name_of(const Resource& resource);

// How all kinds stand, out of how each is kept in each namespace. Pure.
class KindStates {
 public:
    // A feed that is to come: `ns` empty when it is one for all namespaces.
    void expect(const Resource& resource, const std::string& ns);
    void set(const Resource& resource, const std::string& ns, const FeedState& state);

    [[nodiscard]] std::vector<KindState> kinds() const;  // ascending by name
    // Every demanded kind was listed once, or cannot be.
    [[nodiscard]] bool synced() const;
    // When the first demanded kind that is behind now was current last; nullopt: none is.
    [[nodiscard]] std::optional<SystemTime> behind_since() const;

 private:
    struct Kind {
        bool demanded = false;
        std::map<std::string, FeedState> feeds;  // by namespace
    };
    std::map<std::string, Kind> kinds_;
};

}  // namespace meshscope::clients::kubernetes
