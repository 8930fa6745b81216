#pragma once

#include "clients/kubernetes/resources.hpp"
#include "core/result.hpp"
#include "models/cluster_builder.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace meshscope::clients::kubernetes {

using LabelViews = std::vector<std::pair<std::string_view, std::string_view>>;  // as LabelSet

// What many objects have alike is kept once: sets of labels, lists of containers, owners. One for
// each cluster, used by one thread.
class Interner {
 public:
    Interner();
    ~Interner();
    models::Labels labels(models::LabelSet set);
    models::Labels labels(const LabelViews& set);  // nothing is copied when it is known
    models::Containers containers(models::ContainerList list);
    models::OwnerPtr owner(models::OwnerRef owner);
    void sweep();  // forgets what nobody else holds
 private:
    struct State;
    std::unique_ptr<State> state_;
};

using Object = std::variant<
    std::shared_ptr<const models::Namespace>,
    models::PodPtr,
    models::ControllerPtr,
    models::ServicePtr,
    models::EndpointsPtr,
    models::MeshObjectPtr>;

struct Decoded {
    std::shared_ptr<const models::ObjectMeta> meta;  // never null; mostly the object's own
    Object object;
};

// What is kept of annotations: those that are of use, or all, for who looks at one object.
enum class Annotations : std::uint8_t { kUseful, kAll };

// One object, whole or metadata only (PartialObjectMetadata; servers that do not know it send all).
// managedFields and unknown members are skipped unread, absent and null are the default, the last
// of equal keys wins. kUpstreamProtocol: no JSON object, or no name; the caller drops it and
// counts. `json` has 64 readable bytes behind it.
Result<Decoded> decode_object(
    const Resource& resource,
    std::string_view json,
    Interner& interner,
    Annotations annotations = Annotations::kUseful
);

struct ListPage {
    std::vector<Decoded> items;
    std::uint64_t dropped = 0;  // items that could not be read
    std::string resource_version;
    std::string continue_token;  // "" last page
    std::optional<std::int64_t> remaining;
};
// `items` may be null. About 1 GB/s. kUpstreamProtocol with the first printable bytes.
Result<ListPage> decode_list(const Resource& resource, const std::string& body, Interner& interner);

// Gives back what the calling thread needed to read long pages.
void forget_long_pages();

struct WatchEvent {
    enum class Type : std::uint8_t { kAdded, kModified, kDeleted, kBookmark, kError, kUnknown };
    Type type = Type::kUnknown;
    std::optional<Decoded> object;  // of the first three
    std::string resource_version;   // of the object or bookmark; "" unknown: does not move
    bool initial_end = false;       // bookmark annotation k8s.io/initial-events-end
    unsigned code = 0;              // of kError: Status code; 0 when there is none
    std::string reason;
};
Result<WatchEvent> decode_event(
    const Resource& resource, std::string_view json, Interner& interner
);

}  // namespace meshscope::clients::kubernetes
