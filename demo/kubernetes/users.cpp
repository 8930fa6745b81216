#include "demo/kubernetes/users.hpp"

#include "core/json_object.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <string>

namespace meshscope::demo {
namespace {

constexpr std::string_view kAny = "*";
constexpr std::string_view kAnonymous = "system:anonymous";

bool holds(const std::vector<std::string_view>& values, std::string_view wanted) {
    return std::any_of(values.begin(), values.end(), [wanted](std::string_view value) {
        return value == kAny || value == wanted;
    });
}

// What a viewer's role allows.
std::vector<Rule> reads(const std::vector<std::string_view>& namespaces) {
    return {
        {{"get", "list", "watch"},
         {""},
         {"namespaces", "pods", "pods/log", "services", "endpoints", "replicationcontrollers"},
         namespaces},
        {{"get", "list", "watch"},
         {"apps",
          "batch",
          "networking.istio.io",
          "security.istio.io",
          "telemetry.istio.io",
          "gateway.networking.k8s.io"},
         {kAny},
         namespaces},
    };
}

Rule reviews_of_oneself() {
    return {
        {"create"},
        {"authorization.k8s.io", "authentication.k8s.io"},
        {"selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"},
        {}
    };
}

// The account that a JSON web token is of, "" when it is not of this cluster or has expired.
std::string account_of(std::string_view token, SystemTime now) {
    constexpr std::string_view kAccount = "system:serviceaccount:demo:";
    const auto parts = split(token, '.');
    if (parts.size() != 3 || base64_decode(parts[2]) != "demo") {
        return "";
    }
    const auto claims = JsonObject::parse(base64_decode(parts[1]).value_or(""));
    const std::string_view subject = claims ? claims->text("sub").value_or("") : "";
    const double seconds = static_cast<double>(to_micros(now)) / 1e6;
    if (!subject.starts_with(kAccount) || claims->number("exp").value_or(seconds + 1) <= seconds) {
        return "";
    }
    return std::string(subject.substr(kAccount.size()));
}

User person(std::string_view name, std::vector<Rule> rules) {
    rules.push_back(reviews_of_oneself());
    return {name, {"demo", "system:authenticated"}, std::move(rules)};
}

}  // namespace

Users::Users(bool anonymous_reads) {
    std::vector<Rule> server = reads({});
    server.push_back({{"create"}, {"authentication.k8s.io"}, {"tokenreviews"}, {}});
    users_.push_back(person("demo-server", std::move(server)));
    users_.push_back(person("demo-admin", {{{kAny}, {kAny}, {kAny}, {}}}));
    users_.push_back(person("demo-a", reads({"bookinfo"})));
    users_.push_back(person("demo-b", reads({"travel-agency"})));
    users_.push_back(person("demo-c", reads({"bank"})));
    users_.push_back(person("demo-nobody", {}));
    users_.push_back(
        {kAnonymous, {"system:unauthenticated"}, anonymous_reads ? reads({}) : std::vector<Rule>{}}
    );
}

const User* Users::with_token(std::string_view token, SystemTime now) const {
    if (token.empty()) {
        return named(kAnonymous);
    }
    constexpr std::string_view kEnd = "-token";
    std::string name;
    if (token.ends_with(kEnd)) {
        name = token.substr(0, token.size() - kEnd.size());
    } else {
        name = account_of(token, now);
    }
    return name == kAnonymous ? nullptr : named(name);
}

const User* Users::named(std::string_view name) const {
    const auto at = std::find_if(users_.begin(), users_.end(), [name](const User& user) {
        return user.name == name;
    });
    return at == users_.end() ? nullptr : &*at;
}

std::vector<const Rule*> rules_in(const User& user, std::string_view ns) {
    std::vector<const Rule*> out;
    for (const Rule& rule : user.rules) {
        if (rule.namespaces.empty() || holds(rule.namespaces, ns)) {
            out.push_back(&rule);
        }
    }
    return out;
}

bool allowed(const User& user, const Attempt& attempt) {
    const auto rules = rules_in(user, attempt.ns);
    return std::any_of(rules.begin(), rules.end(), [&attempt](const Rule* rule) {
        return holds(rule->verbs, attempt.verb) && holds(rule->groups, attempt.group) &&
               holds(rule->resources, attempt.resource);
    });
}

}  // namespace meshscope::demo
