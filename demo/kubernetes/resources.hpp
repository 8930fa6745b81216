#pragma once

#include <span>
#include <string>
#include <string_view>

namespace meshscope::demo {

// A kind of object that the simulated API serves.
struct Resource {
    std::string_view group;  // "" core
    std::string_view version;
    std::string_view plural;
    std::string_view kind;
    std::string_view short_name;  // "" none
    bool namespaced = true;
    bool custom = false;  // a CRD's
    // Of its table after the name, separated by commas; "+": only when asked for more.
    std::string_view columns = "Age";
    bool writable = false;  // callers may add objects of their own

    [[nodiscard]] std::string api_version() const;  // "v1", "apps/v1"
    // As errors name it: "pods", "deployments.apps".
    [[nodiscard]] std::string qualified() const;
};

std::span<const Resource> resources();

// std::logic_error when there is none (a bug of the caller).
const Resource& resource_named(std::string_view group, std::string_view plural);

}  // namespace meshscope::demo
