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
