#include "clients/kubernetes/named_namespaces.hpp"

#include "tests/unit/kubernetes/kept_fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::clients::kubernetes;
using namespace meshscope::test;
using Kept = KindState::State;

namespace {

// The names are asked for again and again; nothing probes the server.
struct NamedFixture : KeptFixture {
    using KeptFixture::KeptFixture;

    void start_named(std::vector<std::string> wanted) {
        named.emplace(resource_named("namespaces"), std::move(wanted), patience, parts());
        tasks.spawn("named", [this] { return named->run(); });
    }
    [[nodiscard]] const FeedState& now() const { return states.back(); }

    std::optional<NamedNamespaces> named;
};

}  // namespace

TEST_CASE("named namespaces are behind as soon as another has found the server unreachable") {
    ScriptedServer server(each([](const std::string&) {
        return json_answer(object_text("team-a", "1"));
    }));
    NamedFixture fixture(server.url());
    fixture.start_named({"team-a"});
    REQUIRE(fixture.until_state(Kept::kPolling));
    CHECK_FALSE(fixture.now().behind_since);
    fixture.gate->close(Error(ErrorKind::kUnavailable, "another could not reach it"));
    REQUIRE(fixture.until_state(Kept::kStale));
    CHECK(fixture.now().reason == "another could not reach it");
    CHECK(fixture.now().behind_since);
    CHECK_FALSE(fixture.now().refused);
    CHECK(fixture.names() == std::vector<std::string>{"team-a"});
}

TEST_CASE("names that were refused are not known to be so while the server is not reached") {
    ScriptedServer server(each([](const std::string&) {
        return json_answer(status_body(403, "Forbidden", "not yours"), 403);
    }));
    NamedFixture fixture(server.url());
    fixture.start_named({"team-b"});
    REQUIRE(fixture.until_state(Kept::kForbidden));
    fixture.gate->close(Error(ErrorKind::kUnavailable, "another could not reach it"));
    REQUIRE(fixture.until([&] { return fixture.now().state != Kept::kForbidden; }));
    CHECK(fixture.now().reason == "another could not reach it");
    CHECK_FALSE(fixture.now().refused);
    fixture.tasks.spawn("gate", [&fixture] { return fixture.gate->run(); });
    REQUIRE(fixture.until_state(Kept::kForbidden));
    CHECK(fixture.now().forbidden == std::vector<std::string>{"team-b"});
}
