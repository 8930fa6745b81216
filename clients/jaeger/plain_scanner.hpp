#pragma once

#include "clients/json/json_tokens.hpp"
#include "models/tag_interner.hpp"
#include "models/trace.hpp"

#include <cstddef>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

namespace meshscope::clients::jaeger {

// Walks JSON that is written without white space and in a known order of fields, byte by byte: what
// it has passed is as it expects. `text` is valid UTF-8 and at least 16 readable bytes stand behind
// it; unescaped texts go into `storage`. Both outlive the scanner.
class PlainScanner {
 public:
    PlainScanner(std::string_view text, models::Storage& storage)
        : at_(text.data()), end_(text.data() + text.size()), storage_(storage) {}

    // Each is false, or nullopt, when something else stands there; the scanner is then of no more
    // use, except behind a literal, which has not moved.
    template <std::size_t N>
    bool literal(const char (&text)[N]) {
        if (static_cast<std::size_t>(end_ - at_) < N - 1 || std::memcmp(at_, text, N - 1) != 0) {
            return false;
        }
        at_ += N - 1;
        return true;
    }
    // The rest of a string whose opening quote has been passed, and its closing quote.
    std::optional<TokenText> text();
    // The same without an escape: ids, names of types.
    std::optional<std::string_view> word();
    // A JSON number.
    std::optional<std::string_view> number();
    // An object or array as it stands, its brackets matched, nothing else checked.
    std::optional<std::string_view> container();
    // Any value, passed over; containers as above.
    bool skip_value();
    // Nothing is left but white space.
    bool at_end();
    // What it has not passed.
    [[nodiscard]] std::string_view ahead() const {
        return {at_, static_cast<std::size_t>(end_ - at_)};
    }
    void skip(std::size_t bytes) { at_ += bytes; }  // at most ahead()
    // How far it came; `text` is what it began with.
    [[nodiscard]] std::size_t passed(std::string_view text) const {
        return static_cast<std::size_t>(at_ - text.data());
    }

 private:
    const char* at_;
    const char* end_;
    models::Storage& storage_;
};

// An array of tags: fields key, type, value; types string, bool, int64 and float64. Appends to
// `out`.
[[nodiscard]] bool read_plain_tags(PlainScanner& scanner, std::vector<models::Tag>& out);
// The same, with their texts in the Storage of `interner`.
[[nodiscard]] bool read_plain_tags(
    PlainScanner& scanner, models::TagInterner& interner, std::vector<models::Tag>& out
);

}  // namespace meshscope::clients::jaeger
