#include "business/masking_names.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::business {

namespace {

// clang-format off
constexpr std::string_view kAnywhere[] = {
    "authorization", "proxy-authorization", "x-forwarded-authorization", "x-original-authorization",
    "authentication-info", "cookie", "cookie2", "set-cookie", "set-cookie2",
    "x-api-key", "api-key", "apikey", "x-goog-api-key", "x-functions-key", "ocp-apim-subscription-key",
    "x-auth-token", "x-access-token", "x-forwarded-access-token", "x-csrf-token", "x-xsrf-token",
    "x-session-token", "x-vault-token", "x-amz-security-token", "private-token",
    "password", "passwd", "passphrase", "secret", "client-secret", "client-assertion", "private-key",
    "access-token", "refresh-token", "id-token", "auth-token", "bearer-token", "session-token",
};
constexpr std::string_view kParameter[] = {
    "token", "accesstoken", "refreshtoken", "authtoken", "csrf-token", "jwt", "auth", "assertion",
    "pwd", "pass", "otp", "credentials", "subscription-key",
    "sig", "signature", "x-amz-signature", "x-amz-credential", "x-goog-signature", "x-goog-credential",
    "code", "code-verifier", "ticket", "samlresponse", "samlrequest",
    "session", "sessionid", "session-id", "sid", "jsessionid", "phpsessid",
};
// clang-format on

char fold(char c) {
    if (c >= 'A' && c <= 'Z') {
        return static_cast<char>(c - 'A' + 'a');
    }
    return c == '_' ? '-' : c;
}

std::uint32_t letter_bit(char c) {
    const char letter = fold(c);
    return letter >= 'a' && letter <= 'z' ? 2U << (letter - 'a') : 1U;
}

bool same(std::string_view text, std::string_view name) {
    return std::equal(text.begin(), text.end(), name.begin(), name.end(), [](char a, char b) {
        return fold(a) == b;
    });
}

}  // namespace

SecretNames::SecretNames(std::span<const std::string> extra) {
    for (const std::string_view name : kAnywhere) {
        add(name, Use::kAnywhere);
    }
    for (const std::string_view name : kParameter) {
        add(name, Use::kParameter);
    }
    for (const std::string& name : extra) {
        add(trim(name), Use::kAnywhere);
    }
}

void SecretNames::add(std::string_view name, Use use) {
    if (name.empty()) {
        return;
    }
    std::string text(name);
    std::transform(text.begin(), text.end(), text.begin(), fold);
    const bool is_long = name.size() >= kLengths;
    std::vector<Name>& names = is_long ? long_names_ : by_length_[name.size()];
    if (!is_long) {
        letters_[name.size()] |= letter_bit(name.front());
    }
    for (Name& known : names) {
        if (known.text == text) {
            known.use = use == Use::kAnywhere ? use : known.use;
            return;
        }
    }
    names.push_back({std::move(text), use});
}

const SecretNames::Name* SecretNames::find(std::string_view name) const {
    const std::vector<Name>* names = &long_names_;
    if (name.size() < kLengths) {
        if (name.empty() || (letters_[name.size()] & letter_bit(name.front())) == 0) {
            return nullptr;
        }
        names = &by_length_[name.size()];
    }
    for (const Name& known : *names) {
        if (same(name, known.text)) {
            return &known;
        }
    }
    return nullptr;
}

bool SecretNames::anywhere(std::string_view name) const {
    const Name* found = find(name);
    return found != nullptr && found->use == Use::kAnywhere;
}

bool SecretNames::parameter(std::string_view name) const { return find(name) != nullptr; }

}  // namespace meshscope::business
