#pragma once

#include "core/clock.hpp"
#include "core/json_writer.hpp"
#include "demo/kubernetes/resources.hpp"
#include "demo/mesh/topology.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::demo {

using Labels = std::vector<std::pair<std::string, std::string>>;

// What its owner reference says; the owner is its controller.
struct Owner {
    const Resource* resource = nullptr;
    std::string name;
    std::string uid;
};

// What a pod's logs are made of.
struct PodFacts {
    std::optional<WorkloadIndex> workload;  // it serves those calls; nullopt: it says that it lives
    std::string ztunnel_of;                 // or it carries the calls of that node's pods
    std::vector<std::string> containers;    // the application's first
    std::string init_container;             // "" none
    std::string waiting;                    // why its containers do not run yet; "" they do, or did
    bool restarted = false;                 // its first container ran before
    SystemTime started;
    std::optional<SystemTime> ended;
};

// An object of the API. The text of what is not metadata is made once, with the object.
struct Object {
    const Resource* resource = nullptr;
    std::string ns;  // "" cluster-scoped
    std::string name;
    std::string uid;
    std::string generate_name;
    SystemTime created;
    std::optional<SystemTime> deleting;
    std::int64_t generation = 0;  // 0: its kind has none
    Labels labels;
    Labels annotations;
    std::optional<Owner> owner;
    std::string members;             // JSON after the metadata: "spec":{...},"status":{...}
    std::vector<std::string> cells;  // of its table's columns but the name and the age
    std::string node;                // of a pod
    std::optional<PodFacts> pod;
    bool written = false;      // by a caller; else it is the mesh's own
    std::int64_t version = 0;  // the store's business
};
using ObjectPtr = std::shared_ptr<const Object>;

enum class ObjectForm : std::uint8_t {
    kWhole,
    kItem,      // whole, in a list that says the kind
    kMetadata,  // a PartialObjectMetadata
};

void write_object(JsonWriter& json, const Object& object, ObjectForm form);

// key and value pairs as an object, in their order.
void write_labels(JsonWriter& json, std::string_view key, const Labels& labels);

// The same identity whenever the same object is made.
std::string uid_of(const Resource& resource, std::string_view ns, std::string_view name);

// The value of that label, "" when absent.
std::string_view label_of(const Labels& labels, std::string_view key);

}  // namespace meshscope::demo
