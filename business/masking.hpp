#pragma once

#include "business/masking_names.hpp"
#include "business/masking_text.hpp"
#include "models/trace.hpp"

#include <span>
#include <string>
#include <string_view>

namespace meshscope::business {

// Hides secrets in the attributes of spans, processes and log fields, and in free text:
//  - the whole value of a sensitive name (authorization, cookie, password, ...; configured ones),
//  if it
//    is the key, stands behind its last dot (`http.request.header.cookie`) or in a bag of headers;
//  - in any value, the values of sensitive query parameters and the user information of URLs; the
//  rest of
//    the text stays.
// Names are compared without case, '-' and '_' alike. A boolean is never secret. Immutable,
// thread-safe.
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

    // What the key alone tells of a tag's value, for those who write many tags with few keys.
    enum class KeyRule {
        kOpen,    // secret only if it is a text, and may_hold_secret(text) and sensitive(tag)
        kSecret,  // secret unless it is a boolean
        kAsk,     // sensitive(tag) tells
    };
    [[nodiscard]] KeyRule rule_of(std::string_view key) const;

    // The text to show instead of the value of a tag that is sensitive(); it is then of type
    // string. Of any other tag of type string or binary: its text as it stands.
    [[nodiscard]] std::string masked_text(const models::Tag& tag) const;

    // The same for a text that is no attribute: an operation name, a warning, a URL.
    [[nodiscard]] bool sensitive_text(std::string_view text) const;
    [[nodiscard]] std::string masked_text(std::string_view text) const;

 private:
    [[nodiscard]] bool secret_as_whole(const models::Tag& tag, std::string_view last) const;
    [[nodiscard]] bool names_secret(std::string_view bag) const;
    [[nodiscard]] std::string replaced(std::string_view text, SecretFinder::Form form) const;

    SecretNames names_;
};

}  // namespace meshscope::business
