#include "clients/kubernetes/proxy_status.hpp"

#include "clients/kubernetes/decode_parts.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace meshscope::clients::kubernetes {

using simdjson::SUCCESS;

namespace {

constexpr std::size_t kLongestStatus = 65'536;

// The names in it; nullopt when it is no object.
std::optional<std::vector<std::string>> names_in(std::string text) {
    thread_local json::parser parser;  // a list that is under way has the thread's own
    std::vector<std::string> names;
    bool is_object = false;
    if (text.size() > kLongestStatus) {
        return std::nullopt;
    }
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    const auto error = parse_closed(parser, text, [&](json::value root) {
        is_object = root.raw_json_token().front() == '{';
        return for_each_field(root, [&](const char* key, json::value field) {
            return is_key(key, "containers") || is_key(key, "initContainers")
                       ? read_texts(field, names)
                       : SUCCESS;
        });
    });
    return error || !is_object ? std::nullopt : std::optional(std::move(names));
}

bool is_usual(const std::string& name) {
    return name == "istio-proxy" || name == "istio-init" || name == "istio-validation";
}

}  // namespace

void mark_proxies(std::string_view annotation, std::vector<models::Container>& containers) {
    // One text stands in nearly all pods of a mesh.
    thread_local std::string last;
    thread_local std::optional<std::vector<std::string>> names;
    if (annotation.empty()) {
        last.clear();
        names.emplace();
    } else if (annotation != last) {
        names = names_in(copy_of(annotation));
        last = annotation;
    }
    for (models::Container& container : containers) {
        const bool is_native = container.init && container.always;
        container.injected =
            ((!names || is_native) && is_usual(container.name)) ||
            (names && std::find(names->begin(), names->end(), container.name) != names->end());
    }
}

}  // namespace meshscope::clients::kubernetes
