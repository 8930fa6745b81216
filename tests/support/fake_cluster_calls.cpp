#include "tests/support/fake_cluster.hpp"

#include <utility>

namespace meshscope::test {

namespace {

using clients::AccessQuestion;

bool allows(const FakeCluster::User& user, const AccessQuestion& question) {
    const std::string& ns = question.ns;
    const bool core = question.group.empty();
    if (core && question.resource == "namespaces") {
        if (question.verb == "list") {
            return user.lists_namespaces;
        }
        return question.verb == "get" &&
               (user.gets_any_namespace ||
                (!ns.empty() && question.name == ns && user.namespaces.contains(ns)));
    }
    if (core && question.resource == "pods" && question.verb == "get") {
        const bool place =
            user.gets_pods_everywhere || (!ns.empty() && user.namespaces.contains(ns));
        return place &&
               (question.subresource.empty() || (question.subresource == "log" && user.reads_logs));
    }
    return false;
}

}  // namespace

void FakeCluster::add_user(const std::string& token, User user) {
    const std::scoped_lock lock(mutex_);
    users_[token] = std::move(user);
}

void FakeCluster::remove_user(const std::string& token) {
    const std::scoped_lock lock(mutex_);
    users_.erase(token);
}

void FakeCluster::fail_with(std::optional<Error> error) {
    const std::scoped_lock lock(mutex_);
    error_ = std::move(error);
}

std::map<std::string, int> FakeCluster::calls() const {
    const std::scoped_lock lock(mutex_);
    return calls_;
}

std::vector<AccessQuestion> FakeCluster::questions() const {
    const std::scoped_lock lock(mutex_);
    return questions_;
}

std::optional<Error> FakeCluster::begin(const RequestContext& context, const std::string& call) {
    ++calls_[call];
    if (context.bill) {
        ++context.bill->of("kubernetes").calls;
    }
    return error_;
}

Result<FakeCluster::User> FakeCluster::user_of(const RequestContext& context) const {
    const auto& credentials = context.caller.credentials;
    if (credentials && credentials->server_account) {
        return User{"server", {}, true, true, true, true};
    }
    const auto found = credentials ? users_.find(credentials->token) : users_.end();
    if (found == users_.end()) {
        return Error(ErrorKind::kUnauthenticated, "Kubernetes does not know the token");
    }
    if (credentials->impersonate_user.empty()) {
        return found->second;
    }
    for (const auto& [token, user] : users_) {
        if (user.name == credentials->impersonate_user) {
            return user;
        }
    }
    return User{credentials->impersonate_user, {}};
}

Result<models::Pod> FakeCluster::find_pod(
    const RequestContext& context, const std::string& ns, const std::string& name, bool logs
) const {
    const auto user = user_of(context);
    if (!user) {
        return user.error();
    }
    if (!allows(*user, {"get", "", "pods", logs ? "log" : "", ns, name})) {
        return Error(
            ErrorKind::kForbidden,
            "pods \"" + name + "\" is forbidden: User \"" + user->name +
                "\" cannot get it in the namespace \"" + ns + "\""
        );
    }
    const auto found = views_.find(ns);
    const models::Pod* pod = found == views_.end() ? nullptr : found->second.find_pod(name);
    if (pod == nullptr) {
        return Error(ErrorKind::kNotFound, "pods \"" + name + "\" not found");
    }
    return *pod;
}

Awaitable<Result<models::Pod>> FakeCluster::pod(
    RequestContext context, std::string ns, std::string name
) {
    const std::scoped_lock lock(mutex_);
    if (auto error = begin(context, "pod")) {
        co_return std::move(*error);
    }
    co_return find_pod(context, ns, name, false);
}

Awaitable<Result<clients::TokenOwner>> FakeCluster::review_token(
    RequestContext context, std::string token
) {
    const std::scoped_lock lock(mutex_);
    if (auto error = begin(context, "review_token")) {
        co_return std::move(*error);
    }
    clients::TokenOwner owner;
    const auto found = users_.find(token);
    if (found == users_.end()) {
        owner.error = "the token is not known";
        co_return owner;
    }
    owner.authenticated = true;
    owner.username = found->second.name;
    owner.groups = {"system:authenticated"};
    co_return owner;
}

Awaitable<Result<clients::AccessAnswer>> FakeCluster::may_i(
    RequestContext context, AccessQuestion question
) {
    const std::scoped_lock lock(mutex_);
    questions_.push_back(question);
    if (auto error = begin(context, "may_i")) {
        co_return std::move(*error);
    }
    const auto user = user_of(context);
    if (!user) {
        co_return user.error();
    }
    clients::AccessAnswer answer;
    answer.allowed = context.caller.credentials->server_account || allows(*user, question);
    co_return answer;
}

Awaitable<Result<clients::AccessRules>> FakeCluster::my_rules(
    RequestContext context, std::string ns
) {
    const std::scoped_lock lock(mutex_);
    if (auto error = begin(context, "my_rules")) {
        co_return std::move(*error);
    }
    const auto user = user_of(context);
    if (!user) {
        co_return user.error();
    }
    clients::AccessRules rules;
    if (allows(*user, {"get", "", "pods", "", ns, ""})) {
        rules.rules.push_back({{"get"}, {""}, {"pods"}, {}});
    }
    if (allows(*user, {"get", "", "pods", "log", ns, ""})) {
        rules.rules.push_back({{"get"}, {""}, {"pods/log"}, {}});
    }
    co_return rules;
}

}  // namespace meshscope::test
