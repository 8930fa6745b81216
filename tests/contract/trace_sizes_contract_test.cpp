// Deep and wide traces look the same over every protocol.
#include "tests/contract/suite.hpp"

namespace meshscope::contract {

TEST_CASE("contract: a chain and a fan of 10000 spans, out of order") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    constexpr std::uint64_t kSpans = 10'000;
    const bool chain = GENERATE(true, false);
    std::vector<SpanRow> rows;
    for (std::uint64_t id = kSpans; id >= 1; --id) {
        SpanRow row = row_of(id, chain ? id - 1 : (id == 1 ? 0 : 1));
        row.start_us = kStart + static_cast<std::int64_t>(id);
        rows.push_back(std::move(row));
    }
    const auto trace = look_up(*backend, {.id = {0, 1}, .spans = std::move(rows)});
    REQUIRE(trace->spans.size() == kSpans);
    CHECK(trace->warnings.empty());
    bool right = trace->spans[0].parent == models::kNoSpan;
    for (std::uint32_t i = 1; i < kSpans; ++i) {
        right = right && trace->spans[i].id.value == i + 1 &&
                trace->spans[i].parent == (chain ? i - 1 : 0);
    }
    CHECK(right);
}

}  // namespace meshscope::contract
