#include "clients/kubernetes/decode.hpp"
#include "clients/kubernetes/object_store.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

// Any bytes are an object or a clear error; an object alone, in a list and in an event of a watch
// is the same; what is kept of its text is JSON; a store takes it. The first byte says which kind.
namespace {

using namespace meshscope;
using namespace meshscope::clients::kubernetes;

bool is_json(const std::string& text) {
    simdjson::dom::parser parser;
    return parser.parse(text).error() == simdjson::SUCCESS;
}

bool is_ordered(const models::LabelSet& set) {
    return std::adjacent_find(set.begin(), set.end(), [](const auto& a, const auto& b) {
               return a.first >= b.first;
           }) == set.end();
}

bool is_same(const Decoded& a, const Decoded& b) {
    return a.meta->name == b.meta->name && a.meta->uid == b.meta->uid && a.meta->ns == b.meta->ns &&
           a.meta->resource_version == b.meta->resource_version &&
           *a.meta->labels == *b.meta->labels && *a.meta->annotations == *b.meta->annotations &&
           a.object.index() == b.object.index();
}

void demand(bool holds) {
    if (!holds) {
        __builtin_trap();
    }
}

void check(const Resource& resource, const Decoded& decoded, const std::string& text) {
    Interner interner;
    demand(is_ordered(*decoded.meta->labels) && is_ordered(*decoded.meta->annotations));
    const auto page = decode_list(resource, R"({"kind":"List","items":[)" + text + "]}", interner);
    demand(page.has_value() && page->items.size() == 1 && is_same(page->items[0], decoded));
    std::string event_text = R"({"type":"ADDED","object":)" + text + "}";
    event_text.reserve(event_text.size() + 64);
    const auto event = decode_event(resource, event_text, interner);
    demand(event.has_value() && event->object && is_same(*event->object, decoded));
    if (const auto* mesh_object = std::get_if<models::MeshObjectPtr>(&decoded.object)) {
        demand(is_json(*(*mesh_object)->json));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const Resource& resource = resources()[data[0] % resources().size()];
    std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    text.reserve(text.size() + 64);
    Interner interner;
    static_cast<void>(decode_list(resource, text, interner));
    static_cast<void>(decode_event(resource, text, interner));
    auto decoded = decode_object(resource, text, interner);
    if (!decoded) {
        return 0;
    }
    if (is_json(text)) {
        check(resource, *decoded, text);
    }
    ObjectStore store{models::DiscoveryRules{}};
    store.put(resource, *decoded, from_micros(1));
    store.publish(from_micros(2));
    store.remove(resource, *decoded->meta, from_micros(3));
    store.publish(from_micros(4));
    return 0;
}
