#include "business/access.hpp"
#include "handlers/openapi.hpp"
#include "tests/support/openapi_check.hpp"
#include "tests/unit/business/traffic_fixture.hpp"
#include "tests/unit/handlers/fixture.hpp"
#include "tests/unit/handlers/route_targets.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace meshscope;
using test::HandlersFixture;
using test::make_trace;
using test::Reply;
using test::SpanRow;

namespace {

const std::vector<std::string> kNamespaces{"bookinfo", "travel"};
const std::string kNowhere = "nowhere";  // what names no namespace

std::string marker(const std::string& name_space) { return "mark-" + name_space + "-5f0c"; }

// A span of workload web of that namespace, marked in every text that it may have.
SpanRow marked(
    std::uint64_t id, const std::string& name_space, const std::string& pod, bool error
) {
    const std::string mark = marker(name_space);
    SpanRow row;
    row.id = id;
    row.parent = id - 1;
    row.start_us = test::kNow - 5'000'000 + static_cast<std::int64_t>(id) * 10;
    row.service = name_space == kNowhere ? mark : "web." + name_space;
    row.operation = mark;
    row.tags = {{mark, mark}, {"http.url", "http://" + mark + "/"}, {"span.kind", "server"}};
    if (name_space != kNowhere) {
        row.tags.emplace_back(
            "node_id", "sidecar~10.0.0.1~" + pod + "." + name_space + "~" + name_space + ".svc"
        );
    }
    if (error) {
        row.tags.emplace_back("error", true);
    }
    row.process_tags = {{mark, mark}};
    row.logs = {{{"event", mark}}};
    row.warnings = {mark};
    return row;
}

// Two namespaces that hold the same, each thing with the marker of its own.
struct MarkedWorld : HandlersFixture {
    MarkedWorld() {
        setup.url = "http://tracing:9";
        setup.url_key = "in_cluster_url";
        std::vector<std::string> pods;
        for (const std::string& name_space : kNamespaces) {
            const std::string mark = marker(name_space);
            pods.push_back(cluster.add_workload(name_space, "web").front());
            cluster.add_service(name_space, "web", {{"app", "web"}});
            test::WorkloadRow pod;
            pod.kind = "Pod";
            pod.annotations = {{mark, mark}};
            cluster.add_workload(name_space, "sleep", pod);
            cluster.add_workload(name_space, mark);
            cluster.add_service(name_space, mark, {{"app", mark}});
            for (const char* container : {"sleep", "istio-proxy"}) {
                cluster.set_log(
                    name_space, "sleep", container, "2026-03-04T05:06:07Z " + mark + "\n"
                );
            }
            store.add_operation("web." + name_space, {mark, "server"});
            // A store that holds a label's value answers for that namespace alone.
            metric_store.answer_range(
                "_workload_namespace=\"" + name_space + "\"",
                {{{{"meshscope_family", "request_count"}, {"path", mark}}, {{1000, 1}}}}
            );
            // The first row is of graphs, the second of a reconciliation.
            const test::TrafficEnd web{name_space, "web", "web"};
            metric_store.answer(
                "destination_workload_namespace=\"" + name_space + "\"",
                {test::http_row(web, {name_space, mark, mark}, mark, 1),
                 {{{"reporter", "destination"},
                   {"source_workload_namespace", name_space},
                   {"source_workload", mark},
                   {"response_code", "200"},
                   {"response_flags", "-"}},
                  1}}
            );
        }
        const SpanRow bookinfo = marked(1, "bookinfo", pods[0], true);
        const SpanRow travel = marked(2, "travel", pods[1], true);
        const SpanRow nowhere = marked(3, kNowhere, "", true);
        store.add(make_trace({0, 0x2a}, {bookinfo, travel, nowhere}, {"about " + marker("travel")})
        );
        store.add(make_trace({0, 0x2b}, {marked(1, "travel", pods[1], false)}));
        store.add(make_trace({0, 0x2c}, {marked(1, kNowhere, "", false)}));
    }
};

struct User {
    std::string name;
    std::set<std::string> namespaces;
    bool everything = false;
};

const std::vector<User> kUsers{
    {"nobody", {}},
    {"none", {}},
    {"a", {"bookinfo"}},
    {"b", {"travel"}},
    {"both", {"bookinfo", "travel"}},
    {"admin", {"bookinfo", "travel"}, true},
};

void sign_in(MarkedWorld& world, const User& user) {
    Caller caller;
    if (user.name != "nobody") {
        test::FakeCluster::User known;
        known.name = user.name;
        known.namespaces = {user.namespaces.begin(), user.namespaces.end()};
        known.gets_pods_everywhere = user.everything;
        world.cluster.add_user("token-" + user.name, known);
        auto credentials = std::make_shared<CallerCredentials>();
        credentials->token = "token-" + user.name;
        credentials->key = std::string(60, '0') + user.name;
        auto visible = std::make_shared<VisibleNamespaces>();
        visible->names = {user.namespaces.begin(), user.namespaces.end()};
        caller.name = user.name;
        caller.cluster_wide = user.everything;
        caller.credentials = std::move(credentials);
        caller.visible = std::move(visible);
    }
    world.caller = std::move(caller);
}

bool may_see(const User& user, const std::string& name_space) {
    return user.everything || user.namespaces.contains(name_space);
}

}  // namespace

TEST_CASE("no byte of any answer of any route holds what the caller may not see", "[rights]") {
    const auto targets = test::route_targets();
    const auto operations = test::OpenApiCheck(handlers::openapi_json()).operations();
    CHECK(targets.size() == operations.size());
    for (const User& user : kUsers) {
        MarkedWorld world;
        sign_in(world, user);
        std::map<std::string, std::set<std::string>> shown;  // routes, by marker's namespace
        for (const auto& [method, pattern] : operations) {
            const auto asked = targets.find(method + " " + pattern);
            INFO(user.name << " " << method << " " << pattern);
            REQUIRE(asked != targets.end());
            REQUIRE((method == "get") != asked->second.empty());
            for (const std::string& target : asked->second) {
                const Reply reply = world.get(target);
                INFO(target << " " << reply.status);
                CHECK(reply.status < 500);
                for (const std::string& name_space : {kNamespaces[0], kNamespaces[1], kNowhere}) {
                    const bool held =
                        (reply.body + reply.headers).find(marker(name_space)) != std::string::npos;
                    CHECK((!held || may_see(user, name_space)));
                    if (held) {
                        shown[name_space].insert(pattern);
                    }
                }
            }
        }
        // What may be seen is seen, on the routes that are about it.
        for (const std::string& name_space : kNamespaces) {
            INFO(user.name << " " << name_space);
            CHECK(shown[name_space].size() >= (may_see(user, name_space) ? 10U : 0U));
        }
        CHECK(shown[kNowhere].empty() != user.everything);
    }
}

TEST_CASE("a namespace that may not be seen answers alike, there or not", "[rights]") {
    for (const auto& [operation, targets] : test::route_targets()) {
        for (const std::string& target : targets) {
            const std::string here = "/api/namespaces/travel/";
            if (!target.starts_with(here)) {
                continue;
            }
            INFO(target);
            MarkedWorld world;
            sign_in(world, kUsers[2]);
            const Reply reply = world.get(target);
            CHECK(reply.status == 403);
            std::string elsewhere = target;
            elsewhere.replace(0, here.size(), "/api/namespaces/ghosts/");
            std::string expected = world.get(elsewhere).body;
            expected.replace(expected.find("ghosts"), 6, "travel");
            CHECK(reply.body == expected);
            CHECK(world.store.queries().empty());
            CHECK(world.cluster.calls().empty());
        }
    }
}
