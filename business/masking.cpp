#include "business/masking.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <optional>

namespace meshscope::business {

namespace {

using models::Tag;
using models::ValueType;

constexpr std::string_view kAnywhereNames[] = {
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "cookie2",
    "set-cookie2",
    "x-api-key",
    "api-key",
    "apikey",
    "x-auth-token",
    "x-access-token",
    "x-csrf-token",
    "x-xsrf-token",
    "x-session-token",
    "x-vault-token",
    "x-gitlab-token",
    "private-token",
    "x-amz-security-token",
    "x-goog-api-key",
    "x-functions-key",
    "ocp-apim-subscription-key",
    "x-forwarded-access-token",
    "x-forwarded-authorization",
    "x-original-authorization",
    "authentication-info",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "client-secret",
    "access-token",
    "refresh-token",
    "id-token",
    "auth-token",
    "bearer-token",
    "session-token",
    "private-key",
    "client-assertion",
};

constexpr std::string_view kParameterNames[] = {
    "token",
    "accesstoken",
    "authtoken",
    "auth",
    "pwd",
    "pass",
    "sig",
    "signature",
    "code",
    "code-verifier",
    "jwt",
    "session",
    "sessionid",
    "session-id",
    "sid",
    "jsessionid",
    "phpsessid",
    "ticket",
    "assertion",
    "samlresponse",
    "samlrequest",
    "x-amz-signature",
    "x-amz-credential",
    "x-goog-signature",
    "x-goog-credential",
    "csrf-token",
    "subscription-key",
    "otp",
    "nonce-token",
    "credentials",
};

// Keys that hold a whole bag of headers or a connection text with its password.
constexpr std::string_view kBagEnds[] = {"header", "headers", "metadata"};
constexpr std::string_view kConnectionKeys[] = {"db.connection_string", "db.connection-string"};

constexpr int kMaxDepth = 3;  // URLs inside parameters of URLs

char fold(char c) {
    if (c >= 'A' && c <= 'Z') {
        return static_cast<char>(c - 'A' + 'a');
    }
    return c == '_' ? '-' : c;
}

std::string folded(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), fold);
    return out;
}

bool same_folded(std::string_view text, std::string_view name) {
    return std::equal(text.begin(), text.end(), name.begin(), name.end(), [](char a, char b) {
        return fold(a) == b;
    });
}

std::uint32_t letter_bit(char c) {
    const char letter = fold(c);
    return letter >= 'a' && letter <= 'z' ? 2U << (letter - 'a') : 1U;
}

std::string_view last_segment(std::string_view key) {
    const std::size_t dot = key.rfind('.');
    return dot == std::string_view::npos ? key : key.substr(dot + 1);
}

bool ends_value(char c) {
    return c == '&' || c == ';' || c == '#' || c == '"' || c == '\'' || c == '<' || c == '>' ||
           c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\\' || c == ',' || c == ')' ||
           c == '}';
}

bool starts_parameter(char c) { return c == '?' || c == '&' || c == ';' || c == '#'; }

bool is_name_char(char c) {
    return !starts_parameter(c) && c != '/' && c != '=' && !ends_value(c) && c != '(' && c != '{';
}

bool ends_authority(char c) {
    return c == '/' || c == '?' || c == '#' || c == '"' || c == '\'' || c == '<' || c == '>' ||
           static_cast<unsigned char>(c) <= ' ';
}

// The innermost part of "user[password]", decoded.
std::string parameter_name(std::string_view raw) {
    std::string name = raw.find('%') == std::string_view::npos
                           ? std::string(raw)
                           : percent_decode(raw, true).value_or(std::string(raw));
    if (name.size() > 2 && name.back() == ']') {
        const std::size_t open = name.rfind('[');
        if (open != std::string::npos && open + 2 < name.size()) {
            return name.substr(open + 1, name.size() - open - 2);
        }
    }
    return name;
}

// A piece of a text to replace: [from, to).
struct Cut {
    std::size_t from = 0;
    std::size_t to = 0;
};

// The user information of the URL whose "://" stands at `at`.
std::optional<Cut> user_information(std::string_view text, std::size_t at) {
    const std::size_t begin = at + 3;
    std::size_t end = begin;
    while (end < text.size() && !ends_authority(text[end])) {
        ++end;
    }
    const std::size_t sign = text.substr(begin, end - begin).rfind('@');
    if (sign == std::string_view::npos || sign == 0) {
        return std::nullopt;
    }
    return Cut{begin, begin + sign};
}

}  // namespace

Masker::Masker() : Masker(std::span<const std::string>{}) {}

Masker::Masker(std::span<const std::string> extra) {
    for (const std::string_view name : kAnywhereNames) {
        add(name, Use::kAnywhere);
    }
    for (const std::string_view name : kParameterNames) {
        add(name, Use::kParameter);
    }
    for (const std::string& name : extra) {
        add(trim(name), Use::kAnywhere);
    }
}

void Masker::add(std::string_view name, Use use) {
    if (name.empty()) {
        return;
    }
    Name entry{folded(name), use};
    if (name.size() >= kMaxName) {
        long_names_.push_back(std::move(entry));
        return;
    }
    first_letters_[name.size()] |= letter_bit(name.front());
    std::vector<Name>& names = by_length_[name.size()];
    const auto known = std::find_if(names.begin(), names.end(), [&](const Name& n) {
        return n.text == entry.text;
    });
    if (known == names.end()) {
        names.push_back(std::move(entry));
    } else if (use == Use::kAnywhere) {
        known->use = Use::kAnywhere;
    }
}

const Masker::Name* Masker::find(std::string_view name) const {
    const std::vector<Name>* names = &long_names_;
    if (name.size() < kMaxName) {
        if (name.empty() || (first_letters_[name.size()] & letter_bit(name.front())) == 0) {
            return nullptr;
        }
        names = &by_length_[name.size()];
    }
    const auto found = std::find_if(names->begin(), names->end(), [&](const Name& n) {
        return same_folded(name, n.text);
    });
    return found == names->end() ? nullptr : &*found;
}

bool Masker::secret_key(std::string_view key) const {
    const Name* name = find(key);
    if (name == nullptr) {
        const std::string_view last = last_segment(key);
        name = last.size() == key.size() ? nullptr : find(last);
    }
    return name != nullptr && name->use == Use::kAnywhere;
}

bool Masker::secret_parameter(std::string_view name, bool in_url) const {
    const Name* found = find(name);
    return found != nullptr && (in_url || found->use == Use::kAnywhere);
}

bool Masker::secret_bag(std::string_view key, std::string_view text) const {
    const std::string_view last = last_segment(key);
    if (last.size() < 6 || last.size() > 17) {
        return false;
    }
    if (last.size() == 17) {
        return std::any_of(
            std::begin(kConnectionKeys),
            std::end(kConnectionKeys),
            [&](std::string_view k) { return iequals(key, k); }
        );
    }
    const bool bag =
        std::any_of(std::begin(kBagEnds), std::end(kBagEnds), [&](std::string_view end) {
            return iequals(last, end);
        });
    if (!bag) {
        return false;
    }
    // Any word of the text that is a sensitive name.
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && is_name_char(text[end]) && text[end] != ':' &&
               text[end] != '[' && text[end] != ']') {
            ++end;
        }
        if (end > at && secret_parameter(text.substr(at, end - at), false)) {
            return true;
        }
        at = end + 1;
    }
    return false;
}

bool Masker::sensitive(const Tag& tag) const {
    if (tag.type() == ValueType::kBool) {
        return false;
    }
    if (secret_key(tag.key())) {
        return true;
    }
    if (tag.type() != ValueType::kString && tag.type() != ValueType::kBinary) {
        return false;
    }
    return secret_bag(tag.key(), tag.text()) ||
           mask_into(tag.text(), iequals(last_segment(tag.key()), "query"), 0, nullptr);
}

std::string Masker::masked_text(const Tag& tag) const {
    const bool text = tag.type() == ValueType::kString || tag.type() == ValueType::kBinary;
    if (!text || secret_key(tag.key()) || secret_bag(tag.key(), tag.text())) {
        return std::string(kMask);
    }
    std::string out;
    mask_into(tag.text(), iequals(last_segment(tag.key()), "query"), 0, &out);
    return out;
}

bool Masker::sensitive_text(std::string_view text) const {
    return mask_into(text, false, 0, nullptr);
}

std::string Masker::masked_text(std::string_view text) const {
    std::string out;
    mask_into(text, false, 0, &out);
    return out;
}

bool Masker::mask_into(std::string_view text, bool query, int depth, std::string* out) const {
    std::size_t copied = 0;
    bool any = false;
    const auto replace = [&](Cut cut) {
        any = true;
        if (out != nullptr) {
            out->append(text.substr(copied, cut.from - copied)).append(kMask);
        }
        copied = cut.to;
    };
    // Every secret of a text stands behind one of these two.
    std::size_t equals = text.find('=');
    std::size_t sign = text.find('@');
    while (equals != std::string_view::npos || sign != std::string_view::npos) {
        if (sign < equals) {
            const std::size_t scheme = text.substr(0, sign).rfind("://");
            if (scheme != std::string_view::npos && scheme + 3 >= copied) {
                if (const auto cut = user_information(text, scheme)) {
                    if (cut->to >= sign) {
                        replace(*cut);
                        sign = cut->to;
                    }
                }
            }
            sign = text.find('@', sign + 1);
            if (any && out == nullptr) {
                return true;
            }
            continue;
        }
        std::size_t begin = equals;
        while (begin > copied && is_name_char(text[begin - 1])) {
            --begin;
        }
        std::size_t end = equals + 1;
        while (end < text.size() && !ends_value(text[end])) {
            ++end;
        }
        const std::string_view value = text.substr(equals + 1, end - equals - 1);
        const bool in_url = begin == 0 ? query : starts_parameter(text[begin - 1]);
        const std::string_view raw = text.substr(begin, equals - begin);
        bool secret =
            !value.empty() && value != kMask && secret_parameter(parameter_name(raw), in_url);
        if (!secret && depth < kMaxDepth && value.find('%') != std::string_view::npos) {
            const auto decoded = percent_decode(value, false);
            secret = decoded && mask_into(*decoded, false, depth + 1, nullptr);
        }
        if (secret) {
            replace({equals + 1, end});
            if (out == nullptr) {
                return true;
            }
            equals = text.find('=', end);
            sign = sign == std::string_view::npos || sign >= end ? sign : text.find('@', end);
        } else {
            equals = text.find('=', equals + 1);
        }
    }
    if (out != nullptr) {
        out->append(text.substr(copied));
    }
    return any;
}

}  // namespace meshscope::business
