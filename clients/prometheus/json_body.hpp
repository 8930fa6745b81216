#pragma once

#include "clients/json/json_tokens.hpp"
#include "clients/json/json_walk.hpp"

#include <string>
#include <string_view>

namespace meshscope::clients::prometheus {

// Without a byte order mark.
[[nodiscard]] inline std::string_view without_mark(std::string_view text) {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (text.starts_with(kMark)) {
        text.remove_prefix(kMark.size());
    }
    return text;
}

// Reads a body that is an object: `visit` gets its root and is called again from the start when
// text that is not UTF-8 had to be replaced (the body is then another one). Room for simdjson's
// padding is made behind the body.
template <class Visit>
simdjson::error_code read_json(std::string& body, const Visit& visit) {
    const auto read_object = [&](json::value root) {
        return root.raw_json_token().front() == '{' ? visit(root) : simdjson::INCORRECT_TYPE;
    };
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    auto error = ThreadParser::get().parse(without_mark(body), read_object);
    if (error == simdjson::UTF8_ERROR || error == simdjson::UNESCAPED_CHARS) {
        body = clean_json_text(body);
        body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
        error = ThreadParser::get().parse(without_mark(body), read_object);
    }
    return error;
}

}  // namespace meshscope::clients::prometheus
