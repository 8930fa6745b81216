#include "clients/kubernetes/kind_states.hpp"

#include "tests/unit/kubernetes/kept_fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::clients::kubernetes;
using namespace meshscope::test;
using Kept = KindState::State;

namespace {

FeedState feed(Kept state, std::uint64_t lists = 1, std::optional<SystemTime> behind = {}) {
    FeedState made;
    made.state = state;
    made.lists = lists;
    made.behind_since = behind;
    made.reason = state == Kept::kCurrent ? "" : "why";
    return made;
}

SystemTime at(std::int64_t seconds) { return from_micros(seconds * 1'000'000); }

}  // namespace

TEST_CASE("kinds are named with their group") {
    CHECK(name_of(resource_named("pods")) == "pods");
    CHECK(name_of(resource_named("virtualservices")) == "virtualservices.networking.istio.io");
}

TEST_CASE("a cluster is synced when each demanded kind was looked at") {
    KindStates kinds;
    kinds.expect(resource_named("pods"), "");
    kinds.expect(resource_named("services"), "");
    kinds.expect(resource_named("virtualservices"), "");
    CHECK_FALSE(kinds.synced());
    kinds.set(resource_named("pods"), "", feed(Kept::kCurrent));
    CHECK_FALSE(kinds.synced());
    kinds.set(resource_named("services"), "", feed(Kept::kForbidden, 0));
    CHECK(kinds.synced());
    kinds.set(resource_named("pods"), "", feed(Kept::kStale, 1, at(7)));
    CHECK(kinds.synced());
    CHECK(kinds.kinds().size() == 3);
    CHECK(kinds.kinds()[0].resource == "pods");
    CHECK(kinds.kinds()[0].state == Kept::kStale);
    CHECK(kinds.kinds()[0].reason == "why");
    CHECK(kinds.kinds()[2].state == Kept::kSyncing);
}

TEST_CASE("how old the whole is: the first demanded kind that is behind") {
    KindStates kinds;
    kinds.set(resource_named("virtualservices"), "", feed(Kept::kStale, 1, at(1)));
    CHECK_FALSE(kinds.behind_since());
    kinds.expect(resource_named("pods"), "");
    kinds.expect(resource_named("services"), "");
    kinds.set(resource_named("pods"), "", feed(Kept::kStale, 1, at(9)));
    kinds.set(resource_named("services"), "", feed(Kept::kPolling, 1, at(5)));
    CHECK(kinds.behind_since() == at(5));
    kinds.set(resource_named("services"), "", feed(Kept::kForbidden, 1, at(5)));
    CHECK(kinds.behind_since() == at(9));
    kinds.set(resource_named("pods"), "", feed(Kept::kCurrent, 2));
    CHECK_FALSE(kinds.behind_since());
}

TEST_CASE("by namespace: what one lacks the kind lacks, those that may not be read are named apart"
) {
    KindStates kinds;
    const Resource& pods = resource_named("pods");
    kinds.expect(pods, "a");
    kinds.expect(pods, "b");
    kinds.set(pods, "a", feed(Kept::kCurrent));
    CHECK_FALSE(kinds.synced());
    CHECK(kinds.kinds()[0].state == Kept::kSyncing);
    kinds.set(pods, "b", feed(Kept::kForbidden, 0));
    CHECK(kinds.synced());
    KindState state = kinds.kinds()[0];
    CHECK(state.state == Kept::kCurrent);
    CHECK(state.forbidden_namespaces == std::vector<std::string>{"b"});
    CHECK(state.lists == 1);
    kinds.set(pods, "a", feed(Kept::kForbidden, 1));
    CHECK(kinds.kinds()[0].state == Kept::kForbidden);
}
