#include "business/clock_offsets.hpp"

#include "tests/support/make_trace.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using test::make_trace;
using test::SpanRow;

namespace {

constexpr std::int64_t kStart = 1'763'683'200'000'000;

// A call of a client on `from` and its server on `to`, whose clock is `skew_us` ahead: 10 ms and
// 8 ms, 1 ms each way.
struct Call {
    std::string from = "a";
    std::string to = "b";
    std::int64_t skew_us = 0;
    std::int64_t there_us = 1'000;
    std::int64_t back_us = 1'000;
};

class Calls {
 public:
    void add(const Call& call, const std::string& kind = "server") {
        SpanRow client;
        client.id = ++last_;
        client.start_us = kStart + static_cast<std::int64_t>(last_) * 20'000;
        client.duration_us = 8'000 + call.there_us + call.back_us;
        client.service = call.from;
        client.process_tags = {{"hostname", call.from}};
        client.tags = {{"span.kind", std::string("client")}};
        SpanRow server;
        server.id = ++last_;
        server.parent = client.id;
        server.start_us = client.start_us + call.there_us + call.skew_us;
        server.duration_us = 8'000;
        server.service = call.to;
        server.process_tags = {{"hostname", call.to}};
        server.tags = {{"span.kind", kind}};
        rows_.push_back(client);
        rows_.push_back(server);
    }
    std::vector<SpanRow>& rows() { return rows_; }
    [[nodiscard]] std::vector<ClockOffset> offsets(const std::vector<bool>* hidden = nullptr)
        const {
        const models::TracePtr trace = make_trace({0, 1}, rows_);
        return clock_offsets(*trace, resolve(*trace, nullptr), hidden);
    }
    // Of the hosts that are apart, as "a: 0 2".
    [[nodiscard]] std::vector<std::string> hosts(const std::vector<bool>* hidden = nullptr) const {
        const models::TracePtr trace = make_trace({0, 1}, rows_);
        const TraceIdentities identities = resolve(*trace, nullptr);
        std::vector<std::string> out;
        for (const HostSpans& one : spans_of_hosts(
                 *trace, identities, hidden, clock_offsets(*trace, identities, hidden)
             )) {
            std::string text = one.host + ":";
            for (const std::size_t span : one.spans) {
                text += " " + std::to_string(span);
            }
            out.push_back(text);
        }
        return out;
    }

 private:
    std::vector<SpanRow> rows_;
    std::uint64_t last_ = 0;
};

}  // namespace

TEST_CASE("a clock that is ahead is measured by the calls to it", "[clocks]") {
    const std::int64_t skew = GENERATE(80'000, -80'000, 180'000);
    Calls calls;
    calls.add({"a", "b", skew, 1'500, 500});
    calls.add({"a", "b", skew, 500, 1'500});
    calls.add({"a", "b", skew});
    const auto offsets = calls.offsets();
    REQUIRE(offsets.size() == 1);
    CHECK(offsets[0].from == "a");
    CHECK(offsets[0].to == "b");
    CHECK(offsets[0].samples == 3);
    CHECK(offsets[0].offset_ns == skew * 1'000);
    CHECK(offsets[0].low_ns == skew * 1'000 - 500'000);
    CHECK(offsets[0].high_ns == skew * 1'000 + 500'000);
    CHECK(offsets[0].spread_ns == 1'000'000);
}

TEST_CASE("calls both ways are of one pair of hosts", "[clocks]") {
    Calls calls;
    calls.add({"a", "b", 80'000});
    calls.add({"b", "a", -80'000});
    const auto offsets = calls.offsets();
    REQUIRE(offsets.size() == 1);
    CHECK(offsets[0].samples == 2);
    CHECK(offsets[0].offset_ns == 80'000'000);
}

TEST_CASE("clocks that may agree are not listed", "[clocks]") {
    Calls calls;
    // Within the time on the way, and a little beyond.
    const std::int64_t skew = GENERATE(0, 900, -900, 1'400, 1'999);
    calls.add({"a", "b", skew});
    CHECK(calls.offsets().empty());
}

TEST_CASE("what is no sample", "[clocks]") {
    Calls calls;
    SECTION("the same host") { calls.add({"a", "a", 80'000}); }
    SECTION("a message that is taken later") { calls.add({"a", "b", 80'000}, "consumer"); }
    SECTION("a server span that outlasts its client's") {
        calls.add({"a", "b", 80'000, -1'000, -1'000});
    }
    SECTION("what follows from the call") {
        calls.add({"a", "b", 80'000});
        SpanRow& server = calls.rows().back();
        server.links = {{{0, 1}, server.parent, false}};
        server.parent = 0;
    }
    SECTION("a call that was tried twice") {
        calls.add({"a", "b", 80'000});
        SpanRow again = calls.rows().back();
        again.id = 99;
        again.start_us += 10;
        calls.rows().push_back(again);
    }
    CHECK(calls.offsets().empty());
}

TEST_CASE("hidden spans are no samples", "[clocks]") {
    Calls calls;
    calls.add({"a", "b", 80'000});
    const std::vector<bool> hidden{false, true};
    CHECK(calls.offsets().size() == 1);
    CHECK(calls.offsets(&hidden).empty());
}

TEST_CASE("calls that no one offset explains give their median", "[clocks]") {
    Calls calls;
    calls.add({"a", "b", 80'000});
    calls.add({"a", "b", 90'000});
    calls.add({"a", "b", 100'000});
    const auto offsets = calls.offsets();
    REQUIRE(offsets.size() == 1);
    CHECK(offsets[0].low_ns > offsets[0].high_ns);
    CHECK(offsets[0].offset_ns == 90'000'000);
    CHECK(offsets[0].spread_ns == 20'000'000);
}

TEST_CASE("odd times do no harm", "[clocks]") {
    Calls calls;
    calls.add({"a", "b", 80'000});
    calls.rows()[0].start_us = -9'000'000'000'000'000;
    calls.rows()[1].start_us = 9'000'000'000'000'000;
    CHECK(calls.offsets().size() == 1);
}

TEST_CASE("each clock that is apart says which spans it timed", "[clocks]") {
    Calls calls;
    calls.add({"a", "b", 80'000});
    calls.add({"a", "b", 80'000});
    calls.add({"a", "c", 0});
    // Clients are sorted before the servers that a late clock seems to answer from.
    const std::vector<std::string> found = calls.hosts();
    REQUIRE(found.size() == 2);
    CHECK(found[0].substr(0, 2) == "a:");
    CHECK(found[1].substr(0, 2) == "b:");
    const auto count = [](const std::string& text) {
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), ' '));
    };
    CHECK(count(found[0]) == 3);
    CHECK(count(found[1]) == 2);
}

TEST_CASE("clocks that agree have no spans to move, nor have very many", "[clocks]") {
    Calls calls;
    calls.add({"a", "b", 0});
    CHECK(calls.hosts().empty());
    Calls many;
    for (std::size_t i = 0; i <= kMostHostSpans / 2; ++i) {
        many.add({"a", "b", 80'000});
    }
    CHECK(many.offsets().size() == 1);
    CHECK(many.hosts().empty());
}

TEST_CASE("hidden spans are not told to have been timed by anybody", "[clocks]") {
    Calls calls;
    calls.add({"a", "b", 80'000});
    calls.add({"a", "b", 80'000});
    std::vector<bool> hidden(4, false);
    const std::vector<std::string> all = calls.hosts(&hidden);
    REQUIRE(all.size() == 2);
    hidden[0] = true;
    const std::vector<std::string> left = calls.hosts(&hidden);
    REQUIRE(left.size() == 2);
    CHECK(left[0].size() + left[1].size() < all[0].size() + all[1].size());
}
