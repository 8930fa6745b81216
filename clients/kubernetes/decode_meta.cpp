#include "clients/kubernetes/decode_parts.hpp"
#include "core/time_text.hpp"

#include <algorithm>
#include <array>
#include <deque>
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

// Written by the node for each pod anew, and of no use to anybody here: with them no two pods
// would share a set.
constexpr std::array<std::string_view, 3> kOfNodes = {
    "cni.projectcalico.org/", "k8s.ovn.org/", "k8s.v1.cni.cncf.io/"
};

// Pairs as they come, before they are ordered and kept. Texts with escapes are in `texts`.
struct Pairs {
    LabelViews views;
    std::deque<std::string> texts;

    void clear() {
        views.clear();
        texts.clear();
    }
    std::string_view text(std::string_view token) {
        while (is_string(token) && token.back() != '"') {
            token.remove_suffix(1);  // white space
        }
        const bool is_plain =
            is_string(token) && token.size() >= 2 && token.find('\\') == std::string_view::npos;
        return is_plain ? token.substr(1, token.size() - 2) : texts.emplace_back(copy_of(token));
    }
};

Pairs& scratch() {
    thread_local Pairs pairs;
    pairs.clear();
    return pairs;
}

// Makes them ascending; of equal keys the last stays.
void order(LabelViews& views) {
    const auto out_of_order = [](const auto& a, const auto& b) { return a.first >= b.first; };
    if (std::adjacent_find(views.begin(), views.end(), out_of_order) == views.end()) {
        return;  // as Kubernetes writes them
    }
    std::map<std::string_view, std::string_view> ordered;
    for (const auto& [key, text] : views) {
        ordered.insert_or_assign(key, text);
    }
    views.assign(ordered.begin(), ordered.end());
}

// `take` says whether a pair is wanted, by its key and the token of its value.
template <class Take>
error_code read_pairs(json::value value, Pairs& out, const Take& take) {
    return for_each_field(value, [&](const char* key, json::value field) {
        const std::string_view raw = key_text(key);
        const std::string_view name = out.text({raw.data() - 1, raw.size() + 2});
        const std::string_view token = is_container(field) ? "\"\"" : token_of(field);
        if (take(name, token)) {
            out.views.emplace_back(name, out.text(token));
        }
        return SUCCESS;
    });
}

bool is_useful(std::string_view key, std::string_view token) {
    return token.size() <= kLongestAnnotation + 2 && key != kLastApplied && key != kProxyStatus &&
           std::none_of(kOfNodes.begin(), kOfNodes.end(), [&](std::string_view prefix) {
               return key.starts_with(prefix);
           });
}

error_code read_annotations(json::value value, Interner& interner, RawMeta& out) {
    Pairs& pairs = scratch();
    out.proxy_status = {};
    out.initial_end = false;
    const auto error = read_pairs(value, pairs, [&](std::string_view key, std::string_view token) {
        if (key == kProxyStatus) {
            out.proxy_status = token;
        } else if (key == kInitialEnd) {
            out.initial_end = boolean_of(token).value_or(false);
        }
        return out.all_annotations || is_useful(key, token);
    });
    order(pairs.views);
    out.meta.annotations = interner.labels(pairs.views);
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

error_code read_owners(json::value value, Interner& interner, models::OwnerPtr& out) {
    out.reset();
    return for_each_item(value, [&](json::value item) {
        models::OwnerRef owner;
        bool is_controller = false;
        const auto error = read_owner(item, owner, is_controller);
        if (is_controller && !out && !owner.name.empty() && !owner.kind.kind.empty()) {
            out = interner.owner(std::move(owner));
        }
        return error;
    });
}

}  // namespace

bool is_closed(std::string_view text) {
    const std::size_t last = text.find_last_not_of(" \t\r\n");
    return last != std::string_view::npos && text[last] == '}';
}

std::string_view token_of(json::value value) {
    // Behind the last token simdjson's index holds the document's end, and then its begin: lengths
    // that are taken from there are 0 or beyond what any document has.
    constexpr std::size_t kLongest = 0x7FFFFFFF;
    const std::string_view token = value.raw_json_token();
    return token.size() <= kLongest ? token : std::string_view();
}

error_code text_of_value(json::value value, std::string_view& out) {
    out = token_of(value);
    return is_container(value) ? whole_text(value, out) : SUCCESS;
}

std::string text_in(json::value value) {
    return is_container(value) ? std::string() : copy_of(token_of(value));
}

std::int32_t count_in(json::value value) {
    const auto number = is_container(value) ? std::nullopt : integer_of(token_of(value));
    using Limits = std::numeric_limits<std::int32_t>;
    return static_cast<std::int32_t>(
        std::clamp<std::int64_t>(number.value_or(0), Limits::min(), Limits::max())
    );
}

bool flag_in(json::value value) {
    return !is_container(value) && boolean_of(token_of(value)).value_or(false);
}

bool is_container(json::value value) {
    const std::string_view token = token_of(value);
    return token.starts_with('{') || token.starts_with('[');
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

error_code read_texts(json::value value, std::vector<std::string>& out) {
    return for_each_item(value, [&](json::value item) {
        if (std::string text = text_in(item); !text.empty()) {
            out.push_back(std::move(text));
        }
        return SUCCESS;
    });
}

error_code read_labels(json::value value, Interner& interner, models::Labels& out) {
    Pairs& pairs = scratch();
    const auto error =
        read_pairs(value, pairs, [](std::string_view, std::string_view) { return true; });
    order(pairs.views);
    out = interner.labels(pairs.views);
    return error;
}

error_code read_meta(json::value value, Interner& interner, RawMeta& out) {
    const bool all_annotations = out.all_annotations;
    out = {};
    out.all_annotations = all_annotations;
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
            return read_labels(field, interner, meta.labels);
        } else if (is_key(key, "annotations")) {
            return read_annotations(field, interner, out);
        } else if (is_key(key, "ownerReferences")) {
            return read_owners(field, interner, meta.controller);
        } else if (is_key(key, "managedFields")) {
            return text_of_value(field, out.managed_fields);
        }
        return SUCCESS;
    });
}

}  // namespace meshscope::clients::kubernetes
