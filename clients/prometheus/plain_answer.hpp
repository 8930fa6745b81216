#pragma once

#include "clients/prometheus/answer_walk.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace meshscope::clients::prometheus {

// The way most answers take: written by Prometheus itself, so without white space and in one order
// of members. They are read in one pass, nothing is indexed and nothing stands behind them;
// whatever looks different is read again from its beginning, by simdjson.

// Whether `text` begins so; then that is passed.
inline bool pass(std::string_view& text, std::string_view what) {
    if (!text.starts_with(what)) {
        return false;
    }
    text.remove_prefix(what.size());
    return true;
}

// Digits and points, at least one.
inline bool pass_time(std::string_view& text) {
    std::size_t size = 0;
    while (size < text.size() && ((text[size] >= '0' && text[size] <= '9') || text[size] == '.')) {
        ++size;
    }
    text.remove_prefix(size);
    return size > 0;
}

// The rest of a string whose opening quote has been passed, and its closing quote. nullopt: there
// is an escape or a control character in it, it is not UTF-8, or it does not end.
std::optional<std::string_view> pass_text(std::string_view& text);

// Walks a vector: `begin()`, then for each series `plain_labels(text)`, which passes an object of
// them, and `plain_value(token)`, with its quotes; both are false when they do not take it. What
// stands behind the data; nullopt: it looks different.
template <class Sink>
std::optional<std::string_view> walk_plain_vector(std::string_view text, Sink& sink) {
    if (!pass(text, R"({"status":"success","data":{"resultType":"vector","result":[)")) {
        return std::nullopt;
    }
    sink.begin();
    if (pass(text, "]}")) {
        return text;
    }
    do {
        if (!pass(text, R"({"metric":)") || !sink.plain_labels(text) ||
            !pass(text, R"(,"value":[)")) {
            return std::nullopt;
        }
        if (!pass_time(text) || !pass(text, ",\"")) {
            return std::nullopt;
        }
        const char* quote = text.data() - 1;
        const auto value = pass_text(text);
        if (!value || !sink.plain_value({quote, value->size() + 2}) || !pass(text, "]}")) {
            return std::nullopt;
        }
    } while (pass(text, ","));
    return pass(text, "]}") ? std::optional(text) : std::nullopt;
}

// What stands behind the data up to the end of the answer. nullopt: it is broken, or tells again
// how the query went.
std::optional<Envelope> rest_of_envelope(std::string_view text);

}  // namespace meshscope::clients::prometheus
