#include "clients/json/json_walk.hpp"

#include <algorithm>

namespace meshscope::clients {

using simdjson::error_code;

std::string_view key_text(const char* raw) {
    const char* end = raw;
    while (*end != '"') {
        end += *end == '\\' ? 2 : 1;
    }
    return {raw, static_cast<std::size_t>(end - raw)};
}

error_code whole_text(json::value value, std::string_view& out) {
    out = value.raw_json_token();
    if (out.front() == '{') {
        json::object object;
        if (const auto error = value.get_object().get(object)) {
            return error;
        }
        return object.raw_json().get(out);
    }
    if (out.front() == '[') {
        json::array array;
        if (const auto error = value.get_array().get(array)) {
            return error;
        }
        return array.raw_json().get(out);
    }
    return simdjson::SUCCESS;
}

ThreadParser& ThreadParser::get() {
    thread_local ThreadParser instance;
    return instance;
}

void ThreadParser::done(std::size_t body_size) {
    constexpr std::size_t kLong = 2UL * 1024 * 1024;
    constexpr std::size_t kTooLong = 64UL * 1024 * 1024;
    constexpr unsigned kWeight = 8;
    frequency_ = body_size > kLong ? std::min(frequency_ + kWeight, 4 * kWeight)
                                   : frequency_ - std::min(frequency_, 1U);
    const std::size_t capacity = parser_.capacity();
    if (capacity > kTooLong || (capacity > kLong && frequency_ <= kWeight)) {
        parser_ = json::parser();
    }
}

}  // namespace meshscope::clients
