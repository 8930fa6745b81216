#include "clients/kubernetes/kubernetes_cluster.hpp"

#include "clients/kubernetes/reviews.hpp"
#include "tests/support/scratch_dir.hpp"
#include "tests/unit/kubernetes/kept_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <set>
#include <thread>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::clients::kubernetes;
using namespace meshscope::test;
using namespace std::chrono_literals;
using Reach = ClusterState::Reachability;

namespace {

std::string namespaced_text(
    const std::string& kind,
    const std::string& name,
    const std::string& ns,
    const std::string& more = "",
    const std::string& spec = ""
) {
    return R"({"kind":")" + kind + R"(","metadata":{"name":")" + name + R"(","namespace":")" + ns +
           R"(","uid":"u-)" + name + R"(","resourceVersion":"1")" + more + "}" + spec + "}";
}

std::string list_of(const std::vector<std::string>& items) {
    std::string all;
    for (const std::string& item : items) {
        all += (all.empty() ? "" : ",") + item;
    }
    return R"({"kind":"List","metadata":{"resourceVersion":"100"},"items":[)" + all + "]}";
}

// An API server with two namespaces and a pod; of Istio and the Gateway API it knows nothing.
class SmallApi {
 public:
    SmallApi() {
        lists["/api/v1/namespaces"] =
            list_of({object_text("team-a", "1"), object_text("team-b", "1")});
        lists["/api/v1/pods"] = list_of({namespaced_text("Pod", "p-1", "team-a")});
    }

    std::map<std::string, std::string> lists;    // by path
    std::map<std::string, std::string> objects;  // of GET and POST, by target
    std::map<std::string, std::string> events;   // of the first watch, by path
    std::set<std::string> refused;               // paths that the account may not read
    std::atomic<bool> down{false};
    std::optional<ScriptedTls> tls;
    std::atomic<int> token{0};  // not 0: only "token-" and this is let in; another ends watches
    std::atomic<bool> holds_routes{false};  // virtualservices are not answered while it does
    std::set<std::string> held;             // paths that are never answered

    // Begins to serve: what it answers is set before.
    [[nodiscard]] std::string url() {
        const ScriptedServer::Script script = [this](Peer& peer) { serve(peer); };
        if (tls) {
            server_.emplace(script, *tls);
        } else {
            server_.emplace(script);
        }
        return server_->url();
    }
    [[nodiscard]] std::vector<std::string> requests() const { return server_->requests(); }
    [[nodiscard]] std::size_t count(const std::string& part) const {
        std::size_t found = 0;
        for (const std::string& request : requests()) {
            found += target_of(request).find(part) != std::string::npos ? 1U : 0U;
        }
        return found;
    }

 private:
    void serve(Peer& peer) {
        for (std::string request = peer.read_request(); !request.empty();
             request = peer.read_request()) {
            const std::string target = target_of(request);
            const std::string path = target.substr(0, target.find('?'));
            if (down) {
                return;
            }
            const int now = token;
            const std::string wanted = "Bearer token-" + std::to_string(now);
            if (now != 0 && header_of(request, "Authorization") != wanted) {
                peer.send(json_answer(status_body(401, "Unauthorized", "Unauthorized"), 401));
                continue;
            }
            if (is_watch(target)) {
                const bool first = target.find("resourceVersion=100&") != std::string::npos;
                peer.send(kWatchHead + (first && events.contains(path) ? chunk(events[path]) : ""));
                while (!down && token == now && !peer.wait_for_close(20ms)) {
                }
                return;
            }
            while (holds_routes && path.ends_with("/virtualservices") && !peer.wait_for_close(5ms)
            ) {
            }
            while (held.contains(path) && !peer.wait_for_close(5ms)) {
            }
            peer.send(answer(path));
        }
    }
    std::string answer(const std::string& path) {
        if (refused.contains(path)) {
            const std::string what = path.substr(path.rfind('/') + 1) + " is forbidden";
            return json_answer(status_body(403, "Forbidden", what), 403);
        }
        if (path == "/version") {
            return json_answer(R"({"gitVersion":"v1.33.2"})");
        }
        if (objects.contains(path)) {
            return json_answer(objects[path]);
        }
        if (lists.contains(path)) {
            return json_answer(lists[path]);
        }
        const bool other_group = path.find("istio.io") != std::string::npos ||
                                 path.find("gateway.") != std::string::npos;
        return other_group
                   ? http_answer("404 page not found\n", "Content-Type: text/plain\r\n", 404)
                   : json_answer(list_of({}));
    }

    std::optional<ScriptedServer> server_;
};

struct ClusterFixture : ApiFixture {
    explicit ClusterFixture(const std::string& url)
        : ApiFixture(url),
          tasks(io.get_executor(), [](const std::string&, std::exception_ptr error) {
              std::rethrow_exception(error);
          }) {
        options.patience = short_patience();
        options.patience.absent_again = kPatience;
        options.publish_every = 1ms;
        options.on_change = [this](const ClusterState& state) { told.push_back(state); };
    }
    ~ClusterFixture() {
        tasks.cancel();
        io.restart();
        io.run();
    }
    ClusterFixture(const ClusterFixture&) = delete;
    ClusterFixture& operator=(const ClusterFixture&) = delete;

    KubernetesCluster& cluster() {
        if (!made_cluster) {
            options.connection = connection;
            made_cluster.emplace(options, governor, clock);
        }
        return *made_cluster;
    }
    void start() {
        KubernetesCluster& started = cluster();
        tasks.spawn("cluster", [&started] { return started.run(); });
    }
    bool until_synced() {
        return until([&] { return cluster().state().synced; });
    }

    KubernetesOptions options;
    Governor governor{"kubernetes", GovernorLimits{}};
    std::vector<ClusterState> told;
    std::optional<KubernetesCluster> made_cluster;
    TaskGroup tasks;
};

const KindState& kind_of(const ClusterState& state, const std::string& resource) {
    for (const KindState& kind : state.kinds) {
        if (kind.resource == resource) {
            return kind;
        }
    }
    throw std::logic_error("no such kind");
}

}  // namespace

TEST_CASE("a kind is current when the snapshot has it, not before") {
    SmallApi api;
    const std::string path = "/apis/networking.istio.io/v1/virtualservices";
    api.lists["/apis/networking.istio.io"] =
        R"({"kind":"APIGroup","name":"networking.istio.io","versions":[{"version":"v1"}]})";
    api.lists[path] = list_of({namespaced_text("VirtualService", "routes", "team-a")});
    api.holds_routes = true;
    ClusterFixture fixture(api.url());
    fixture.options.publish_every = 40ms;
    fixture.start();
    REQUIRE(fixture.until_synced());
    api.holds_routes = false;
    REQUIRE(fixture.until([&] {
        const ClusterState state = fixture.cluster().state();
        const models::ClusterSnapshotPtr snapshot = fixture.cluster().snapshot();
        bool current = false;
        for (const KindState& kind : state.kinds) {
            current = current || (kind.resource == "virtualservices.networking.istio.io" &&
                                  kind.state == KindState::State::kCurrent);
        }
        const auto* view = snapshot->find("team-a");
        const bool held = view != nullptr && !view->mesh_objects.empty();
        REQUIRE((!(current && state.synced) || held));
        return current && held;
    }));
}

TEST_CASE("snapshots rest in proportion to what they cost, and never for long") {
    CHECK(pause_after_build(250ms, 0ms) == 250ms);
    CHECK(pause_after_build(250ms, 5ms) == 250ms);
    CHECK(pause_after_build(250ms, 40ms) == 2s);
    CHECK(pause_after_build(250ms, 100ms) == 5s);
    CHECK(pause_after_build(250ms, 2s) == 5s);  // the machine stood still
    CHECK(pause_after_build(8s, 2s) == 8s);
}

TEST_CASE("before the first sync nothing is known, then all is, and each kind says how it stands") {
    SmallApi api;
    ClusterFixture fixture(api.url());
    CHECK(fixture.cluster().snapshot()->generation == 0);
    CHECK(fixture.cluster().snapshot()->cluster == "Kubernetes");
    CHECK_FALSE(fixture.cluster().state().synced);
    CHECK(fixture.cluster().state().reachability == Reach::kUnknown);
    CHECK_FALSE(fixture.cluster().state().current_at);
    fixture.start();
    REQUIRE(fixture.until_synced());
    const auto snapshot = fixture.cluster().snapshot();
    CHECK(snapshot->generation > 0);
    REQUIRE(snapshot->namespaces.size() == 2);
    CHECK(snapshot->find("team-a")->find_pod("p-1") != nullptr);
    REQUIRE(fixture.until([&] {
        return kind_of(fixture.cluster().state(), "virtualservices.networking.istio.io").state ==
                   KindState::State::kAbsent &&
               fixture.cluster().state().version == "v1.33.2";
    }));
    const ClusterState state = fixture.cluster().state();
    CHECK(state.reachability == Reach::kReachable);
    CHECK(state.current_at == fixture.clock.now());
    CHECK(kind_of(state, "pods").state == KindState::State::kCurrent);
    CHECK(kind_of(state, "pods").lists == 1);
    CHECK(kind_of(state, "pods").objects == 1);
    CHECK(kind_of(state, "namespaces").objects == 2);
    CHECK(kind_of(state, "services").objects == 0);
    CHECK(state.last_event == fixture.clock.now());
    CHECK(state.kinds.size() == resources().size());
    CHECK(api.count("/api/v1/pods?limit") == 1);
    REQUIRE(fixture.told.size() >= 2);
    CHECK(fixture.told.back().synced);
}

TEST_CASE("an event becomes another snapshot; who holds the earlier one keeps it") {
    SmallApi api;
    api.events["/api/v1/pods"] = event_text("ADDED", namespaced_text("Pod", "p-2", "team-b")) +
                                 event_text("DELETED", namespaced_text("Pod", "p-1", "team-a"));
    ClusterFixture fixture(api.url());
    fixture.start();
    REQUIRE(fixture.until_synced());
    const auto early = fixture.cluster().snapshot();
    REQUIRE(fixture.until([&] {
        const auto now = fixture.cluster().snapshot();
        return now->pod_named("team-b", "p-2") != nullptr &&
               now->find("team-a")->find_pod("p-1") == nullptr;
    }));
    CHECK(fixture.cluster().snapshot()->generation >= early->generation);
}

TEST_CASE("how many objects there are and when the last one changed goes with the events") {
    SmallApi api;
    api.events["/api/v1/pods"] = event_text("ADDED", namespaced_text("Pod", "p-2", "team-b")) +
                                 event_text("ADDED", namespaced_text("Pod", "p-3", "team-b"));
    ClusterFixture fixture(api.url());
    fixture.start();
    REQUIRE(fixture.until([&] {
        const ClusterState state = fixture.cluster().state();
        return state.synced && kind_of(state, "pods").objects == 3;
    }));
    const SystemTime heard = fixture.clock.now();
    fixture.clock.advance(30s);
    CHECK(fixture.cluster().state().last_event == heard);
}

TEST_CASE("a kind that the server's account may not read is said once, with the server's words") {
    SmallApi api;
    api.refused = {"/api/v1/endpoints"};
    ClusterFixture fixture(api.url());
    std::vector<std::string> warnings;
    fixture.options.on_warning = [&warnings](const std::string& text) { warnings.push_back(text); };
    fixture.options.patience.forbidden_again = 1ms;
    fixture.start();
    REQUIRE(fixture.until_synced());
    REQUIRE(fixture.until([&] { return api.count("/api/v1/endpoints") >= 3; }));
    CHECK(
        warnings ==
        std::vector<std::string>{"endpoints cannot be read: status 403: endpoints is forbidden"}
    );
    CHECK(kind_of(fixture.cluster().state(), "endpoints").state == KindState::State::kForbidden);
}

TEST_CASE("threads read snapshots and state while the cluster changes") {
    SmallApi api;
    for (int i = 0; i < 200; ++i) {
        api.events["/api/v1/pods"] +=
            event_text("ADDED", namespaced_text("Pod", "q-" + std::to_string(i), "team-b"));
    }
    ClusterFixture fixture(api.url());
    KubernetesCluster& cluster = fixture.cluster();
    std::atomic<bool> stop{false};
    std::atomic<std::size_t> read{0};
    std::atomic<bool> went_back{false};
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i) {
        readers.emplace_back([&] {
            std::uint64_t last = 0;
            while (!stop) {
                const auto snapshot = cluster.snapshot();
                if (snapshot->generation < last) {
                    went_back = true;
                }
                last = snapshot->generation;
                for (const auto& view : snapshot->namespaces) {
                    read += view->pods.size();
                }
                read += cluster.state().kinds.size();
            }
        });
    }
    fixture.start();
    CHECK(fixture.until([&] {
        const auto* view = cluster.snapshot()->find("team-b");
        return view != nullptr && view->pods.size() == 200;
    }));
    stop = true;
    for (std::thread& reader : readers) {
        reader.join();
    }
    CHECK(read > 0);
    CHECK_FALSE(went_back);
}

TEST_CASE("a server that goes away: the snapshot stays and says how old it is, then it is new again"
) {
    SmallApi api;
    ClusterFixture fixture(api.url());
    fixture.options.patience.look_every = 20ms;
    fixture.start();
    REQUIRE(fixture.until_synced());
    REQUIRE(fixture.until([&] { return fixture.cluster().state().last_success.has_value(); }));
    const SystemTime before = fixture.clock.now();
    api.down = true;
    REQUIRE(fixture.until([&] {
        return fixture.cluster().state().reachability == Reach::kUnreachable;
    }));
    fixture.clock.advance(90s);
    const ClusterState away = fixture.cluster().state();
    CHECK(away.synced);
    CHECK(away.reason);
    CHECK(away.current_at == before);
    CHECK(fixture.cluster().snapshot()->find("team-a")->find_pod("p-1") != nullptr);
    api.down = false;
    // A failure from before may still come in, and close what has just been opened.
    REQUIRE(fixture.until([&] {
        const ClusterState state = fixture.cluster().state();
        return state.reachability == Reach::kReachable && state.current_at == fixture.clock.now();
    }));
    CHECK_FALSE(fixture.cluster().state().reason);
    CHECK(kind_of(fixture.cluster().state(), "pods").lists == 1);
}

TEST_CASE("over TLS: own authority, client certificate, and a token that is replaced under way") {
    const TestAuthority authority;
    const TestCertificate own = authority.issue({});
    const ScratchDir dir;
    SmallApi api;
    api.tls.emplace();
    api.tls->certificate = authority.issue({"127.0.0.1"});
    api.tls->client_authority = authority.certificate();
    api.token = 1;
    ClusterFixture fixture(api.url());
    fixture.connection.tls.ca_files = {dir.write("ca.crt", authority.certificate())};
    fixture.connection.tls.system_roots = false;
    fixture.connection.tls.client_certificate =
        Secret::file(dir.write("tls.crt", own.certificate), fixture.clock);
    fixture.connection.tls.client_key = Secret::file(dir.write("tls.key", own.key), fixture.clock);
    fixture.connection.credentials.token =
        Secret::file(dir.write("token", "token-1\n"), fixture.clock);
    fixture.start();
    REQUIRE(fixture.until_synced());
    dir.write("token", "token-2\n");
    api.token = 2;
    REQUIRE(fixture.until([&] {
        const auto requests = api.requests();
        return std::any_of(requests.begin(), requests.end(), [](const std::string& request) {
            return target_of(request).starts_with("/api/v1/pods?watch") &&
                   header_of(request, "Authorization") == "Bearer token-2";
        });
    }));
    REQUIRE(fixture.until([&] {
        return kind_of(fixture.cluster().state(), "pods").state == KindState::State::kCurrent;
    }));
    CHECK(kind_of(fixture.cluster().state(), "pods").lists == 1);
}

TEST_CASE("a ReplicaSet without an owner is fetched whole, one with an owner is not") {
    SmallApi api;
    const std::string path = "/apis/apps/v1/replicasets";
    const std::string owner =
        R"(,"ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"d","uid":"u-d","controller":true}])";
    api.lists[path] = list_of(
        {namespaced_text("ReplicaSet", "alone", "team-a"),
         namespaced_text("ReplicaSet", "owned", "team-a", owner)}
    );
    api.objects["/apis/apps/v1/namespaces/team-a/replicasets/alone"] = namespaced_text(
        "ReplicaSet",
        "alone",
        "team-a",
        "",
        R"(,"spec":{"replicas":2,"template":{"metadata":{"labels":{"app":"lonely"}}}},"status":{"replicas":2})"
    );
    ClusterFixture fixture(api.url());
    fixture.start();
    REQUIRE(fixture.until([&] {
        const auto* workload = fixture.cluster().snapshot()->find_workload("team-a", "alone");
        return workload != nullptr && workload->app == "lonely";
    }));
    CHECK(api.count("/replicasets/alone") == 1);
    CHECK(api.count("/replicasets/owned") == 0);
}

TEST_CASE("a stop before the first snapshot is heeded while a ReplicaSet is asked for") {
    SmallApi api;
    const std::string alone = "/apis/apps/v1/namespaces/team-a/replicasets/alone";
    api.lists["/apis/apps/v1/replicasets"] =
        list_of({namespaced_text("ReplicaSet", "alone", "team-a")});
    api.held = {alone, "/api/v1/pods"};
    ClusterFixture fixture(api.url());
    fixture.start();
    const auto begun = std::chrono::steady_clock::now();
    while (api.count(alone) == 0 && std::chrono::steady_clock::now() - begun < kPatience) {
        fixture.io.run_for(5ms);
    }
    REQUIRE(api.count(alone) == 1);
    fixture.tasks.cancel();
    fixture.io.restart();
    fixture.io.run_for(kPatience / 3);  // the calls that are held would end later
    CHECK(fixture.tasks.size() == 0);
}

TEST_CASE("only the namespaces that were named are looked at, each on its own") {
    SmallApi api;
    api.objects["/api/v1/namespaces/team-a"] = object_text("team-a", "1");
    api.objects["/api/v1/namespaces/gone"] = status_body(404, "NotFound", "not found");
    api.lists["/api/v1/namespaces/team-a/pods"] =
        list_of({namespaced_text("Pod", "p-1", "team-a")});
    ClusterFixture fixture(api.url());
    fixture.options.only_namespaces = {"team-a", "gone"};
    fixture.start();
    REQUIRE(fixture.until_synced());
    const auto snapshot = fixture.cluster().snapshot();
    REQUIRE(snapshot->namespaces.size() == 1);
    CHECK(snapshot->find("team-a")->find_pod("p-1") != nullptr);
    CHECK(api.count("/api/v1/pods") == 0);
    CHECK(api.count("/api/v1/namespaces?") == 0);
    CHECK(api.count("/api/v1/namespaces/gone/pods?limit") == 1);
}

TEST_CASE("a named namespace that may not be read is said, not left out silently") {
    SmallApi api;
    api.objects["/api/v1/namespaces/team-a"] = object_text("team-a", "1");
    api.refused = {"/api/v1/namespaces/team-b", "/api/v1/namespaces/team-c"};
    ClusterFixture fixture(api.url());
    std::vector<std::string> warnings;
    fixture.options.on_warning = [&warnings](const std::string& text) { warnings.push_back(text); };
    SECTION("beside others") {
        fixture.options.only_namespaces = {"team-a", "team-b", "team-c"};
        fixture.start();
        REQUIRE(fixture.until_synced());
        const KindState state = kind_of(fixture.cluster().state(), "namespaces");
        CHECK(state.state == KindState::State::kPolling);
        CHECK(state.forbidden_namespaces == std::vector<std::string>{"team-b", "team-c"});
        CHECK(fixture.cluster().snapshot()->namespaces.size() == 1);
    }
    SECTION("and nothing else") {
        fixture.options.only_namespaces = {"team-b"};
        fixture.start();
        REQUIRE(fixture.until_synced());
        const KindState state = kind_of(fixture.cluster().state(), "namespaces");
        CHECK(state.state == KindState::State::kForbidden);
        CHECK(state.forbidden_namespaces == std::vector<std::string>{"team-b"});
    }
    const auto about_namespaces = [](const std::string& text) {
        return text.starts_with("namespaces cannot be read: ");
    };
    CHECK(std::count_if(warnings.begin(), warnings.end(), about_namespaces) == 1);
}

TEST_CASE("a caller's calls go out with the caller's credentials") {
    SmallApi api;
    api.objects["/api/v1/namespaces/team-a/pods/p-1"] = namespaced_text("Pod", "p-1", "team-a");
    api.objects[kAccessReviews] = R"({"kind":"SelfSubjectAccessReview","status":{"allowed":true}})";
    api.objects[kTokenReviews] =
        R"({"kind":"TokenReview","status":{"authenticated":true,"user":{"username":"anna"}}})";
    api.objects[kRulesReviews] =
        R"({"kind":"SelfSubjectRulesReview","status":{"incomplete":true}})";
    ClusterFixture fixture(api.url());
    KubernetesCluster& cluster = fixture.cluster();
    const auto pod = run(fixture.io, cluster.pod(fixture.context, "team-a", "p-1"));
    REQUIRE(pod.has_value());
    CHECK(pod->meta.name == "p-1");
    AccessQuestion question;
    question.verb = "get";
    question.resource = "pods";
    CHECK(run(fixture.io, cluster.may_i(fixture.context, question))->allowed);
    CHECK(run(fixture.io, cluster.review_token(fixture.context, "t"))->username == "anna");
    CHECK(run(fixture.io, cluster.my_rules(fixture.context, "team-a"))->incomplete);
    std::vector<std::string> seen;
    for (const std::string& request : api.requests()) {
        seen.push_back(header_of(request, "Authorization"));
    }
    CHECK(
        seen ==
        std::vector<std::string>{
            "Bearer callers-token",
            "Bearer callers-token",
            "Bearer servers-token",
            "Bearer callers-token"
        }
    );
    fixture.context.caller.credentials = nullptr;
    const auto nobody = run(fixture.io, cluster.pod(fixture.context, "team-a", "p-1"));
    REQUIRE(nobody.has_error());
    CHECK(nobody.error().kind() == ErrorKind::kUnauthenticated);
    CHECK(api.requests().size() == 4);
}

TEST_CASE("equal calls at once are one among equal credentials, never among others") {
    SmallApi api;
    api.objects["/api/v1/namespaces/team-a/pods/p-1"] = namespaced_text("Pod", "p-1", "team-a");
    ClusterFixture fixture(api.url());
    KubernetesCluster& cluster = fixture.cluster();
    std::vector<std::future<Result<models::Pod>>> pods;
    for (const char* token : {"anna", "anna", "bert"}) {
        fixture.context.caller.credentials = credentials_of(token);
        pods.push_back(boost::asio::co_spawn(
            fixture.io.get_executor(),
            cluster.pod(fixture.context, "team-a", "p-1"),
            boost::asio::use_future
        ));
    }
    fixture.io.restart();
    fixture.io.run();
    for (auto& pod : pods) {
        CHECK(pod.get()->meta.name == "p-1");
    }
    std::vector<std::string> seen;
    for (const std::string& request : api.requests()) {
        seen.push_back(header_of(request, "Authorization"));
    }
    std::sort(seen.begin(), seen.end());
    CHECK(seen == std::vector<std::string>{"Bearer anna", "Bearer bert"});
}

TEST_CASE("a review that the server itself may not make is its error, not the caller's") {
    ScriptedServer server(each([](const std::string&) {
        return json_answer(status_body(403, "Forbidden", "cannot create tokenreviews"), 403);
    }));
    ClusterFixture fixture(server.url());
    const auto owner = run(fixture.io, fixture.cluster().review_token(fixture.context, "t"));
    REQUIRE(owner.has_error());
    CHECK(owner.error().kind() == ErrorKind::kUpstreamAuth);
    CHECK(owner.error().hint().advice.find("system:auth-delegator") != std::string::npos);
    const auto callers = run(fixture.io, fixture.cluster().may_i(fixture.context, {}));
    REQUIRE(callers.has_error());
    CHECK(callers.error().kind() == ErrorKind::kForbidden);
}
