// What a Cluster says of objects and rights, whatever is behind it.
#include "tests/contract/cluster_suite.hpp"

#include <algorithm>

namespace meshscope::contract {

using clients::AccessQuestion;

std::vector<ClusterImplementation> cluster_implementations() {
    return {{"fake", make_fake_cluster_backend}, {"kubernetes", make_kubernetes_backend}};
}

TEST_CASE("contract: a snapshot holds the objects, by name and ascending") {
    const ClusterImplementation& implementation = any_cluster();
    INFO(implementation.name);
    const auto backend = implementation.make();
    const auto snapshot = backend->cluster().snapshot();
    REQUIRE(snapshot);
    CHECK(snapshot->cluster == "Kubernetes");
    CHECK(snapshot->generation > 0);
    CHECK(std::is_sorted(
        snapshot->namespaces.begin(),
        snapshot->namespaces.end(),
        [](const auto& a, const auto& b) { return a->object.meta.name < b->object.meta.name; }
    ));
    CHECK(snapshot->find("nope") == nullptr);
    REQUIRE(snapshot->find("travel-agency") != nullptr);
    const models::NamespaceView* view = snapshot->find("bookinfo");
    REQUIRE(view != nullptr);
    CHECK(view->find_service("details") != nullptr);
    const models::Workload* workload = view->find_workload("details-v1");
    REQUIRE(workload != nullptr);
    CHECK(workload->kind.kind == "Deployment");
    CHECK(workload->app == "details");
    CHECK(workload->desired == 1);
    CHECK(workload->sidecar);
    REQUIRE(workload->pods.size() == 1);
    const models::Pod& pod = *workload->pods.front();
    CHECK(view->find_pod(pod.meta.name) != nullptr);
    CHECK(snapshot->workload_of(pod) == workload);
    CHECK(snapshot->pod_by_uid(pod.meta.uid)->meta.name == pod.meta.name);
    REQUIRE(pod.ips.size() == 1);
    CHECK(snapshot->pod_at(pod.ips.front(), backend->now())->meta.name == pod.meta.name);
    REQUIRE(view->services_of(*workload).size() == 1);
    CHECK(view->services_of(*workload).front()->meta.name == "details");
}

TEST_CASE("contract: a synced cluster says that it is current") {
    const ClusterImplementation& implementation = any_cluster();
    INFO(implementation.name);
    const auto backend = implementation.make();
    const clients::ClusterState state = backend->cluster().state();
    CHECK(state.synced);
    CHECK(state.reachability == clients::ClusterState::Reachability::kReachable);
    CHECK(state.version.starts_with("v1."));
    CHECK_FALSE(state.reason);
    CHECK(state.current_at == backend->now());
}

TEST_CASE("contract: a pod that is replaced is gone from its namespace and still known for a while"
) {
    const ClusterImplementation& implementation = any_cluster();
    INFO(implementation.name);
    const auto backend = implementation.make();
    const auto before = backend->cluster().snapshot();
    const std::string old = details_pod(*backend);
    const std::string address = before->pod_named("bookinfo", old)->ips.front();
    const SystemTime then = backend->now();
    backend->roll_out();
    REQUIRE(eventually([&] {
        const auto now = backend->cluster().snapshot();
        const auto& pods = now->find("bookinfo")->pods;
        return now->find("bookinfo")->find_pod(old) == nullptr &&
               std::any_of(pods.begin(), pods.end(), [&](const auto& pod) {
                   return pod->meta.name.starts_with("details-v1-") &&
                          before->find("bookinfo")->find_pod(pod->meta.name) == nullptr;
               });
    }));
    const auto after = backend->cluster().snapshot();
    CHECK(after->generation != before->generation);
    CHECK(before->find("bookinfo")->find_pod(old) != nullptr);
    const models::Pod* gone = after->pod_named("bookinfo", old);
    REQUIRE(gone != nullptr);
    REQUIRE(after->workload_of(*gone) != nullptr);
    CHECK(after->workload_of(*gone)->name == "details-v1");
    const models::Pod* at_that_time = after->pod_at(address, then - std::chrono::seconds(1));
    REQUIRE(at_that_time != nullptr);
    CHECK(at_that_time->meta.name == old);
}

TEST_CASE("contract: a pod is shown to who may see it, and what else is said to whom") {
    struct Row {
        std::optional<std::string> token;
        const char* ns;
        const char* pod;  // "" the one that is there
        std::optional<ErrorKind> error;
    };
    const ClusterImplementation& implementation = any_cluster();
    const auto backend = implementation.make();
    const std::string there = details_pod(*backend);
    const std::vector<Row> rows{
        {std::nullopt, "bookinfo", "", std::nullopt},
        {"demo-a-token", "bookinfo", "", std::nullopt},
        {"demo-a-token", "bookinfo", "nope", ErrorKind::kNotFound},
        {"demo-b-token", "bookinfo", "", ErrorKind::kForbidden},
        {"demo-b-token", "bookinfo", "nope", ErrorKind::kForbidden},
        {"demo-nobody-token", "bookinfo", "", ErrorKind::kForbidden},
        {"demo-a-token", "travel-agency", "nope", ErrorKind::kForbidden},
        {"stranger", "bookinfo", "", ErrorKind::kUnauthenticated},
        {"", "bookinfo", "", ErrorKind::kUnauthenticated},
    };
    for (const Row& row : rows) {
        const std::string name = *row.pod == '\0' ? there : row.pod;
        INFO(
            implementation.name << ": " << row.token.value_or("the server") << " asks for " << name
        );
        const RequestContext context = asked_with(row.token);
        const auto pod = ask_pod(*backend, context, name, row.ns);
        REQUIRE(pod.has_value() == !row.error);
        if (row.error) {
            CHECK(pod.error().kind() == *row.error);
            continue;
        }
        CHECK(pod->meta.name == there);
        CHECK(models::label(*pod->meta.labels, "app") == "details");
        CHECK(std::ranges::count(*pod->containers, false, [](const auto& one) {
                  return one.init;
              }) == 2);
        CHECK(context.bill->of("kubernetes").calls == 1);
    }
    RequestContext nobody = asked_with("demo-a-token");
    nobody.caller.credentials = nullptr;
    const auto refused = ask_pod(*backend, nobody, there);
    REQUIRE(refused.has_error());
    CHECK(refused.error().kind() == ErrorKind::kUnauthenticated);
}

TEST_CASE("contract: who may do what") {
    struct Row {
        std::optional<std::string> token;
        AccessQuestion question;
        bool allowed;
    };
    const AccessQuestion list{"list", "", "namespaces", "", "", ""};
    const AccessQuestion bookinfo{"get", "", "namespaces", "", "bookinfo", "bookinfo"};
    const AccessQuestion travel{"get", "", "namespaces", "", "travel-agency", "travel-agency"};
    const AccessQuestion pods{"get", "", "pods", "", "", ""};
    const AccessQuestion logs{"get", "", "pods", "log", "bookinfo", ""};
    const std::vector<Row> rows{
        {std::nullopt, list, true},
        {"demo-server-token", list, true},
        {"demo-server-token", pods, true},
        {"demo-a-token", list, false},
        {"demo-a-token", bookinfo, true},
        {"demo-a-token", travel, false},
        {"demo-a-token", pods, false},
        {"demo-a-token", logs, true},
        {"demo-b-token", logs, false},
        {"demo-b-token", travel, true},
        {"demo-nobody-token", bookinfo, false},
    };
    const ClusterImplementation& implementation = any_cluster();
    const auto backend = implementation.make();
    for (const Row& row : rows) {
        INFO(
            implementation.name << ": " << row.token.value_or("the server") << " "
                                << row.question.verb << " " << row.question.resource << " "
                                << row.question.ns
        );
        const auto answer = test::run_coroutine<Result<clients::AccessAnswer>>([&] {
            return backend->cluster().may_i(asked_with(row.token), row.question);
        });
        REQUIRE(answer.has_value());
        CHECK(answer->allowed == row.allowed);
    }
    const auto stranger = test::run_coroutine<Result<clients::AccessAnswer>>([&] {
        return backend->cluster().may_i(asked_with("stranger"), list);
    });
    REQUIRE(stranger.has_error());
    CHECK(stranger.error().kind() == ErrorKind::kUnauthenticated);
}

TEST_CASE("contract: a token review says whose a token is, with the server's account whoever calls"
) {
    const ClusterImplementation& implementation = any_cluster();
    INFO(implementation.name);
    const auto backend = implementation.make();
    RequestContext nobody = asked_with("");
    nobody.caller.credentials = nullptr;
    const auto review = [&](const std::string& token) {
        return test::run_coroutine<Result<clients::TokenOwner>>([&] {
            return backend->cluster().review_token(nobody, token);
        });
    };
    const auto known = review("demo-a-token");
    REQUIRE(known.has_value());
    CHECK(known->authenticated);
    CHECK(known->username == "demo-a");
    CHECK(std::ranges::count(known->groups, "system:authenticated") == 1);
    const auto unknown = review("stranger");
    REQUIRE(unknown.has_value());
    CHECK_FALSE(unknown->authenticated);
    CHECK(unknown->username.empty());
    CHECK_FALSE(unknown->error.empty());
}

TEST_CASE("contract: the rules of a caller in a namespace") {
    const ClusterImplementation& implementation = any_cluster();
    INFO(implementation.name);
    const auto backend = implementation.make();
    const auto reads_logs = [&](const char* ns) {
        const auto rules = test::run_coroutine<Result<clients::AccessRules>>([&] {
            return backend->cluster().my_rules(asked_with("demo-a-token"), ns);
        });
        REQUIRE(rules.has_value());
        CHECK_FALSE(rules->incomplete);
        return std::any_of(rules->rules.begin(), rules->rules.end(), [](const auto& rule) {
            return std::ranges::count(rule.verbs, "get") == 1 &&
                   std::ranges::count(rule.resources, "pods/log") == 1;
        });
    };
    CHECK(reads_logs("bookinfo"));
    CHECK_FALSE(reads_logs("travel-agency"));
}

TEST_CASE("contract: an API that cannot be asked is an error of live calls; the snapshot stays") {
    const auto [trouble, kind] = GENERATE(table<ClusterTrouble, ErrorKind>({
        {ClusterTrouble::kRefused, ErrorKind::kUpstreamUnavailable},
        {ClusterTrouble::kSilent, ErrorKind::kDeadline},
    }));
    const ClusterImplementation& implementation = any_cluster();
    INFO(implementation.name);
    const auto backend = implementation.make();
    const std::string name = details_pod(*backend);
    backend->suffer(trouble);
    const auto pod = ask_pod(*backend, asked_with("demo-a-token"), name);
    REQUIRE(pod.has_error());
    CHECK(pod.error().kind() == kind);
    const auto answer = test::run_coroutine<Result<clients::AccessAnswer>>([&] {
        return backend->cluster().may_i(
            asked_with("demo-a-token"), {"get", "", "pods", "", "", ""}
        );
    });
    REQUIRE(answer.has_error());
    CHECK(answer.error().kind() == kind);
    CHECK(details_pod(*backend) == name);
    CHECK(backend->cluster().state().synced);
}

}  // namespace meshscope::contract
