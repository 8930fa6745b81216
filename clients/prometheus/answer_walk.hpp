#pragma once

#include "clients/json/json_tokens.hpp"
#include "clients/json/json_walk.hpp"
#include "clients/prometheus/fault.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::clients::prometheus {

// What stands around the result of an answer.
struct Envelope {
    std::string status;
    StoreFault fault;
    std::string result_type;
    std::vector<std::string> said;  // warnings and infos as they stand
    bool has_data = false;
    bool is_partial = false;
};

// What could not be taken of an answer.
struct LeftOut {
    std::size_t histograms = 0;  // series, or points of a matrix
    std::size_t values = 0;      // no numbers
    std::size_t times = 0;
    std::size_t twice = 0;  // series
};

// A value as the store writes it: in quotes or bare, "+Inf" and "Inf" too; nullopt when it is no
// number or out of range.
[[nodiscard]] std::optional<double> sample_value(std::string_view token);
// Seconds to milliseconds, rounded; nullopt when it is no number or beyond the year 5000 (some
// proxies multiply by a thousand).
[[nodiscard]] std::optional<std::int64_t> sample_time(std::string_view token);

// What an answer says besides its data, each once, at most ten.
[[nodiscard]] std::vector<std::string> warnings_of(const Envelope& envelope, const LeftOut& left);

// Walks an answer: `begin()` when a result begins, then `item(json::value)` for each of its items.
template <class Sink>
simdjson::error_code walk_answer(json::value root, Envelope& envelope, Sink& sink) {
    const auto text = [](json::value value) { return copy_of(value.raw_json_token()); };
    const auto data = [&](const char* key, json::value value) {
        if (is_key(key, "resultType")) {
            envelope.result_type = text(value);
        } else if (is_key(key, "result")) {
            sink.begin();
            return for_each_item(value, [&](json::value item) { return sink.item(item); });
        }
        return simdjson::SUCCESS;
    };
    const auto say = [&](json::value value) {
        return for_each_item(value, [&](json::value item) {
            constexpr std::size_t kMostKept = 100;
            if (envelope.said.size() < kMostKept) {
                envelope.said.push_back(excerpt(text(item)));
            }
            return simdjson::SUCCESS;
        });
    };
    return for_each_field(root, [&](const char* key, json::value value) {
        if (is_key(key, "data")) {
            envelope.has_data = true;
            return for_each_field(value, data);
        }
        if (is_key(key, "warnings") || is_key(key, "infos")) {
            return say(value);
        }
        if (is_key(key, "status")) {
            envelope.status = text(value);
        } else if (is_key(key, "errorType")) {
            envelope.fault.type = text(value);
        } else if (is_key(key, "error")) {
            envelope.fault.text = text(value);
        } else if (is_key(key, "isPartial")) {
            envelope.is_partial = boolean_of(value.raw_json_token()).value_or(false);
        }
        return simdjson::SUCCESS;
    });
}

}  // namespace meshscope::clients::prometheus
