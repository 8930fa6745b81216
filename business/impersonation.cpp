#include "business/impersonation.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace meshscope::business {

namespace {

constexpr std::size_t kLongest = 1024;
constexpr std::size_t kMost = 64;

bool is_printable(std::string_view text) {
    return !text.empty() && text.size() <= kLongest && text.front() != ' ' && text.back() != ' ' &&
           std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// Kubernetes keeps names of that form to itself: system:masters may do everything.
bool is_identity(std::string_view text) {
    return is_printable(text) && !text.starts_with("system:");
}

Error refused(std::string what) {
    return {ErrorKind::kUnauthenticated, "impersonation is refused: " + std::move(what)};
}

}  // namespace

std::optional<Error> refuse_impersonation(const CallerCredentials& credentials) {
    const auto& groups = credentials.impersonate_groups;
    const auto& extra = credentials.impersonate_extra;
    if (credentials.impersonate_user.empty()) {
        if (groups.empty() && extra.empty()) {
            return std::nullopt;
        }
        return refused("there is no Impersonate-User");
    }
    if (!is_identity(credentials.impersonate_user)) {
        return refused("this user cannot be impersonated");
    }
    if (groups.size() > kMost || extra.size() > kMost) {
        return refused("too many groups or extra values");
    }
    if (!std::ranges::all_of(groups, is_identity)) {
        return refused("one of these groups cannot be impersonated");
    }
    const auto fine = [](const auto& item) {
        return is_printable(item.first) && is_printable(item.second);
    };
    if (!std::ranges::all_of(extra, fine)) {
        return refused("an extra value is not printable");
    }
    return std::nullopt;
}

}  // namespace meshscope::business
