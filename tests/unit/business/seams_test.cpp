#include "business/discovery.hpp"
#include "business/identity.hpp"
#include "business/mesh_names.hpp"
#include "business/rights.hpp"
#include "models/log_line.hpp"

#include <catch2/catch.hpp>

namespace meshscope::business {

TEST_CASE("what was not worked out names nothing and opens nothing", "[access]") {
    const Rights rights;
    CHECK_FALSE(rights.cluster_wide);
    CHECK(rights.visible == nullptr);
    const SpanIdentity identity;
    CHECK(identity.certainty == Certainty::kUnknown);
    CHECK(identity.evidence == Evidence::kNone);
    CHECK(identity.rights_ns.empty());
    const models::LogLine line;
    CHECK(line.access == nullptr);
    CHECK(line.message.empty());
}

}  // namespace meshscope::business
