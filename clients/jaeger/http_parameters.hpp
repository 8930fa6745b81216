#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace meshscope::clients::jaeger {

// Appends "?name=value" or "&name=value" to a target, the value percent-encoded.
class Parameters {
 public:
    explicit Parameters(std::string& target) : target_(target) {}

    void add(std::string_view name, std::string_view value);
    void add_unless_empty(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            add(name, value);
        }
    }

 private:
    std::string& target_;
    bool first_ = true;
};

// Tag filters as a JSON object of strings; "" when there are none.
[[nodiscard]] std::string tags_json(const std::map<std::string, std::string>& tags);

// "2500us", as Go reads it.
[[nodiscard]] std::string go_duration(std::chrono::microseconds duration);

}  // namespace meshscope::clients::jaeger
