#pragma once

#include <simdjson.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace meshscope::clients {

namespace json = simdjson::ondemand;

// Walks an array or object and hands each item on; anything else (null, say) is passed over.
// `visit` returns an error code. An unread item is skipped by the iterator.
template <class Visit>
simdjson::error_code for_each_item(json::value value, const Visit& visit) {
    json::array array;
    if (value.raw_json_token().front() != '[') {
        return simdjson::SUCCESS;
    }
    if (const auto error = value.get_array().get(array)) {
        return error;
    }
    for (auto result : array) {
        json::value item;
        if (const auto error = std::move(result).get(item)) {
            return error;
        }
        if (const auto error = visit(item)) {
            return error;
        }
    }
    return simdjson::SUCCESS;
}

template <class Visit>
simdjson::error_code for_each_field(json::object object, const Visit& visit) {
    for (auto result : object) {
        json::field field;
        if (const auto error = std::move(result).get(field)) {
            return error;
        }
        if (const auto error = visit(field.key().raw(), field.value())) {
            return error;
        }
    }
    return simdjson::SUCCESS;
}

template <class Visit>
simdjson::error_code for_each_field(json::value value, const Visit& visit) {
    json::object object;
    if (value.raw_json_token().front() != '{') {
        return simdjson::SUCCESS;
    }
    if (const auto error = value.get_object().get(object)) {
        return error;
    }
    return for_each_field(object, visit);
}

// Whether the key that begins at `raw` is `name`. Safe because documents are padded.
template <std::size_t N>
bool is_key(const char* raw, const char (&name)[N]) {
    return std::char_traits<char>::compare(raw, name, N - 1) == 0 && raw[N - 1] == '"';
}

// The key that begins at `raw`, without its quotes, escapes as they stand.
std::string_view key_text(const char* raw);

// The whole text of a value, containers included. Consumes it.
simdjson::error_code whole_text(json::value value, std::string_view& out);

// Parses `text`, which is followed by simdjson's padding, and hands the root value on. The document
// is no longer needed when `visit` returns.
template <class Visit>
simdjson::error_code parse_json(json::parser& parser, std::string_view text, const Visit& visit) {
    const simdjson::padded_string_view padded(
        text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING
    );
    json::document document;
    if (const auto error = parser.iterate(padded).get(document)) {
        return error;
    }
    json::value root;
    if (const auto error = document.get_value().get(root)) {
        return error;
    }
    return visit(root);
}

// simdjson's index takes some bytes for each byte of the longest body seen, and filling fresh pages
// costs as much as parsing. So a thread keeps a grown parser only while long bodies are frequent on
// it: one among many short ones gives its memory back.
class ThreadParser {
 public:
    static ThreadParser& get();

    template <class Visit>
    simdjson::error_code parse(std::string_view text, const Visit& visit) {
        const auto error = parse_json(parser_, text, visit);
        done(text.size());
        return error;
    }
    // Gives its memory back now: no long bodies are to come.
    void rest() {
        parser_ = json::parser();
        frequency_ = 0;
    }

 private:
    void done(std::size_t body_size);

    json::parser parser_;
    unsigned frequency_ = 0;
};

}  // namespace meshscope::clients
