#include "business/masking.hpp"

#include "core/text.hpp"

#include <cstring>

namespace meshscope::business {

namespace {

using models::Tag;
using models::ValueType;
using Form = SecretFinder::Form;

std::string_view last_segment(std::string_view key) {
    const void* dot = key.empty() ? nullptr : memrchr(key.data(), '.', key.size());
    return dot == nullptr
               ? key
               : key.substr(
                     static_cast<std::size_t>(static_cast<const char*>(dot) - key.data()) + 1
                 );
}

bool has_text(const Tag& tag) {
    return tag.type() == ValueType::kString || tag.type() == ValueType::kBinary;
}

// The query of a URL that stands alone, without its '?'.
Form form_of(std::string_view last) {
    return last.size() == 5 && iequals(last, "query") ? Form::kQuery : Form::kText;
}

bool holds_headers(std::string_view last) {
    return (last.size() == 6 && iequals(last, "header")) ||
           (last.size() == 7 && iequals(last, "headers")) ||
           (last.size() == 8 && iequals(last, "metadata"));
}

bool is_connection(std::string_view last) {
    return last.size() == 17 && iequals(last, "connection_string");
}

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

}  // namespace

Masker::Masker() : Masker(std::span<const std::string>{}) {}

Masker::Masker(std::span<const std::string> extra) : names_(extra) {}

bool Masker::sensitive(const Tag& tag) const {
    if (tag.type() == ValueType::kBool) {
        return false;
    }
    const std::string_view last = last_segment(tag.key());
    if (secret_as_whole(tag, last)) {
        return true;
    }
    return has_text(tag) && may_hold_secret(tag.text()) &&
           SecretFinder(names_, tag.text(), form_of(last)).next().has_value();
}

Masker::KeyRule Masker::rule_of(std::string_view key) const {
    const std::string_view last = last_segment(key);
    if (names_.anywhere(last) || names_.anywhere(key)) {
        return KeyRule::kSecret;
    }
    const bool special =
        form_of(last) == Form::kQuery || holds_headers(last) || is_connection(last);
    return special ? KeyRule::kAsk : KeyRule::kOpen;
}

std::string Masker::masked_text(const Tag& tag) const {
    const std::string_view last = last_segment(tag.key());
    if (!has_text(tag) || secret_as_whole(tag, last)) {
        return std::string(kMask);
    }
    return replaced(tag.text(), form_of(last));
}

bool Masker::sensitive_text(std::string_view text) const {
    return may_hold_secret(text) && SecretFinder(names_, text, Form::kText).next().has_value();
}

std::string Masker::masked_text(std::string_view text) const { return replaced(text, Form::kText); }

bool Masker::secret_as_whole(const Tag& tag, std::string_view last) const {
    const std::string_view key = tag.key();
    if (names_.anywhere(last) || (last.size() != key.size() && names_.anywhere(key))) {
        return true;
    }
    if (!has_text(tag)) {
        return false;
    }
    return (holds_headers(last) && names_secret(tag.text())) || is_connection(last);
}

bool Masker::names_secret(std::string_view bag) const {
    std::size_t at = 0;
    while (at < bag.size()) {
        std::size_t end = at;
        while (end < bag.size() && is_word(bag[end])) {
            ++end;
        }
        if (end > at && names_.anywhere(bag.substr(at, end - at))) {
            return true;
        }
        at = end + 1;
    }
    return false;
}

std::string Masker::replaced(std::string_view text, Form form) const {
    std::string out;
    std::size_t copied = 0;
    SecretFinder finder(names_, text, form);
    while (const auto cut = finder.next()) {
        out.append(text.substr(copied, cut->from - copied)).append(kMask);
        copied = cut->to;
    }
    out.append(text.substr(copied));
    return out;
}

}  // namespace meshscope::business
