#include "demo/kubernetes/patches.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace meshscope::demo {
namespace {

using nlohmann::json;

constexpr std::string_view kDirective = "$patch";
constexpr std::string_view kRetain = "$retainKeys";
constexpr std::string_view kOrder = "$setElementOrder/";
constexpr std::string_view kDelete = "$deleteFromPrimitiveList/";

struct ListKey {
    std::string_view list;
    std::string_view key;
};

// Ports have one of two names, by where they are.
constexpr std::array kListKeys = {
    ListKey{"containers", "name"},
    ListKey{"initContainers", "name"},
    ListKey{"env", "name"},
    ListKey{"volumes", "name"},
    ListKey{"imagePullSecrets", "name"},
    ListKey{"secrets", "name"},
    ListKey{"volumeMounts", "mountPath"},
    ListKey{"ports", "containerPort"},
    ListKey{"ports", "port"},
};

std::string_view key_of(std::string_view list, const json& elements) {
    for (const ListKey& row : kListKeys) {
        const bool all = std::all_of(elements.begin(), elements.end(), [&row](const json& element) {
            return element.is_object() && element.contains(row.key);
        });
        if (row.list == list && all) {
            return row.key;
        }
    }
    return {};
}

std::string directive_of(const json& patch) {
    const auto found = patch.find(kDirective);
    return found != patch.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void retain(json& into, const json& keys) {
    for (auto at = into.begin(); at != into.end();) {
        const bool kept = std::find(keys.begin(), keys.end(), at.key()) != keys.end();
        at = kept ? std::next(at) : into.erase(at);
    }
}

// What is to be added holds no directives.
json without_directives(const json& patch) {
    json out = json::object();
    strategic_merge(out, patch);
    return out;
}

void merge_list(json& into, const json& patch, std::string_view name) {
    const std::string_view key = key_of(name, patch);
    if (key.empty() || !into.is_array()) {
        into = json::array();
    }
    for (const json& element : patch) {
        const auto same = std::find_if(into.begin(), into.end(), [&](const json& one) {
            return !key.empty() && one.is_object() && one.contains(key) &&
                   one.at(std::string(key)) == element.at(std::string(key));
        });
        const bool there = same != into.end();
        if (element.is_object() && directive_of(element) == "delete") {
            if (there) {
                into.erase(same);
            }
        } else if (there) {
            strategic_merge(*same, element);
        } else {
            into.push_back(element.is_object() ? without_directives(element) : element);
        }
    }
}

void merge_member(json& into, const std::string& name, const json& value) {
    if (name.starts_with(kDelete)) {
        json& list = into[name.substr(kDelete.size())];
        if (list.is_array() && value.is_array()) {
            for (const json& gone : value) {
                list.erase(std::remove(list.begin(), list.end(), gone), list.end());
            }
        }
    } else if (value.is_null()) {
        into.erase(name);
    } else if (value.is_object()) {
        if (json& member = into[name]; !member.is_object()) {
            member = without_directives(value);
        } else {
            strategic_merge(member, value);
        }
        if (directive_of(value) == "delete") {
            into.erase(name);
        }
    } else if (value.is_array()) {
        merge_list(into[name], value, name);
    } else {
        into[name] = value;
    }
}

}  // namespace

void strategic_merge(json& into, const json& patch) {
    if (directive_of(patch) == "replace") {
        into = json::object();
    }
    if (const auto kept = patch.find(kRetain); kept != patch.end() && kept->is_array()) {
        retain(into, *kept);
    }
    for (const auto& [name, value] : patch.items()) {
        if (name != kDirective && name != kRetain && !name.starts_with(kOrder)) {
            merge_member(into, name, value);
        }
    }
}

}  // namespace meshscope::demo
