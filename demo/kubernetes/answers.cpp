#include "demo/kubernetes/answers.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace meshscope::demo {
namespace {

void write_columns(JsonWriter& json, const Resource& resource) {
    json.key("columnDefinitions").begin_array();
    const auto column = [&json](std::string_view name, std::string_view format, bool more) {
        json.begin_object().field("name", name).field("type", "string");
        json.field("format", format).field("description", name);
        json.field("priority", more ? 1 : 0).end_object();
    };
    column("Name", "name", false);
    for (const std::string_view name : split(resource.columns, ',')) {
        const bool more = name.starts_with('+');
        column(name.substr(more ? 1 : 0), "", more);
    }
    json.end_array();
}

void write_row(JsonWriter& json, const Object& object, SystemTime now) {
    json.begin_object().key("cells").begin_array().string(object.name);
    auto cell = object.cells.begin();
    for (const std::string_view name : split(object.resource->columns, ',')) {
        if (name == "Age") {
            json.string(age_text(object.created, now));
        } else {
            json.string(cell == object.cells.end() ? std::string_view("<unknown>") : *cell++);
        }
    }
    json.end_array().key("object");
    write_object(json, object, ObjectForm::kMetadata);
    json.end_object();
}

void write_list_metadata(JsonWriter& json, const ListInfo& info) {
    json.key("metadata").begin_object();
    json.field("resourceVersion", std::to_string(info.version));
    if (!info.next.empty()) {
        json.field("continue", info.next);
    }
    if (info.remaining > 0) {
        json.field("remainingItemCount", info.remaining);
    }
    json.end_object();
}

void write_one(
    JsonWriter& json, const Object& object, Answer answer, SystemTime now, bool with_columns
) {
    if (answer != Answer::kTable) {
        const bool whole = answer == Answer::kObjects;
        write_object(json, object, whole ? ObjectForm::kWhole : ObjectForm::kMetadata);
        return;
    }
    json.begin_object().field("kind", "Table").field("apiVersion", "meta.k8s.io/v1");
    write_list_metadata(json, {object.version, "", 0});
    if (with_columns) {
        write_columns(json, *object.resource);
    } else {
        json.key("columnDefinitions").null();
    }
    json.key("rows").begin_array();
    write_row(json, object, now);
    json.end_array().end_object();
}

}  // namespace

Answer answer_of(std::string_view accept, bool is_list) {
    if (trim(accept).empty()) {
        return Answer::kObjects;
    }
    for (const std::string_view part : split(accept, ',')) {
        const auto pieces = split(part, ';');
        const std::string_view type = trim(pieces.front());
        if (type != "application/json" && type != "*/*" && type != "application/*") {
            continue;
        }
        std::string_view as;
        for (const std::string_view piece : pieces) {
            const std::string_view parameter = trim(piece);
            if (parameter.starts_with("as=")) {
                as = parameter.substr(3);
            }
        }
        if (as.empty()) {
            return Answer::kObjects;
        }
        if (as == "Table") {
            return Answer::kTable;
        }
        if (as == (is_list ? "PartialObjectMetadataList" : "PartialObjectMetadata")) {
            return Answer::kMetadata;
        }
    }
    return Answer::kNotAcceptable;
}

std::string list_text(
    const Resource& resource,
    const std::vector<ObjectPtr>& objects,
    const ListInfo& info,
    Answer answer,
    SystemTime now
) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    if (answer == Answer::kObjects) {
        json.field("kind", std::string(resource.kind) + "List");
        json.field("apiVersion", resource.api_version());
    } else {
        json.field("kind", answer == Answer::kTable ? "Table" : "PartialObjectMetadataList");
        json.field("apiVersion", "meta.k8s.io/v1");
    }
    write_list_metadata(json, info);
    if (answer == Answer::kTable) {
        write_columns(json, resource);
    }
    json.key(answer == Answer::kTable ? "rows" : "items").begin_array();
    for (const ObjectPtr& object : objects) {
        if (answer == Answer::kTable) {
            write_row(json, *object, now);
        } else {
            // Only built-in kinds leave out in a list what the list says.
            const bool said = answer == Answer::kObjects && !resource.custom;
            const ObjectForm whole = said ? ObjectForm::kItem : ObjectForm::kWhole;
            write_object(
                json, *object, answer == Answer::kMetadata ? ObjectForm::kMetadata : whole
            );
        }
    }
    json.end_array().end_object();
    out.push_back('\n');
    return out;
}

std::string object_text(const Object& object, Answer answer, SystemTime now) {
    std::string out;
    JsonWriter json(out);
    write_one(json, object, answer, now, true);
    out.push_back('\n');
    return out;
}

std::string event_text(
    std::string_view type, const Object& object, Answer answer, SystemTime now, bool first
) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("type", type).key("object");
    write_one(json, object, answer, now, first);
    json.end_object();
    out.push_back('\n');
    return out;
}

std::string bookmark_text(const Resource& resource, std::int64_t version, Answer answer) {
    std::string out;
    JsonWriter json(out);
    const bool metadata = answer == Answer::kMetadata;
    json.begin_object().field("type", "BOOKMARK").key("object").begin_object();
    json.field("kind", metadata ? "PartialObjectMetadata" : resource.kind);
    json.field("apiVersion", metadata ? "meta.k8s.io/v1" : resource.api_version());
    json.key("metadata").begin_object().field("resourceVersion", std::to_string(version));
    json.key("creationTimestamp").null().end_object();
    if (!metadata) {
        json.key("spec").begin_object().end_object();
    }
    json.end_object().end_object();
    out.push_back('\n');
    return out;
}

std::string error_event_text(const std::string& status) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("type", "ERROR").key("object").raw(status).end_object();
    out.push_back('\n');
    return out;
}

std::string age_text(SystemTime since, SystemTime now) {
    const auto seconds = std::max<std::int64_t>(
        0, std::chrono::duration_cast<std::chrono::seconds>(now - since).count()
    );
    const std::int64_t minutes = seconds / 60;
    const std::int64_t hours = minutes / 60;
    if (seconds < 120) {
        return std::to_string(seconds) + "s";
    }
    if (minutes < 10) {
        const std::string rest = seconds % 60 == 0 ? "" : std::to_string(seconds % 60) + "s";
        return std::to_string(minutes) + "m" + rest;
    }
    if (hours < 3) {
        return std::to_string(minutes) + "m";
    }
    if (hours < 48) {
        return std::to_string(hours) + "h";
    }
    return std::to_string(hours / 24) + "d";
}

}  // namespace meshscope::demo
