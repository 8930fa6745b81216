#pragma once

#include "core/clock.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace meshscope::demo {

// What somebody may do; "*" is anything.
struct Rule {
    std::vector<std::string_view> verbs;
    std::vector<std::string_view> groups;
    std::vector<std::string_view> resources;   // "pods", "pods/log"
    std::vector<std::string_view> namespaces;  // empty: in all and without
};

struct User {
    std::string_view name;
    std::vector<std::string_view> groups;
    std::vector<Rule> rules;
};

// A question to the authorizer, in the words of an access review.
struct Attempt {
    std::string verb;
    std::string group;
    std::string resource;  // "pods", "pods/log"
    std::string ns;        // "" all, or the kind has none
    std::string name;
};

// demo-server reads everything and reviews tokens, demo-admin may do anything, demo-a reads
// namespace bookinfo, demo-b travel-agency, demo-nobody has an account and no rights; last
// system:anonymous, which reads everything where `anonymous_reads`. A token is the user's name with
// "-token" behind it, or a JSON web token whose `sub` is "system:serviceaccount:demo:" and the
// name, whose signature is the text "demo", and whose `exp`, if any, has not come.
class Users {
 public:
    explicit Users(bool anonymous_reads);

    // nullptr: nobody has this token. "" is the anonymous user's.
    [[nodiscard]] const User* with_token(std::string_view token, SystemTime now) const;
    [[nodiscard]] const User* named(std::string_view name) const;

 private:
    std::vector<User> users_;
};

[[nodiscard]] bool allowed(const User& user, const Attempt& attempt);

// The user's rules that hold in that namespace.
[[nodiscard]] std::vector<const Rule*> rules_in(const User& user, std::string_view ns);

}  // namespace meshscope::demo
