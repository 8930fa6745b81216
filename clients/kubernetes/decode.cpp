#include "clients/kubernetes/decode.hpp"

#include "clients/kubernetes/decode_parts.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace meshscope::clients::kubernetes {

using simdjson::error_code;
using simdjson::SUCCESS;

namespace {

std::unique_ptr<ObjectReader> make_reader(const Resource& resource, Interner& interner) {
    if (resource.group == "apps" || resource.group == "batch" ||
        resource.kind == "ReplicationController") {
        return make_controller_reader(resource, interner);
    }
    if (!resource.group.empty()) {
        return make_mesh_object_reader(resource, interner);
    }
    if (resource.kind == "Pod") {
        return make_pod_reader(interner);
    }
    if (resource.kind == "Service") {
        return make_service_reader(interner);
    }
    return resource.kind == "Endpoints" ? make_endpoints_reader(interner)
                                        : make_namespace_reader(interner);
}

error_code read_members(json::value value, Interner& interner, ObjectReader& reader, RawMeta& raw) {
    return for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "metadata")) {
            return read_meta(field, interner, raw);
        }
        if (is_key(key, "spec")) {
            return reader.spec(field);
        }
        return is_key(key, "status") ? reader.status(field) : reader.other(key, field);
    });
}

// nullopt in `out`: not an object, or one without a name.
error_code read_object(
    const Resource& resource,
    json::value value,
    Interner& interner,
    std::optional<Decoded>& out,
    Annotations annotations = Annotations::kUseful
) {
    out.reset();
    const auto reader = make_reader(resource, interner);
    RawMeta raw;
    raw.all_annotations = annotations == Annotations::kAll;
    std::string_view text;
    error_code error = SUCCESS;
    if (reader->keeps_text()) {
        thread_local json::parser parser;  // the list that it stands in has the thread's own
        error = text_of_value(value, text);
        if (!error && text.starts_with('{')) {
            error = parse_closed(parser, text, [&](json::value root) {
                return read_members(root, interner, *reader, raw);
            });
        }
    } else {
        error = read_members(value, interner, *reader, raw);
    }
    if (!error && !raw.meta.name.empty()) {
        out = reader->finish(raw, text);
    }
    return error;
}

Error not_understood(const Resource& resource, std::string_view what, std::string_view text) {
    return {
        ErrorKind::kUpstreamProtocol,
        "Kubernetes answered " + std::string(resource.plural) + " with something else than " +
            std::string(what) + ": " + first_printable(text)
    };
}

struct ListReader {
    const Resource& resource;
    Interner& interner;
    ListPage page;
    std::string kind;
    bool has_items = false;

    error_code read(json::value root) {
        return for_each_field(root, [&](const char* key, json::value field) {
            if (is_key(key, "kind")) {
                kind = text_in(field);
            } else if (is_key(key, "metadata")) {
                return read_list_meta(field);
            } else if (is_key(key, "items")) {
                has_items = true;
                return read_items(field);
            }
            return SUCCESS;
        });
    }

    error_code read_list_meta(json::value value) {
        return for_each_field(value, [&](const char* key, json::value field) {
            if (is_key(key, "resourceVersion")) {
                page.resource_version = text_in(field);
            } else if (is_key(key, "continue")) {
                page.continue_token = text_in(field);
            } else if (is_key(key, "remainingItemCount") && !is_container(field)) {
                page.remaining = integer_of(token_of(field));
            }
            return SUCCESS;
        });
    }

    error_code read_items(json::value value) {
        page.items.clear();
        return for_each_item(value, [&](json::value item) {
            std::optional<Decoded> decoded;
            const auto error = read_object(resource, item, interner, decoded);
            if (!error && decoded) {
                page.items.push_back(std::move(*decoded));
            } else if (!error) {
                ++page.dropped;
            }
            return error;
        });
    }
};

WatchEvent::Type type_of(std::string_view word) {
    using Type = WatchEvent::Type;
    constexpr std::array<std::pair<std::string_view, Type>, 5> kTypes = {
        {{"ADDED", Type::kAdded},
         {"MODIFIED", Type::kModified},
         {"DELETED", Type::kDeleted},
         {"BOOKMARK", Type::kBookmark},
         {"ERROR", Type::kError}}
    };
    const auto found = std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& one) {
        return one.first == word;
    });
    return found == kTypes.end() ? Type::kUnknown : found->second;
}

error_code read_bookmark(
    json::value root, const Resource& resource, Interner& interner, WatchEvent& out
) {
    RawMeta raw;
    std::string kind;
    const auto error = for_each_field(root, [&](const char* key, json::value field) {
        if (is_key(key, "kind")) {
            kind = text_in(field);
        } else if (is_key(key, "metadata")) {
            return read_meta(field, interner, raw);
        }
        return SUCCESS;
    });
    if (kind.empty() || kind == resource.kind || kind == "PartialObjectMetadata") {
        out.resource_version = std::move(raw.meta.resource_version);
        out.initial_end = raw.initial_end;
    } else {
        out.type = WatchEvent::Type::kUnknown;
    }
    return error;
}

error_code read_status(json::value root, WatchEvent& out) {
    return for_each_field(root, [&](const char* key, json::value field) {
        if (is_key(key, "code")) {
            const std::int32_t code = count_in(field);
            out.code = code > 0 ? static_cast<unsigned>(code) : 0U;
        } else if (is_key(key, "reason")) {
            out.reason = text_in(field);
        }
        return SUCCESS;
    });
}

error_code read_event(
    const Resource& resource, json::value root, Interner& interner, WatchEvent& out
) {
    using Type = WatchEvent::Type;
    switch (out.type) {
        case Type::kAdded:
        case Type::kModified:
        case Type::kDeleted: {
            const auto error = read_object(resource, root, interner, out.object);
            if (out.object) {
                out.resource_version = out.object->meta->resource_version;
            }
            return error;
        }
        case Type::kBookmark:
            return read_bookmark(root, resource, interner, out);
        case Type::kError:
            return read_status(root, out);
        case Type::kUnknown:
            break;
    }
    return SUCCESS;
}

}  // namespace

Result<Decoded> decode_object(
    const Resource& resource, std::string_view json, Interner& interner, Annotations annotations
) {
    std::optional<Decoded> decoded;
    const auto error = parse_closed(json, [&](json::value root) {
        return read_object(resource, root, interner, decoded, annotations);
    });
    if (error || !decoded) {
        return not_understood(resource, "an object with a name", json);
    }
    return *std::move(decoded);
}

Result<ListPage> decode_list(
    const Resource& resource, const std::string& body, Interner& interner
) {
    if (body.capacity() - body.size() < simdjson::SIMDJSON_PADDING) {
        std::string padded;
        padded.reserve(body.size() + simdjson::SIMDJSON_PADDING);
        return decode_list(resource, padded.append(body), interner);
    }
    ListReader reader{resource, interner, {}, {}, false};
    const auto error = parse_closed(body, [&](json::value root) { return reader.read(root); });
    if (error || (!reader.has_items && !reader.kind.ends_with("List"))) {
        return not_understood(resource, "a list", body);
    }
    return std::move(reader.page);
}

void forget_long_pages() { ThreadParser::get().rest(); }

Result<WatchEvent> decode_event(
    const Resource& resource, std::string_view json, Interner& interner
) {
    WatchEvent event;
    std::string_view object;
    auto error = parse_closed(json, [&](json::value root) {
        return for_each_field(root, [&](const char* key, json::value field) {
            if (is_key(key, "type")) {
                event.type = type_of(text_in(field));
            } else if (is_key(key, "object")) {
                return text_of_value(field, object);
            }
            return SUCCESS;
        });
    });
    if (!error && object.starts_with('{')) {
        error = parse_closed(object, [&](json::value root) {
            return read_event(resource, root, interner, event);
        });
    }
    const bool has_object = event.type == WatchEvent::Type::kAdded ||
                            event.type == WatchEvent::Type::kModified ||
                            event.type == WatchEvent::Type::kDeleted;
    if (error || !json.starts_with('{') || (has_object && !event.object)) {
        return not_understood(resource, "an event", json);
    }
    return event;
}

}  // namespace meshscope::clients::kubernetes
