#include "server/sealed_cookies.hpp"

#include "core/text.hpp"
#include "server/response_head.hpp"
#include "server/sealed_text.hpp"

#include <algorithm>
#include <charconv>

namespace meshscope::server {

namespace {

using Cookies = std::vector<std::pair<std::string_view, std::string_view>>;

// Digits without a sign or a leading zero.
std::optional<std::size_t> count_in(std::string_view text) {
    std::size_t count = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (text.empty() || text.front() == '0' || problem != std::errc() ||
        end != text.data() + text.size()) {
        return std::nullopt;
    }
    return count;
}

std::optional<std::string_view> value_of(const Cookies& cookies, std::string_view name) {
    const auto found =
        std::ranges::find_if(cookies, [&](const auto& cookie) { return cookie.first == name; });
    return found == cookies.end() ? std::nullopt : std::optional(found->second);
}

void add_cookie(
    Response& response, std::string_view name, std::string_view value, std::string_view attributes
) {
    std::string line;
    line.reserve(name.size() + value.size() + attributes.size() + 1);
    line.append(name).append("=").append(value).append(attributes);
    response.headers.add("Set-Cookie", std::move(line));
}

std::string attributes(std::string_view path, std::string_view expiry, bool secure) {
    std::string text = "; Path=";
    text.append(path).append("; ").append(expiry).append("; HttpOnly");
    return text.append(secure ? "; Secure" : "").append("; SameSite=Strict");
}

std::optional<std::string> opened(const std::vector<std::string>& keys, const std::string& text) {
    const std::optional<std::string> sealed = base64_decode(text);
    for (const std::string& key : keys) {
        std::optional<std::string> plain = sealed ? open_text(key, *sealed) : std::nullopt;
        if (plain) {
            return plain;
        }
    }
    return std::nullopt;
}

}  // namespace

std::vector<std::pair<std::string_view, std::string_view>> cookies_of(const Request& request) {
    Cookies cookies;
    for (const auto& [header, line] : request.headers.items()) {
        if (!iequals(header, "cookie")) {
            continue;
        }
        for (const std::string_view pair : split(line, ';')) {
            const std::size_t equals = pair.find('=');
            const std::string_view name = trim(pair.substr(0, equals));
            if (equals == std::string_view::npos || name.empty()) {
                continue;
            }
            std::string_view value = trim(pair.substr(equals + 1));
            if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
                value = value.substr(1, value.size() - 2);
            }
            cookies.emplace_back(name, value);
        }
    }
    return cookies;
}

SealedCookies::SealedCookies(CookieOptions options, CookieKeys keys)
    : options_(std::move(options)), keys_(std::move(keys)) {}

// A name that only begins like ours is that of another server at this address.
bool SealedCookies::is_ours(std::string_view name) const {
    if (name == options_.name || name == options_.count_name) {
        return true;
    }
    const bool longer = name.starts_with(options_.name) && name.size() > options_.name.size() + 1 &&
                        name[options_.name.size()] == '-';
    if (!longer) {
        return false;
    }
    const std::optional<std::size_t> index = count_in(name.substr(options_.name.size() + 1));
    return index && *index < options_.most_parts;
}

std::string SealedCookies::part_name(std::size_t index) const {
    return index == 0 ? options_.name : options_.name + "-" + std::to_string(index);
}

Result<> SealedCookies::seal(
    const Request& request,
    std::string_view text,
    SystemTime expires,
    bool secure,
    Response& response
) const {
    const std::vector<std::string> keys = keys_();
    const auto key = std::ranges::find_if(keys, is_seal_key);
    if (key == keys.end()) {
        return Error(ErrorKind::kInternal, "there is no key to seal a session with")
            .with_hint({"login_token.signing_key", "Give it a key of 16, 24 or 32 bytes."});
    }
    const Result<std::string> sealed = seal_text(*key, text);
    if (!sealed) {
        return sealed.error();
    }
    const std::string coded = base64_encode(*sealed);
    const std::size_t count = (coded.size() + options_.part - 1) / options_.part;
    if (count > options_.most_parts) {
        return Error(ErrorKind::kTooLarge, "the token is too large for a session cookie");
    }
    std::vector<std::string> written;
    const std::string kept =
        attributes(options_.path, "Expires=" + std::string(http_date(expires)), secure);
    for (std::size_t i = 0; i < count; ++i) {
        written.push_back(part_name(i));
        const std::string_view all = coded;
        add_cookie(response, written.back(), all.substr(i * options_.part, options_.part), kept);
    }
    if (count > 1) {
        written.push_back(options_.count_name);
        add_cookie(response, options_.count_name, std::to_string(count), kept);
    }
    Request stale;  // what the client has and this session does not
    for (const auto& [name, value] : cookies_of(request)) {
        if (std::ranges::find(written, name) == written.end()) {
            stale.headers.add("Cookie", std::string(name) + "=");
        }
    }
    clear(stale, secure, response);
    return {};
}

Result<std::optional<std::string>> SealedCookies::open(const Request& request) const {
    const Cookies cookies = cookies_of(request);
    const std::optional<std::string_view> first = value_of(cookies, options_.name);
    if (!first || first->empty()) {
        return std::optional<std::string>();
    }
    const std::vector<std::string> keys = keys_();
    const std::size_t count =
        count_in(value_of(cookies, options_.count_name).value_or("")).value_or(1);
    if (count > 1 && count <= options_.most_parts) {
        std::string whole(*first);
        std::optional<std::string_view> part;
        for (std::size_t i = 1; i < count; ++i) {
            part = value_of(cookies, part_name(i));
            if (!part) {
                break;
            }
            whole += *part;
        }
        std::optional<std::string> text = part ? opened(keys, whole) : std::nullopt;
        if (text) {
            return text;
        }
    }
    std::optional<std::string> text = opened(keys, std::string(*first));
    if (!text) {
        return Error(ErrorKind::kUnauthenticated, "the session cannot be read; log in again");
    }
    return text;
}

void SealedCookies::clear(const Request& request, bool secure, Response& response) const {
    constexpr std::string_view kPast = "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0";
    const std::string ended = attributes(options_.path, kPast, secure);
    std::vector<std::string_view> done;
    for (const auto& [name, value] : cookies_of(request)) {
        if (is_ours(name) && std::ranges::find(done, name) == done.end()) {
            done.push_back(name);
            add_cookie(response, name, "", ended);
        }
    }
}

}  // namespace meshscope::server
