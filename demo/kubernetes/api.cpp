#include "demo/kubernetes/api.hpp"

#include "core/text.hpp"
#include "demo/kubernetes/discovery.hpp"
#include "demo/kubernetes/list_pages.hpp"
#include "demo/kubernetes/pod_logs.hpp"
#include "demo/kubernetes/reviews.hpp"
#include "demo/kubernetes/status.hpp"
#include "demo/kubernetes/watch.hpp"
#include "demo/kubernetes/writes.hpp"

#include <utility>

namespace meshscope::demo {
namespace {

std::vector<std::string> segments(std::string_view path) {
    std::vector<std::string> out;
    for (const std::string_view part : split(path, '/')) {
        if (!part.empty()) {
            out.push_back(percent_decode(part, false).value_or(std::string(part)));
        }
    }
    return out;
}

bool is_set(const HttpRequest& request, std::string_view name) {
    const auto value = request.first(name);
    return value && (*value == "1" || *value == "true" || value->empty());
}

std::string_view bearer_of(std::string_view authorization) {
    constexpr std::string_view kScheme = "Bearer ";
    return authorization.starts_with(kScheme) ? trim(authorization.substr(kScheme.size()))
                                              : std::string_view();
}

HttpReply not_allowed() {
    return failure(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource"
    );
}

std::string_view verb_of(const HttpRequest& request, bool is_list) {
    if (!is_list) {
        return "get";
    }
    return is_set(request, "watch") ? "watch" : "list";
}

}  // namespace

KubernetesApi::KubernetesApi(LiveCluster& cluster, Counters& counters, KubernetesOptions options)
    : cluster_(cluster),
      counters_(counters),
      options_(options),
      users_(options.anonymous_reads),
      log_book_(cluster.stream()) {}

HttpReply KubernetesApi::handle(const HttpRequest& request) {
    const User* user = users_.with_token(bearer_of(request.authorization), cluster_.now());
    counters_.count("kubernetes_users", std::string(user == nullptr ? "unknown" : user->name));
    HttpReply reply;
    if (user == nullptr) {
        reply = failure(401, "Unauthorized", "Unauthorized");
    } else if (const std::string_view other = request.header("impersonate-user"); !other.empty()) {
        const Attempt attempt{"impersonate", "", "users", "", std::string(other)};
        const User* known = users_.named(other);
        reply = !allowed(*user, attempt) ? forbidden(*user, attempt)
                : known != nullptr       ? answer(request, *known)
                                         : answer(request, {other, {"system:authenticated"}, {}});
    } else {
        reply = answer(request, *user);
    }
    reply.headers.emplace_back("Cache-Control", "no-cache, private");
    return reply;
}

HttpReply KubernetesApi::answer(const HttpRequest& request, const User& user) {
    const std::vector<std::string> path = segments(request.path);
    if (path.empty()) {
        return page_not_found();
    }
    Target target;
    if (find(path, target)) {
        return resource(request, user, target);
    }
    if (path.size() == 4 && path[2] == "v1" && is_review(path[1], path[3])) {
        return reviewed(request, user, path[1], path[3]);
    }
    if (std::optional<HttpReply> found = discovery(path, custom_kinds_)) {
        counters_.count("kubernetes", path.front() == "version" ? "version" : "discovery");
        return *std::move(found);
    }
    return page_not_found();
}

bool KubernetesApi::find(const std::vector<std::string>& path, Target& target) const {
    const bool core = path.front() == "api";
    const std::size_t skip = core ? 2 : 3;
    if ((!core && path.front() != "apis") || path.size() <= skip) {
        return false;
    }
    const std::string_view group = core ? std::string_view() : path[1];
    const std::string& version = path[skip - 1];
    std::vector<std::string> rest(path.begin() + static_cast<std::ptrdiff_t>(skip), path.end());
    if (rest.size() > 2 && rest.front() == "namespaces") {
        target.ns = rest[1];
        rest.erase(rest.begin(), rest.begin() + 2);
    }
    for (const Resource& resource : resources()) {
        const bool there = custom_kinds_ || !resource.custom;
        if (there && resource.group == group && resource.version == version &&
            resource.plural == rest.front()) {
            target.resource = &resource;
        }
    }
    if (target.resource == nullptr || rest.size() > 3) {
        return false;
    }
    if (rest.size() > 1) {
        target.name = rest[1];
    }
    if (rest.size() > 2) {
        target.subresource = rest[2];
    }
    return target.resource->namespaced ? target.name.empty() || !target.ns.empty()
                                       : target.ns.empty();
}

Attempt KubernetesApi::attempt_of(std::string_view verb, const Target& target) {
    Attempt attempt;
    attempt.verb = verb;
    attempt.group = target.resource->group;
    attempt.resource = target.resource->plural;
    if (!target.subresource.empty()) {
        attempt.resource += "/" + target.subresource;
    }
    // Rights to a namespace are those in it.
    attempt.ns = target.resource->kind == "Namespace" ? target.name : target.ns;
    attempt.name = target.name;
    return attempt;
}

HttpReply KubernetesApi::write(const HttpRequest& request, const User& user, const Target& target) {
    const std::string_view verb = verb_of_write(request.method, target.name.empty());
    const bool has_place = !target.resource->namespaced || !target.ns.empty();
    if (verb.empty() || !has_place || !target.resource->writable || !target.subresource.empty()) {
        return not_allowed();
    }
    count(verb, *target.resource);
    const Attempt attempt = attempt_of(verb, target);
    if (!allowed(user, attempt)) {
        return forbidden(user, attempt);
    }
    return kubernetes_write(cluster_, request, {target.resource, target.ns, target.name});
}

HttpReply KubernetesApi::resource(
    const HttpRequest& request, const User& user, const Target& target
) {
    if (request.method != "GET" && request.method != "HEAD") {
        return write(request, user, target);
    }
    const bool is_list = target.name.empty();
    const Attempt attempt = attempt_of(verb_of(request, is_list), target);
    if (target.subresource == "log") {
        counters_.count("kubernetes", "log");
    } else {
        const bool goes_on = attempt.verb == "list" && request.first("continue");
        count(goes_on ? "page" : attempt.verb, *target.resource);
    }
    if (!allowed(user, attempt)) {
        return forbidden(user, attempt);
    }
    if (!target.subresource.empty()) {
        return log(request, target);
    }
    if (attempt.verb == "watch") {
        return start_watch(request, target);
    }
    return is_list ? list(request, target) : get(request, target);
}

HttpReply KubernetesApi::reviewed(
    const HttpRequest& request, const User& user, std::string_view group, std::string_view plural
) {
    if (request.method != "POST") {
        return not_allowed();
    }
    counters_.count("kubernetes", "review " + std::string(plural));
    const Attempt attempt{"create", std::string(group), std::string(plural), "", ""};
    if (!allowed(user, attempt)) {
        return forbidden(user, attempt);
    }
    return review(plural, request.body, user, users_, cluster_.now());
}

HttpReply KubernetesApi::log(const HttpRequest& request, const Target& target) {
    if (target.resource->kind != "Pod" || target.subresource != "log") {
        return page_not_found();
    }
    const ObjectPtr pod = cluster_.look([&target](const ObjectStore& store) {
        return store.find(*target.resource, target.ns, target.name);
    });
    return pod ? pod_log(cluster_, log_book_, pod, request, options_.look_every)
               : not_found("pods", "", target.name);
}

HttpReply KubernetesApi::list(const HttpRequest& request, const Target& target) {
    const Answer answer = answer_of(request.header("accept"), true);
    if (answer == Answer::kNotAcceptable) {
        return not_acceptable();
    }
    Result<ListPlan> plan = list_plan(request, *target.resource, target.ns);
    if (!plan) {
        return bad_request(plan.error().message());
    }
    return list_page(cluster_, *plan, answer);
}

HttpReply KubernetesApi::start_watch(const HttpRequest& request, const Target& target) {
    WatchPlan plan;
    plan.resource = target.resource;
    plan.ns = target.ns;
    plan.answer = answer_of(request.header("accept"), false);
    if (plan.answer == Answer::kNotAcceptable) {
        return not_acceptable();
    }
    if (request.first("sendInitialEvents")) {
        return failure(
            422,
            "Invalid",
            "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: "
            "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled"
        );
    }
    Result<ListPlan> list = list_plan(request, *target.resource, target.ns);
    if (!list) {
        return bad_request(list.error().message());
    }
    plan.selectors = std::move(list->selectors);
    plan.version = list->version.value_or(0);
    plan.from_nothing = plan.version == 0;
    plan.bookmarks = is_set(request, "allowWatchBookmarks");
    plan.most = list->timeout;
    plan.bookmark_every = options_.bookmark_every;
    plan.look_every = options_.look_every;
    plan.custom_kinds = &custom_kinds_;
    return watch(cluster_, std::move(plan));
}

HttpReply KubernetesApi::get(const HttpRequest& request, const Target& target) {
    const Answer answer = answer_of(request.header("accept"), false);
    if (answer == Answer::kNotAcceptable) {
        return not_acceptable();
    }
    const ObjectPtr object = cluster_.look([&target](const ObjectStore& store) {
        return store.find(*target.resource, target.ns, target.name);
    });
    if (!object) {
        return not_found(target.resource->qualified(), target.resource->group, target.name);
    }
    HttpReply reply;
    reply.body = object_text(*object, answer, cluster_.now());
    return reply;
}

void KubernetesApi::count(std::string_view what, const Resource& resource) {
    counters_.count("kubernetes", std::string(what) + " " + resource.qualified());
}

}  // namespace meshscope::demo
