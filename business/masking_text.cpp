#include "business/masking_text.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <string>

namespace meshscope::business {

namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr int kMaxDepth = 3;  // URLs inside the parameters of URLs

bool is_quote(char c) {
    return c == '"' || c == '\'' || c == '\\' || c == '<' || c == '>' || c == '`';
}
bool is_space(char c) { return static_cast<unsigned char>(c) <= ' '; }
bool starts_parameter(char c) { return c == '?' || c == '&' || c == ';' || c == '#'; }

// In a URL only what no URL may hold ends a value, and '&' and '#'.
bool ends_value(char c, bool in_url) {
    if (c == '&' || c == '#' || c == '"' || c == '\\' || c == '<' || c == '>' || is_space(c)) {
        return true;
    }
    return !in_url && (c == ';' || c == ',' || c == ')' || c == '}' || is_quote(c));
}

bool is_name_char(char c) {
    return !starts_parameter(c) && !is_quote(c) && !is_space(c) && c != '/' && c != '=' &&
           c != ',' && c != '(' && c != '{';
}

// Decoded; of "user[password]" the innermost part.
std::string parameter_name(std::string_view raw) {
    std::string name(raw);
    if (raw.find('%') != kNone) {
        name = percent_decode(raw, true).value_or(name);
    }
    if (name.size() > 2 && name.back() == ']') {
        const std::size_t open = name.rfind('[');
        if (open != kNone && open + 2 < name.size()) {
            return name.substr(open + 1, name.size() - open - 2);
        }
    }
    return name;
}

}  // namespace

SecretFinder::SecretFinder(const SecretNames& names, std::string_view text, Form form, int depth)
    : names_(names),
      text_(text),
      form_(form),
      depth_(depth),
      equals_(text.find('=')),
      scheme_(text.find('@') == kNone ? kNone : text.find("://")),
      credential_(find_credential(text)) {}

std::optional<Cut> SecretFinder::next() {
    while (equals_ != kNone || scheme_ != kNone || credential_) {
        const bool behind_scheme = credential_ && credential_->from < std::min(equals_, scheme_);
        const auto cut = behind_scheme       ? credential()
                         : scheme_ < equals_ ? user_information()
                                             : parameter();
        if (cut) {
            pass(cut->to);
            return cut;
        }
    }
    return std::nullopt;
}

// Nothing before `end` is looked at again.
void SecretFinder::pass(std::size_t end) {
    done_ = end;
    if (equals_ < end) {
        equals_ = text_.find('=', end);
    }
    if (scheme_ < end) {
        scheme_ = text_.find("://", end);
    }
    if (credential_ && credential_->from < end) {
        credential_ = find_credential(text_, end);
    }
}

std::optional<Cut> SecretFinder::credential() { return Cut{credential_->from, credential_->to}; }

std::optional<Cut> SecretFinder::user_information() {
    const std::size_t begin = scheme_ + 3;
    std::size_t end = begin;
    std::size_t sign = kNone;
    while (end < text_.size() && text_[end] != '/' && text_[end] != '?' && text_[end] != '#' &&
           !is_quote(text_[end]) && !is_space(text_[end])) {
        sign = text_[end] == '@' ? end : sign;
        ++end;
    }
    scheme_ = text_.find("://", end);
    if (sign == kNone || sign == begin) {
        return std::nullopt;
    }
    if (equals_ < sign) {
        equals_ = text_.find('=', sign);
    }
    return Cut{begin, sign};
}

std::optional<Cut> SecretFinder::parameter() {
    const std::size_t equals = equals_;
    std::size_t begin = equals;
    while (begin > done_ && is_name_char(text_[begin - 1])) {
        --begin;
    }
    done_ = equals + 1;
    equals_ = text_.find('=', equals + 1);
    const bool in_url = begin == 0 ? form_ == Form::kQuery : starts_parameter(text_[begin - 1]);
    const std::string name = parameter_name(text_.substr(begin, equals - begin));
    const bool secret = in_url ? names_.parameter(name) : names_.anywhere(name);
    if (!secret && equals < decoded_) {
        return std::nullopt;
    }
    std::size_t end = equals + 1;
    const bool ends_late = in_url && (begin == 0 || text_[begin - 1] != ';');
    while (end < text_.size() && !ends_value(text_[end], ends_late)) {
        ++end;
    }
    const std::string_view value = text_.substr(equals + 1, end - equals - 1);
    if (value.empty() || (!secret && !hides_secret(value))) {
        decoded_ = end;
        return std::nullopt;
    }
    equals_ = text_.find('=', end);
    if (scheme_ < end) {
        scheme_ = text_.find("://", end);
    }
    return Cut{equals + 1, end};
}

bool SecretFinder::hides_secret(std::string_view value) const {
    if (depth_ >= kMaxDepth || value.find('%') == kNone) {
        return false;
    }
    const auto decoded = percent_decode(value, false);
    return decoded && SecretFinder(names_, *decoded, Form::kText, depth_ + 1).next().has_value();
}

}  // namespace meshscope::business
