// Names that a wire may trip over are the same behind every protocol.
#include "tests/contract/suite.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace meshscope::contract {

namespace {

const std::array<std::string, 8> kOddNames{
    "a/b",
    "100%",
    "what?",
    "with blanks",
    "a&b=c#d",
    "gr\xC3\xBC\xC3\x9F",
    "\xF0\x9F\x98\x80",
    "a\"b\\c"
};

Result<std::vector<std::string>> services(Backend& backend) {
    return test::run_coroutine<Result<std::vector<std::string>>>([&] {
        return backend.store().services({});
    });
}

}  // namespace

TEST_CASE("contract: a service of any name is listed, searched and asked for its operations") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    std::vector<HeldTrace> traces;
    for (std::size_t i = 0; i < kOddNames.size(); ++i) {
        traces.push_back(held(i + 1));
        traces.back().spans[0].service = kOddNames[i];
        traces.back().spans[0].operation = kOddNames[i];
    }
    backend->hold(traces);
    backend->offer({kOddNames.begin(), kOddNames.end()}, {{kOddNames[7], "server"}});
    auto sorted = kOddNames;
    std::sort(sorted.begin(), sorted.end());
    const auto names = services(*backend);
    REQUIRE(names.has_value());
    CHECK(std::equal(names->begin(), names->end(), sorted.begin(), sorted.end()));
    for (std::size_t i = 0; i < kOddNames.size(); ++i) {
        INFO(kOddNames[i]);
        TraceQuery query = query_all(*backend);
        query.service = kOddNames[i];
        query.operation = kOddNames[i];
        const auto batch = find(*backend, query);
        REQUIRE(batch.has_value());
        CHECK(ids_of(*batch) == std::vector<std::uint64_t>{i + 1});
        const auto found = test::run_coroutine<Result<std::vector<clients::Operation>>>([&] {
            return backend->store().operations({}, kOddNames[i], "");
        });
        REQUIRE(found.has_value());
        std::set<std::string> expected{kOddNames[7]};
        if (backend->is_foreign()) {
            expected.insert(kOddNames[i]);
        }
        std::set<std::string> seen;
        for (const clients::Operation& operation : *found) {
            seen.insert(operation.name);
        }
        CHECK(seen == expected);
    }
}

TEST_CASE("contract: 30000 services arrive, ascending") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    std::vector<std::string> many;
    for (int i = 30'000; i > 0; --i) {
        many.push_back("service-" + std::to_string(i) + ".bookinfo");
    }
    backend->offer(many, {{"op", "server"}});
    const auto names = services(*backend);
    REQUIRE(names.has_value());
    CHECK(names->size() == 30'000);
    CHECK(std::is_sorted(names->begin(), names->end()));
}

TEST_CASE("contract: keys of any form are kept") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    SpanRow row = row_of(1);
    row.tags = {
        {"", std::string("empty")},
        {"line\nfeed", std::string("a")},
        {"tab\there", std::int64_t{1}},
        {"bell\x07", true},
        {"quote\"back\\slash", std::string("b")},
        {"<script>", std::string("</script>")},
        {"__proto__", std::string("c")},
        {std::string(300, 'k'), std::string("long")},
    };
    row.process_tags = {{"", std::string("empty")}, {"a\nb", std::string("c")}};
    const auto trace = look_up(*backend, {.id = {0, 1}, .spans = {row}});
    check_tags(*backend, trace->spans[0].tags, row.tags);
    check_tags(*backend, trace->processes[0].tags, row.process_tags);
}

}  // namespace meshscope::contract
