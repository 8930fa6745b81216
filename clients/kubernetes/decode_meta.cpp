#include "clients/kubernetes/decode_parts.hpp"
#include "core/time_text.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace meshscope::clients::kubernetes {

using simdjson::error_code;
using simdjson::SUCCESS;

namespace {

constexpr std::size_t kLongestAnnotation = 4'096;
constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::string_view kProxyStatus = "sidecar.istio.io/status";
constexpr std::string_view kInitialEnd = "k8s.io/initial-events-end";

template <class Take>
error_code for_each_pair(json::value value, const Take& take) {
    return for_each_field(value, [&](const char* key, json::value field) {
        std::string name = copy_of(std::string("\"") + std::string(key_text(key)) + '"');
        take(std::move(name), text_in(field));
        return SUCCESS;
    });
}

error_code read_annotations(json::value value, Interner& interner, RawMeta& out) {
    models::LabelSet set;
    out.proxy_status.reset();
    out.initial_end = false;
    const auto error = for_each_pair(value, [&](std::string key, std::string text) {
        if (key == kProxyStatus) {
            out.proxy_status = text;
        }
        if (key == kInitialEnd) {
            out.initial_end = text == "true";
        }
        if (text.size() <= kLongestAnnotation && key != kLastApplied) {
            set.emplace_back(std::move(key), std::move(text));
        }
    });
    order_labels(set);
    out.meta.annotations = interner.labels(std::move(set));
    return error;
}

error_code read_owner(json::value value, models::OwnerRef& owner, bool& is_controller) {
    std::string api_version;
    std::string kind;
    const auto error = for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "apiVersion")) {
            api_version = text_in(field);
        } else if (is_key(key, "kind")) {
            kind = text_in(field);
        } else if (is_key(key, "name")) {
            owner.name = text_in(field);
        } else if (is_key(key, "uid")) {
            owner.uid = text_in(field);
        } else if (is_key(key, "controller")) {
            is_controller = flag_in(field);
        }
        return SUCCESS;
    });
    owner.kind = kind_of(api_version, std::move(kind));
    return error;
}

error_code read_owners(json::value value, std::optional<models::OwnerRef>& out) {
    out.reset();
    return for_each_item(value, [&](json::value item) {
        models::OwnerRef owner;
        bool is_controller = false;
        const auto error = read_owner(item, owner, is_controller);
        if (is_controller && !out && !owner.name.empty() && !owner.kind.kind.empty()) {
            out = std::move(owner);
        }
        return error;
    });
}

}  // namespace

std::string text_in(json::value value) {
    return is_container(value) ? std::string() : copy_of(value.raw_json_token());
}

std::int32_t count_in(json::value value) {
    const auto number = is_container(value) ? std::nullopt : integer_of(value.raw_json_token());
    using Limits = std::numeric_limits<std::int32_t>;
    return static_cast<std::int32_t>(
        std::clamp<std::int64_t>(number.value_or(0), Limits::min(), Limits::max())
    );
}

bool flag_in(json::value value) {
    return !is_container(value) && boolean_of(value.raw_json_token()).value_or(false);
}

bool is_container(json::value value) {
    const char first = value.raw_json_token().front();
    return first == '{' || first == '[';
}

SystemTime time_of(std::string_view text) {
    constexpr std::int64_t kNanosInMicro = 1'000;
    return from_micros(parse_rfc3339(text).value_or(0) / kNanosInMicro);
}

models::Kind kind_of(std::string_view api_version, std::string kind) {
    const std::size_t slash = api_version.find('/');
    if (slash == std::string_view::npos) {
        return {.group = {}, .version = std::string(api_version), .kind = std::move(kind)};
    }
    return {
        .group = std::string(api_version.substr(0, slash)),
        .version = std::string(api_version.substr(slash + 1)),
        .kind = std::move(kind)
    };
}

void order_labels(models::LabelSet& set) {
    const auto out_of_order = [](const auto& a, const auto& b) { return a.first >= b.first; };
    if (std::adjacent_find(set.begin(), set.end(), out_of_order) == set.end()) {
        return;  // as Kubernetes writes them
    }
    std::map<std::string, std::string> ordered;
    for (auto& [key, text] : set) {
        ordered.insert_or_assign(std::move(key), std::move(text));
    }
    set.assign(ordered.begin(), ordered.end());
}

error_code read_texts(json::value value, std::vector<std::string>& out) {
    return for_each_item(value, [&](json::value item) {
        if (std::string text = text_in(item); !text.empty()) {
            out.push_back(std::move(text));
        }
        return SUCCESS;
    });
}

error_code read_labels(json::value value, models::LabelSet& out) {
    out.clear();
    const auto error = for_each_pair(value, [&](std::string key, std::string text) {
        out.emplace_back(std::move(key), std::move(text));
    });
    order_labels(out);
    return error;
}

error_code read_meta(json::value value, Interner& interner, RawMeta& out) {
    out = {};
    models::ObjectMeta& meta = out.meta;
    return for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "name")) {
            meta.name = text_in(field);
        } else if (is_key(key, "namespace")) {
            meta.ns = text_in(field);
        } else if (is_key(key, "uid")) {
            meta.uid = text_in(field);
        } else if (is_key(key, "resourceVersion")) {
            meta.resource_version = text_in(field);
        } else if (is_key(key, "creationTimestamp")) {
            meta.created = time_of(text_in(field));
        } else if (is_key(key, "deletionTimestamp")) {
            meta.deleting = !text_in(field).empty();
        } else if (is_key(key, "labels")) {
            models::LabelSet set;
            const auto error = read_labels(field, set);
            meta.labels = interner.labels(std::move(set));
            return error;
        } else if (is_key(key, "annotations")) {
            return read_annotations(field, interner, out);
        } else if (is_key(key, "ownerReferences")) {
            return read_owners(field, meta.controller);
        } else if (is_key(key, "managedFields")) {
            return whole_text(field, out.managed_fields);
        }
        return SUCCESS;
    });
}

}  // namespace meshscope::clients::kubernetes
