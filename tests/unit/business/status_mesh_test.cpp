#include "business/status.hpp"
#include "tests/support/fake_access.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/manual_clock.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::business;

namespace {

using Said = std::vector<std::string>;

struct World {
    test::ManualClock clock;
    test::FakeCluster cluster{&clock};
    CallerAccess everything;

    World() {
        cluster.add_workload("istio-system", "istiod", {.sidecar = false});
        cluster.add_workload("istio-system", "ingress", {.app = "gw", .gateway = true});
        cluster.add_workload("monitoring", "collector", {.app = "otel", .pods = 0});
    }

    std::vector<ComponentStatus> components(
        std::vector<WantedComponent> wanted, const Access* access = nullptr
    ) {
        Status::Parts parts;
        parts.cluster = &cluster;
        parts.clock = &clock;
        parts.access = access == nullptr ? &everything : access;
        parts.wanted = std::move(wanted);
        Caller caller = anonymous_caller();
        caller.cluster_wide = access == nullptr;
        return Status(parts).mesh_components(caller);
    }

    Said said(std::vector<WantedComponent> wanted, const Access* access = nullptr) {
        Said out;
        for (const ComponentStatus& one : components(std::move(wanted), access)) {
            out.push_back(
                one.name + " " + std::string(to_string(one.health)) + (one.core ? " core" : "")
            );
        }
        return out;
    }
};

}  // namespace

TEST_CASE("control planes and gateways are found by themselves", "[status]") {
    CHECK(World().said({}) == Said{"istiod Healthy core", "ingress Healthy"});
}

TEST_CASE("what is wanted takes the place of control planes", "[status]") {
    World world;
    const std::vector<WantedComponent> wanted = {
        {"otel", "monitoring", true}, {"cni", "", false}, {"gw", "", true}
    };
    CHECK(
        world.said(wanted) ==
        Said{"collector NotReady core", "ingress Healthy core", "cni NotFound"}
    );
    const std::vector<ComponentStatus> all = world.components(wanted);
    REQUIRE(all.size() == 3);
    REQUIRE(all[2].reason);
    CHECK(all[2].reason->code() == "not_found");
    CHECK(
        all[2].reason->message() == "namespace istio-system has no workload with the label app=cni"
    );
    CHECK(all[2].reason->hint().setting == "external_services.istio.component_status.components");
}

TEST_CASE("whether a hidden namespace has a component is not told", "[status]") {
    World world;
    const test::FakeAccess access(std::set<std::string, std::less<>>{"bookinfo"});
    CHECK(world
              .said(
                  {{"otel", "monitoring", true}, {"no", "monitoring", true}, {"a", "", true}},
                  &access
              )
              .empty());
}

TEST_CASE("nothing is missing before the cluster is known", "[status]") {
    World world;
    clients::ClusterState state = world.cluster.state();
    state.synced = false;
    world.cluster.set_state(state);
    CHECK(world.said({{"no", "monitoring", true}}).empty());
}
