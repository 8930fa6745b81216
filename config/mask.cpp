#include "config/mask.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace meshscope::config {

namespace {

constexpr std::string_view kSpace = " \t\r\n";

// "host:pass" before the first '/', where a port would be digits: the '/' belongs to a password.
bool port_is_strange(std::string_view authority) {
    if (authority.starts_with('[')) {
        return false;
    }
    const std::size_t colon = authority.find(':');
    return colon != std::string_view::npos &&
           authority.find_first_not_of("0123456789", colon + 1) != std::string_view::npos;
}

// Where the userinfo at the front of `text` ends (the place of its '@'), npos when there is none.
std::size_t userinfo_end(std::string_view text) {
    const std::string_view word = text.substr(0, text.find_first_of(kSpace));
    const std::string_view authority = word.substr(0, word.find_first_of("/?#"));
    const std::size_t at = authority.rfind('@');
    if (at != std::string_view::npos) {
        return at;
    }
    return port_is_strange(authority) ? word.rfind('@') : std::string_view::npos;
}

// Where the text after the next "://" begins, npos when there is none.
std::size_t after_scheme(std::string_view text, std::size_t from) {
    const std::size_t found = text.find("://", from);
    return found == std::string_view::npos ? found : found + 3;
}

// Whether a parameter of that name holds what nobody may read.
bool is_secret_name(std::string_view name) {
    constexpr std::array<std::string_view, 8> kParts{
        "token", "key", "secret", "pass", "auth", "credential", "signature", "session"
    };
    constexpr std::array<std::string_view, 4> kNames{"sig", "pwd", "jwt", "code"};
    const std::string lower = to_lower(name);
    return std::ranges::find(kNames, lower) != kNames.end() ||
           std::ranges::any_of(kParts, [&](std::string_view part) {
               return lower.find(part) != std::string::npos;
           });
}

std::string mask_parameters(std::string_view text) {
    std::string masked;
    std::size_t copied = 0;
    std::size_t at = text.find_first_of("?&");
    for (; at != std::string_view::npos; at = text.find_first_of("?&", at + 1)) {
        const std::size_t sign = text.find_first_of("=?&# \t\r\n", at + 1);
        if (sign == std::string_view::npos || text[sign] != '=' ||
            !is_secret_name(text.substr(at + 1, sign - at - 1))) {
            continue;
        }
        const std::size_t end = std::min(text.find_first_of("&# \t\r\n", sign), text.size());
        masked.append(text.substr(copied, sign + 1 - copied)).append(kMasked);
        copied = end;
    }
    return masked.append(text.substr(copied));
}

std::string mask_userinfo(std::string_view text) {
    std::string masked;
    std::size_t copied = 0;
    std::size_t start = after_scheme(text, 0);
    if (start == std::string_view::npos) {
        const std::size_t at = userinfo_end(text);
        if (at == std::string_view::npos ||
            text.substr(0, at).find(':') == std::string_view::npos) {
            return std::string(text);
        }
        return std::string(kMasked) + std::string(text.substr(at));
    }
    while (start != std::string_view::npos) {
        const std::size_t at = userinfo_end(text.substr(start));
        if (at != std::string_view::npos) {
            masked += text.substr(copied, start - copied);
            masked += kMasked;
            copied = start + at;
        }
        start = after_scheme(text, std::max(start, copied));
    }
    masked += text.substr(copied);
    return masked;
}

}  // namespace

std::string mask_urls(std::string_view text) { return mask_parameters(mask_userinfo(text)); }

}  // namespace meshscope::config
