#include "business/token_claims.hpp"

#include "core/json_object.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace meshscope::business {

namespace {

constexpr std::size_t kLongestName = 256;
constexpr std::string_view kServiceAccount = "system:serviceaccount:";
constexpr std::string_view kNoName = "token";
constexpr double kLatest = 253'402'300'799;  // the end of the year 9999, in seconds

std::optional<JsonObject> claims(std::string_view token) {
    const std::vector<std::string_view> parts = split(token, '.');
    if (parts.size() != 3) {
        return std::nullopt;
    }
    const std::optional<std::string> text = base64_decode(parts[1]);
    return text ? JsonObject::parse(*text) : std::nullopt;
}

}  // namespace

std::string display_name(std::string_view user) {
    if (user.starts_with(kServiceAccount)) {
        user.remove_prefix(kServiceAccount.size());
    }
    user = user.substr(0, kLongestName);
    const bool printable = std::ranges::all_of(user, [](char c) { return c >= ' ' && c <= '~'; });
    return printable ? std::string(user) : std::string();
}

std::string name_in_token(std::string_view token) {
    const std::optional<JsonObject> said = claims(token);
    const std::string name = said ? display_name(said->text("sub").value_or("")) : std::string();
    return name.empty() ? std::string(kNoName) : name;
}

std::optional<SystemTime> expiry_in_token(std::string_view token) {
    const std::optional<JsonObject> said = claims(token);
    const std::optional<double> seconds = said ? said->number("exp") : std::nullopt;
    if (!seconds) {
        return std::nullopt;
    }
    const double bounded = std::clamp(*seconds, 0.0, kLatest);
    return from_micros(static_cast<std::int64_t>(bounded) * 1'000'000);
}

}  // namespace meshscope::business
