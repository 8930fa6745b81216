#include "clients/http/oauth2_token.hpp"

#include "core/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace meshscope::clients {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxDescription = 200;
constexpr std::chrono::seconds kLongestLife = std::chrono::hours(24 * 365);

// Without query and userinfo.
std::string shown_url(const OAuth2Options& options) {
    const auto place = parse_token_url(options.token_url);
    return place ? place->origin.to_string() + place->target.substr(0, place->target.find('?'))
                 : "";
}

std::string setting(const OAuth2Options& options, std::string_view key) {
    return options.setting_prefix + ".auth.oauth2." + std::string(key);
}

bool fits_in_header(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) > 0x20 && c != 0x7F;
    });
}

std::string basic_pair(const OAuth2Options& options, const std::string& secret) {
    return base64_encode(percent_encode(options.client_id) + ":" + percent_encode(secret));
}

// In every form in which it was sent.
std::string without(std::string text, const OAuth2Options& options, const std::string& secret) {
    const std::string encoded = percent_encode(secret);
    for (const std::string& word :
         {basic_pair(options, secret), secret, encoded, base64_encode(secret)}) {
        for (std::size_t at = 0;
             !word.empty() && (at = text.find(word, at)) != std::string::npos;) {
            text.replace(at, word.size(), "***");
            at += 3;
        }
    }
    return text;
}

// What the endpoint says, short and printable.
std::string cleaned(
    std::string_view text, const OAuth2Options& options, const std::string& secret
) {
    std::string out = without(std::string(text), options, secret).substr(0, kMaxDescription);
    out = to_valid_utf8(out);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' '
    );
    return out;
}

std::string text_member(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// One of the words of RFC 6749 5.2 and its extensions; "" for anything else.
std::string error_word(const Json& json) {
    std::string word = text_member(json, "error");
    const bool plain = word.size() <= 40 && std::all_of(word.begin(), word.end(), [](char c) {
                           return (c >= 'a' && c <= 'z') || c == '_';
                       });
    return plain ? word : std::string();
}

Hint hint_for(const std::string& word, const OAuth2Options& options) {
    if (word == "invalid_scope") {
        return {setting(options, "scopes"), "ask only for scopes that this client may have"};
    }
    if (word == "invalid_target" || word == "invalid_resource") {
        return {setting(options, "audience"), "name an audience that the token endpoint knows"};
    }
    if (word == "unsupported_grant_type" || word == "unauthorized_client") {
        return {
            setting(options, "client_id"), "allow the client_credentials grant for this client"
        };
    }
    return {
        setting(options, "client_secret"),
        "check client_id and client_secret, and auth_style (header or params)"
    };
}

Error refused(
    const HttpResponse& response, const OAuth2Options& options, const std::string& secret
) {
    const Json json = Json::parse(response.body, nullptr, false);
    const std::string word = json.is_object() ? error_word(json) : std::string();
    const std::string status = std::to_string(response.status);
    const std::string place = "the token endpoint " + shown_url(options);
    if (response.status == 429 || response.status >= 500) {
        return Error(ErrorKind::kUpstreamUnavailable, place + " answers " + status)
            .with_hint({setting(options, "token_url"), "check that the token endpoint is well"});
    }
    const bool denied = response.status == 400 || response.status == 401 || response.status == 403;
    if (!denied) {
        return Error(ErrorKind::kUpstreamProtocol, place + " answers " + status)
            .with_hint({setting(options, "token_url"), "set it to the token endpoint's own URL"});
    }
    const std::string said = json.is_object()
                                 ? cleaned(text_member(json, "error_description"), options, secret)
                                 : std::string();
    return Error(
               ErrorKind::kUpstreamAuth,
               place + " refuses the client (" + status + (word.empty() ? "" : ", " + word) + ")"
    )
        .with_detail(said)
        .with_hint(hint_for(word, options));
}

Error no_token(const OAuth2Options& options, const std::string& cause) {
    return Error(
               ErrorKind::kUpstreamProtocol,
               "the token endpoint " + shown_url(options) + " gives no usable token: " + cause
    )
        .with_hint({setting(options, "token_url"), "set it to the token endpoint's own URL"});
}

// Seconds as a number or, as some servers write them, as text.
std::optional<std::chrono::seconds> life_of(const Json& json) {
    const auto found = json.find("expires_in");
    double seconds = 0;
    if (found != json.end() && found->is_number()) {
        seconds = found->get<double>();
    } else if (found != json.end() && found->is_string()) {
        const auto& text = found->get_ref<const std::string&>();
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        if (error != std::errc() || end != text.data() + text.size()) {
            seconds = 0;
        }
    }
    if (!(seconds > 0)) {
        return std::nullopt;
    }
    const double longest = static_cast<double>(kLongestLife.count());
    return std::chrono::seconds(static_cast<std::int64_t>(std::min(seconds, longest)));
}

}  // namespace

bool is_due(const OAuth2Token& token, SteadyTime now) {
    if (!token.expires) {
        return false;
    }
    const auto life = *token.expires - token.fetched;
    const SteadyTime::duration least = std::chrono::seconds(10);
    const SteadyTime::duration most = std::chrono::minutes(5);
    const auto margin = std::min(std::clamp(life / 10, least, most), life / 2);
    return *token.expires - now < margin;
}

bool is_expired(const OAuth2Token& token, SteadyTime now) {
    return token.expires && now >= *token.expires;
}

Result<TokenPlace> parse_token_url(std::string_view url) {
    const std::string_view whole = trim(url);
    const std::string_view plain = whole.substr(0, whole.find_first_of("?#"));
    const auto origin = parse_url(plain);
    if (!origin) {
        return origin.error();
    }
    TokenPlace place{*origin, ""};
    place.origin.path.clear();
    const std::string_view rest = whole.substr(0, whole.find('#'));
    const std::size_t authority = rest.find("://") + 3;
    const std::size_t path = rest.find_first_of("/?", authority);
    place.target = path == std::string_view::npos ? "/" : std::string(rest.substr(path));
    if (place.target.front() == '?') {
        place.target.insert(0, "/");
    }
    return place;
}

HttpRequest token_request(
    const OAuth2Options& options, const TokenPlace& place, const std::string& secret, ClientAuth how
) {
    HttpRequest request;
    request.method = "POST";
    request.target = place.target;
    request.headers = {
        {"content-type", "application/x-www-form-urlencoded"}, {"accept", "application/json"}
    };
    request.body = "grant_type=client_credentials";
    const auto add = [&](const char* key, const std::string& value) {
        request.body += std::string("&") + key + "=" + percent_encode(value);
    };
    std::string scopes;
    for (const std::string& scope : options.scopes) {
        scopes += (scopes.empty() ? "" : " ") + scope;
    }
    if (!scopes.empty()) {
        add("scope", scopes);
    }
    if (!options.audience.empty()) {
        add("audience", options.audience);
    }
    if (how == ClientAuth::kParams) {
        add("client_id", options.client_id);
        add("client_secret", secret);
    } else {
        request.headers.emplace_back("authorization", "Basic " + basic_pair(options, secret));
    }
    return request;
}

Result<OAuth2Token> read_token(
    const HttpResponse& response,
    const OAuth2Options& options,
    const std::string& secret,
    SteadyTime now
) {
    if (response.incomplete) {
        return no_token(options, "its answer ends early");
    }
    if (response.status / 100 != 2) {
        return refused(response, options, secret);
    }
    const Json json = Json::parse(response.body, nullptr, false);
    if (!json.is_object()) {
        return no_token(options, "the answer is not a JSON object");
    }
    OAuth2Token token;
    token.value = text_member(json, "access_token");
    if (!fits_in_header(token.value)) {
        return no_token(options, "access_token is missing, empty or cannot be sent in a header");
    }
    const std::string type = text_member(json, "token_type");
    if (!type.empty() && !iequals(type, "bearer")) {
        return no_token(options, "token_type is not bearer");
    }
    token.fetched = now;
    if (const auto life = life_of(json)) {
        token.expires = now + *life;
    }
    return token;
}

}  // namespace meshscope::clients
