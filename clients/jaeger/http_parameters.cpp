#include "clients/jaeger/http_parameters.hpp"

#include "core/json_writer.hpp"
#include "core/text.hpp"

namespace meshscope::clients::jaeger {

void Parameters::add(std::string_view name, std::string_view value) {
    target_ += first_ ? '?' : '&';
    first_ = false;
    target_ += name;
    target_ += '=';
    target_ += percent_encode(value);
}

std::string tags_json(const std::map<std::string, std::string>& tags) {
    if (tags.empty()) {
        return {};
    }
    std::string json;
    JsonWriter writer(json);
    writer.begin_object();
    for (const auto& [key, value] : tags) {
        writer.key(key).string(value);
    }
    writer.end_object();
    return json;
}

std::string go_duration(std::chrono::microseconds duration) {
    return std::to_string(duration.count()) + "us";
}

}  // namespace meshscope::clients::jaeger
