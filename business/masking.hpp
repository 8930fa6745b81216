#pragma once

#include "models/trace.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

// Hides secrets in the attributes of spans, processes and log fields, and in free text:
//  - the whole value of a sensitive name (authorization, cookie, password, ...; the configured
//  keys),
//    standing alone, behind the last dot of a key (`http.request.header.cookie`), or in a bag of
//    headers;
//  - the values of sensitive query parameters and the user information of URLs, wherever a value
//  holds
//    them; the rest of the text stays.
// Names are compared without case, '-' and '_' alike. A boolean is never secret. Immutable and
// thread-safe; a copy is cheap enough to make one for each request, but none is needed.
class Masker {
 public:
    static constexpr std::string_view kMask = "xxx";

    Masker();  // the built-in names only
    // `extra`: names that hold secrets besides the built-in ones: as an attribute, a header, a
    // parameter.
    explicit Masker(std::span<const std::string> extra);

    // Whether masked_text() must replace the tag's value. A few nanoseconds for a tag that holds
    // nothing secret: made to be asked for each tag that is written.
    [[nodiscard]] bool sensitive(const models::Tag& tag) const;

    // The text to show instead of the value of a tag that is sensitive(); it is then of type
    // string. Of any other tag of type string or binary: its text as it stands.
    [[nodiscard]] std::string masked_text(const models::Tag& tag) const;

    // The same for a text that is no attribute: an operation name, a warning, a URL.
    [[nodiscard]] bool sensitive_text(std::string_view text) const;
    [[nodiscard]] std::string masked_text(std::string_view text) const;

 private:
    enum class Use : std::uint8_t {
        kAnywhere,   // as an attribute, a header, a parameter
        kParameter,  // as a parameter of a URL only ("code", "sig")
    };
    struct Name {
        std::string text;  // lower case, '-' for '_'
        Use use = Use::kAnywhere;
    };

    void add(std::string_view name, Use use);
    [[nodiscard]] const Name* find(std::string_view name) const;
    [[nodiscard]] bool secret_key(std::string_view key) const;
    [[nodiscard]] bool secret_parameter(std::string_view name, bool in_url) const;
    [[nodiscard]] bool secret_bag(std::string_view key, std::string_view text) const;
    // Copies `text` with its secrets replaced into `out` (may be null: only find out); true when
    // there were any. `query`: the text is a bare query string.
    bool mask_into(std::string_view text, bool query, int depth, std::string* out) const;

    static constexpr std::size_t kMaxName =
        64;  // longer configured names match by their full text only
    std::array<std::vector<Name>, kMaxName> by_length_;
    std::array<std::uint32_t, kMaxName> first_letters_{};  // bit 0: a character that is no letter
    std::vector<Name> long_names_;
};

}  // namespace meshscope::business
