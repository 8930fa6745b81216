#include "handlers/parameters.hpp"

#include <nlohmann/json.hpp>

namespace meshscope::handlers {

namespace {

constexpr std::size_t kMaxTags = 64;

Error invalid_tags(const std::string& why) {
    return Error(ErrorKind::kInvalidArgument, "parameter 'tags' " + why)
        .with_detail(R"(for instance {"error":"true","http.method":"GET"}, percent-encoded)");
}

}  // namespace

Result<std::map<std::string, std::string>> read_tags(std::string_view json) {
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    if (!parsed.is_object()) {
        return invalid_tags("must be a JSON object of strings");
    }
    if (parsed.size() > kMaxTags) {
        return invalid_tags("must not hold more than " + std::to_string(kMaxTags) + " tags");
    }
    std::map<std::string, std::string> tags;
    for (const auto& [key, value] : parsed.items()) {
        if (key.empty() || !value.is_string()) {
            return invalid_tags("must be a JSON object of strings; '" + key + "' is none");
        }
        tags[key] = value.get<std::string>();
    }
    return tags;
}

}  // namespace meshscope::handlers
