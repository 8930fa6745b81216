#include "clients/kubernetes/discovery.hpp"

#include "clients/json/json_tokens.hpp"
#include "clients/json/json_walk.hpp"

#include <algorithm>
#include <string_view>

namespace meshscope::clients::kubernetes {

using simdjson::error_code;
using simdjson::SUCCESS;

namespace {

constexpr std::size_t kMostVersions = 20;

bool is_version(std::string_view text) {
    return text.size() > 1 && text.size() <= 63 && text.front() == 'v' &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
           });
}

error_code read_version(json::value item, std::vector<std::string>& versions) {
    return for_each_field(item, [&](const char* key, json::value field) {
        if (is_key(key, "version")) {
            const std::string version = copy_of(field.raw_json_token());
            const bool known =
                std::find(versions.begin(), versions.end(), version) != versions.end();
            if (is_version(version) && !known && versions.size() < kMostVersions) {
                versions.push_back(version);
            }
        }
        return SUCCESS;
    });
}

}  // namespace

std::vector<std::string> served_versions(std::string body) {
    std::vector<std::string> favourite;
    std::vector<std::string> versions;
    bool is_group = false;
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    const auto error = ThreadParser::get().parse(body, [&](json::value root) {
        return for_each_field(root, [&](const char* key, json::value field) -> error_code {
            if (is_key(key, "kind")) {
                is_group = copy_of(field.raw_json_token()) == "APIGroup";
            } else if (is_key(key, "preferredVersion")) {
                return read_version(field, favourite);
            } else if (is_key(key, "versions")) {
                return for_each_item(field, [&](json::value item) {
                    return read_version(item, versions);
                });
            }
            return SUCCESS;
        });
    });
    if (error || !is_group) {
        return {};
    }
    for (const std::string& version : versions) {
        if (favourite.empty() || version != favourite.front()) {
            favourite.push_back(version);
        }
    }
    return favourite;
}

}  // namespace meshscope::clients::kubernetes
