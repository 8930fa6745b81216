#include "clients/jaeger/http_v1_tag.hpp"

#include "clients/json/json_tokens.hpp"
#include "core/text.hpp"

namespace meshscope::clients::jaeger {

using models::Tag;

namespace {

Tag text_tag(std::string_view key, std::string_view value, models::Storage& storage) {
    const TokenText text = text_of(value, storage);
    return Tag::string(key, text.text, text.verbatim);
}

}  // namespace

Tag make_tag(
    std::string_view key,
    std::string_view type,
    std::string_view value,
    models::Storage& storage,
    std::uint64_t& bad_binary
) {
    if (value.empty()) {
        return Tag::string(key, {}, true);
    }
    const bool bare = !is_string(value);
    if (type == "string") {
        return text_tag(key, value, storage);
    }
    if (type == "bool" || (bare && (value.front() == 't' || value.front() == 'f'))) {
        const auto flag = boolean_of(value);
        return flag ? Tag::boolean(key, *flag) : text_tag(key, value, storage);
    }
    const bool numeric =
        bare && (value.front() == '-' || (value.front() >= '0' && value.front() <= '9'));
    const bool fraction = value.find_first_of(".eE") != std::string_view::npos;
    if (type == "int64" || (numeric && !fraction && type != "float64")) {
        const auto integer = integer_of(value);
        if (integer || !fraction) {
            return integer ? Tag::integer(key, *integer) : text_tag(key, value, storage);
        }
    }
    if (type == "float64" || numeric) {
        const auto number = number_of(value);
        return number ? Tag::number(key, *number) : text_tag(key, value, storage);
    }
    if (type == "binary" && !bare) {
        const TokenText text = text_of(value, storage);
        if (const auto bytes = base64_decode(text.text)) {
            return Tag::binary(key, storage.intern(*bytes));
        }
        ++bad_binary;
        return Tag::string(key, text.text, text.verbatim);
    }
    return text_tag(key, value, storage);
}

}  // namespace meshscope::clients::jaeger
