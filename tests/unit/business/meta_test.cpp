#include "business/meta.hpp"

#include "business/access.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::business;

TEST_CASE("dropped items are counted by reason", "[meta]") {
    Meta meta;
    meta.drop("bad_trace_id", 2);
    meta.drop("hidden_spans", 0);
    meta.drop("bad_trace_id", 3);
    REQUIRE(meta.dropped.size() == 1);
    CHECK(meta.dropped[0].count == 5);
}

TEST_CASE("anonymous callers with cluster-wide rights see all, others nothing", "[access]") {
    const AnonymousAccess access;
    Caller caller;
    CHECK(access.sees_all(caller));
    CHECK(access.visible(caller, "shop"));
    CHECK(access.visible(caller, ""));
    caller.cluster_wide = false;
    CHECK_FALSE(access.sees_all(caller));
    CHECK_FALSE(access.visible(caller, "shop"));
}
