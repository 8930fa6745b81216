#include "business/ask_histograms.hpp"
#include "business/left_out_buckets.hpp"
#include "tests/support/fake_metric_store.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <bit>
#include <cstdint>
#include <map>
#include <random>
#include <regex>
#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using namespace std::chrono_literals;
using clients::promql::Quantile;
using test::MetricRow;

namespace {

using Bounds = std::vector<std::string>;

const SystemTime kAt = from_micros(1'763'683'200'000'000);
const std::vector<double> kQuantiles{0.5, 0.9, 0.99};

// Buckets of one workload, and the sum of its times, over one interval.
struct Histogram {
    bool inbound = true;
    std::string workload;
    std::string interval;  // "600"
    std::vector<BucketRow> buckets;
};

// A store that reads the selectors of queries for histograms, and the numbers of joined ones.
class HistogramStore final : public clients::MetricStore {
 public:
    std::vector<Histogram> histograms;
    std::vector<std::string> asked;
    std::size_t series = 0;  // that were read
    std::string fails;       // queries that hold this; "": none

    Awaitable<Result<clients::VectorAnswerPtr>> instant(
        RequestContext, clients::promql::Expr query, SystemTime
    ) override {
        const std::string text = query.text();
        asked.push_back(text);
        if (!fails.empty() && text.find(fails) != std::string::npos) {
            co_return Error(ErrorKind::kUpstreamUnavailable, "away");
        }
        auto answer = std::make_shared<clients::VectorAnswer>();
        answer->data = test::metric_vector(rows_of(text));
        co_return clients::VectorAnswerPtr(std::move(answer));
    }
    Awaitable<Result<clients::MatrixAnswerPtr>> range(
        RequestContext, clients::promql::Expr, clients::MetricRange
    ) override {
        co_return Error(ErrorKind::kInternal, "not asked");
    }
    [[nodiscard]] clients::MetricStoreState state() const override { return {}; }

 private:
    const std::regex& compiled(const std::string& pattern) {
        return compiled_.try_emplace(pattern, pattern).first->second;
    }
    bool holds(const std::string& matchers, const std::string& label, const std::string& value) {
        const std::regex& condition = compiled(label + R"re((=|=~|!~)"((?:[^"\\]|\\.)*)")re");
        std::smatch match;
        if (!std::regex_search(matchers, match, condition)) {
            return true;
        }
        const std::string text = std::regex_replace(match[2].str(), compiled(R"(\\\\)"), R"(\)");
        const bool is = match[1] == "=" ? text == value : std::regex_match(value, compiled(text));
        return is == (match[1] != "!~");
    }

    std::vector<MetricRow> rows_of(const std::string& text) {
        const std::regex selector(R"(milliseconds_(bucket|sum)\{([^}]*)\}\[(\d+)s\])");
        const std::regex number(R"("meshscope_branch", "(\d+)\")");
        std::vector<MetricRow> rows;
        for (auto it = std::sregex_iterator(text.begin(), text.end(), selector);
             it != std::sregex_iterator();
             ++it) {
            const std::string rest = it->suffix();
            std::smatch branch;
            std::regex_search(rest, branch, number);
            for (const Histogram& histogram : histograms) {
                add(rows, *it, histogram, branch.empty() ? "" : branch[1].str());
            }
        }
        return rows;
    }
    void add(
        std::vector<MetricRow>& rows,
        const std::smatch& selector,
        const Histogram& histogram,
        const std::string& branch
    ) {
        const std::string side = histogram.inbound ? "destination" : "source";
        const std::string matchers = selector[2];
        if (histogram.interval != selector[3] || !holds(matchers, "reporter", side) ||
            !holds(matchers, side + "_workload", histogram.workload)) {
            return;
        }
        MetricRow row{
            {{side + "_workload", histogram.workload}, {side + "_workload_namespace", "b"}}
        };
        if (!branch.empty()) {
            row.labels["meshscope_branch"] = branch;
        }
        if (selector[1] == "sum") {
            ++series;
            row.value = histogram.buckets.back().count * 7;
            rows.push_back(row);
            return;
        }
        for (const BucketRow& bucket : histogram.buckets) {
            if (holds(matchers, "le", bucket.le)) {
                ++series;
                row.labels["le"] = bucket.le;
                row.value = bucket.count;
                rows.push_back(row);
            }
        }
    }

    std::map<std::string, std::regex> compiled_;  // by pattern: compiling costs the most by far
};

const std::vector<std::string> kBounds{"0.5",    "1",      "5",       "10",      "25",
                                       "50",     "100",    "250",     "500",     "1000",
                                       "2500",   "5000",   "10000",   "30000",   "60000",
                                       "300000", "600000", "1800000", "3600000", "+Inf"};

// Most requests end below bound `most`, some later.
std::vector<BucketRow> around(std::size_t most, double many = 100) {
    std::vector<BucketRow> rows;
    double count = 0;
    for (std::size_t i = 0; i < kBounds.size(); ++i) {
        count += i == most ? many : i == most + 1 ? many / 8 : i == most + 2 ? many / 32 : 0;
        rows.push_back({kBounds[i], count});
    }
    return rows;
}

struct World {
    HistogramStore store;
    test::ManualClock clock;
    std::vector<MeasuredRequests> asked;

    void add(
        const std::string& workload,
        bool inbound,
        std::vector<std::vector<BucketRow>> rows,
        std::vector<std::chrono::seconds> intervals = {600s, 3600s, 10'800s}
    ) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            MeasuredRequests one;
            one.target = {MeasuredTarget::Kind::kWorkload, "", "b", workload};
            one.inbound = inbound;
            one.reporters = {inbound ? "destination" : "source"};
            one.interval = intervals[i];
            one.at = kAt;
            asked.push_back(one);
            const bool again = i > 0 && intervals[i] == intervals[i - 1];
            if (!rows[i].empty() && !again) {
                store.histograms.push_back(
                    {inbound, workload, std::to_string(intervals[i].count()), std::move(rows[i])}
                );
            }
        }
    }
    HistogramsFound ask(bool narrow) {
        store.asked.clear();
        store.series = 0;
        HistogramQuestion question;
        question.asked = asked;
        question.narrow = narrow;
        for (const char* text : {"0.5", "0.9", "0.99"}) {
            question.quantiles.push_back(*Quantile::parse(text));
        }
        return test::run_coroutine<HistogramsFound>([&] {
            return ask_histograms(store, clock, {}, question);
        });
    }
};

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

void check_same(const HistogramsFound& a, const HistogramsFound& b) {
    REQUIRE(a.times.size() == b.times.size());
    for (std::size_t i = 0; i < a.times.size(); ++i) {
        INFO(i);
        REQUIRE(a.errors[i].has_value() == b.errors[i].has_value());
        REQUIRE(a.times[i].size() == b.times[i].size());
        const MeasuredTimes& x = a.times[i].front();
        const MeasuredTimes& y = b.times[i].front();
        CHECK(x.is_there() == y.is_there());
        CHECK(bits(x.count()) == bits(y.count()));
        CHECK(bits(x.average()) == bits(y.average()));
        for (std::size_t q = 0; q < kQuantiles.size(); ++q) {
            CHECK(bits(x.quantile(q, kQuantiles[q])) == bits(y.quantile(q, kQuantiles[q])));
        }
    }
}

std::vector<BucketRow> spelled_anew(std::vector<BucketRow> rows) {
    for (BucketRow& row : rows) {
        row.le += row.le.find_first_of(".I") == std::string::npos ? ".0" : "";
    }
    return rows;
}

std::vector<BucketRow> both(std::vector<BucketRow> a, const std::vector<BucketRow>& b) {
    a.insert(a.end() - 1, b.begin(), b.end() - 1);
    a.back().count += b.back().count;
    return a;
}

std::vector<BucketRow> falling(std::vector<BucketRow> rows, std::size_t at, double by) {
    rows[at].count -= by;
    return rows;
}

std::vector<BucketRow> with_total(std::vector<BucketRow> rows, double total) {
    rows.back().count = total;
    return rows;
}

}  // namespace

TEST_CASE("longer intervals are asked for without what their quantiles do not need", "[narrow]") {
    struct Row {
        const char* what;
        std::vector<BucketRow> hour;  // of `a`
        std::size_t queries;
    };
    const std::vector<BucketRow> few{{"7", 3}, {"70", 4}, {"+Inf", 5}};
    const Row rows[] = {
        {"as before", around(4, 317), 5},
        {"a bucket later, which is near", around(5), 5},
        {"a bucket earlier, further away", around(3), 6},
        {"much later", around(12), 6},
        {"much earlier", around(0), 6},
        {"above every bound", with_total(around(4), 9000), 6},
        {"a few that took longest", with_total(around(4), 116), 5},
        {"just one in a hundred took longest", with_total(around(4), 116.8), 6},
        {"nothing was counted", around(30), 5},
        {"there is nothing", {}, 5},
        {"no total", {{"5", 1}, {"10", 2}}, 5},
        {"other bounds", few, 6},
        {"other bounds besides", both(around(4), few), 6},
        {"spelled in another way", spelled_anew(around(4)), 5},
        {"spelled in two ways", both(around(4), spelled_anew(around(4, 55))), 5},
        {"counts fall", falling(around(4), 6, 7), 6},
        {"counts fall within rounding", falling(around(4), 6, 1e-13), 6},
    };
    for (const Row& row : rows) {
        World world;
        world.add("a", true, {around(4), row.hour, around(4, 1000)});
        world.add("c", true, {around(5), around(5, 600), around(5, 2000)});
        world.add("a", false, {around(7), around(7, 600), around(8, 2000)});
        const HistogramsFound whole = world.ask(false);
        const std::size_t series = world.store.series;
        CHECK(world.store.asked.size() == 6);
        const HistogramsFound narrow = world.ask(true);
        INFO(row.what);
        CHECK(world.store.asked.size() <= 6);
        check_same(whole, narrow);
        CHECK(world.store.series < series);
        INFO(world.store.asked.back());
        CHECK(world.store.asked.size() == row.queries);
    }
}

TEST_CASE("each set of intervals costs at most six queries", "[narrow]") {
    World world;
    for (const bool inbound : {true, false}) {
        world.add("old", inbound, {around(4), around(12), around(0)});
        world.add("young", inbound, {around(4), around(12), around(12)}, {600s, 1000s, 1000s});
        world.add("new", inbound, {around(4), around(4), around(4)}, {300s, 300s, 300s});
    }
    const HistogramsFound whole = world.ask(false);
    CHECK(world.store.asked.size() == 10);
    check_same(whole, world.ask(true));
    CHECK(world.store.asked.size() == 1 + 6 + 1);  // of three sets
}

TEST_CASE("what is left out changes no number of any histogram", "[narrow]") {
    std::mt19937 random(20'261'121);
    const auto any = [&random](std::size_t below) { return random() % below; };
    std::size_t left_out = 0;
    for (int round = 0; round < 150; ++round) {
        World world;
        for (const char* workload : {"a", "b", "c"}) {
            const std::size_t most = any(17);
            std::vector<std::vector<BucketRow>> rows;
            for (int i = 0; i < 3; ++i) {
                rows.push_back(around(most + any(2) * any(4), static_cast<double>(any(5'000)) / 7));
                double more = 0;
                for (BucketRow& row : rows.back()) {
                    more += any(3) == 0 ? static_cast<double>(any(20)) / 3 : 0;
                    row.count += more;
                }
            }
            world.add(workload, any(2) == 0, std::move(rows));
        }
        const HistogramsFound whole = world.ask(false);
        const std::size_t series = world.store.series;
        check_same(whole, world.ask(true));
        CHECK(world.store.asked.size() <= 6);
        CHECK(world.store.series <= series);
        left_out += series - world.store.series;
    }
    CHECK(left_out > 150 * 10);
}

TEST_CASE("without an answer for the shortest interval all buckets are asked for", "[narrow]") {
    World world;
    SECTION("it fails") {
        world.add("a", true, {around(4), around(4), around(4)});
        world.store.fails = "[600s]";
        const HistogramsFound found = world.ask(true);
        CHECK(found.errors[0]->message() == "away");
        CHECK(found.times[2].at(0).count() == around(4).back().count);
    }
    SECTION("there was no traffic") {
        world.add("a", true, {{}, around(4), around(4)});
        check_same(world.ask(false), world.ask(true));
    }
    CHECK(world.store.asked.size() == 3);
    for (const std::string& text : world.store.asked) {
        CHECK(text.find("le!") == std::string::npos);
    }
}

TEST_CASE("who needs what was left out, and does not get it, has an error", "[narrow]") {
    World world;
    world.add("a", true, {around(4), around(12)});
    world.add("b", true, {around(4), around(4)});
    world.store.fails = "le=~";
    const HistogramsFound found = world.ask(true);
    CHECK(found.errors[1]->message() == "away");
    CHECK_FALSE(found.errors[3].has_value());
    CHECK(found.times[3].at(0).count() == around(4).back().count);
    CHECK(world.store.asked.size() == 3);
}

TEST_CASE("nothing is left out where it may cost more queries than are allowed", "[narrow]") {
    World world;
    world.add("a", true, {around(4), around(4), around(4)});
    HistogramQuestion question;
    question.asked = world.asked;
    question.narrow = true;
    question.max_queries = 3;
    const auto found = test::run_coroutine<HistogramsFound>([&] {
        return ask_histograms(world.store, world.clock, {}, question);
    });
    CHECK(world.store.asked.size() == 3);
    for (const std::string& text : world.store.asked) {
        CHECK(text.find("le!") == std::string::npos);
    }
    CHECK(found.times[2].size() == 1);
}

TEST_CASE("the bounds around a quantile and the one next to it are needed", "[narrow]") {
    const auto repair = BucketRepair::kEnvelope;
    struct Row {
        double quantile;
        Bounds needed;
    };
    const Row rows[] = {
        // 100 in ]100, 250], 12.5 behind them, 3.125 behind those.
        {0.5, {"100", "250", "500", "+Inf"}},
        {0.3, {"50", "100", "250", "+Inf"}},
        {0.9, {"100", "250", "500", "+Inf"}},
        {0.99, {"500", "1000", "2500", "+Inf"}},
        {0, {"0.5", "1", "+Inf"}},
        {1, {"500", "1000", "2500", "+Inf"}},
    };
    for (const Row& row : rows) {
        INFO(row.quantile);
        const Bounds left_out = needless_bounds(around(7), {row.quantile}, repair);
        CHECK(left_out.size() == kBounds.size() - row.needed.size());
        for (const std::string& needed : row.needed) {
            CHECK(std::ranges::find(left_out, needed) == left_out.end());
        }
    }
    const Bounds above = needless_bounds(with_total(around(7), 900), {0.5}, repair);
    CHECK(above.size() == kBounds.size() - 3);
    CHECK(std::ranges::find(above, "3600000") == above.end());
    CHECK(needless_bounds({}, {0.5}, repair).empty());
    CHECK(needless_bounds(around(30), {0.5}, repair).empty());  // nothing was counted
    CHECK(needless_bounds({{"5", 1}, {"10", 2}, {"20", 2}}, {0.5}, repair).empty());
    CHECK(needless_bounds(around(7), {}, repair).size() == kBounds.size() - 1);
}

TEST_CASE("whether what came is enough", "[narrow]") {
    struct Row {
        const char* what;
        std::vector<BucketRow> rows;
        Bounds left_out;
        double quantile;
        bool settled;
    };
    const Row rows[] = {
        {"nothing was left out", {{"1", 9}, {"5", 3}}, {}, 0.5, true},
        {"between neighbours", {{"1", 1}, {"5", 3}, {"+Inf", 4}}, {"10", "0.5"}, 0.5, true},
        {"a bound between", {{"1", 1}, {"5", 3}, {"+Inf", 4}}, {"2"}, 0.5, false},
        {"in the first", {{"1", 3}, {"+Inf", 4}}, {"5"}, 0.5, true},
        {"in the first that came", {{"1", 3}, {"+Inf", 4}}, {"0.5"}, 0.5, false},
        {"above all bounds", {{"1", 1}, {"5", 1}, {"+Inf", 4}}, {"0.5"}, 0.5, true},
        {"above all that came", {{"1", 1}, {"5", 1}, {"+Inf", 4}}, {"10"}, 0.5, false},
        {"the total alone", {{"+Inf", 4}}, {"10"}, 0.5, false},
        {"on an edge", {{"1", 1}, {"5", 2}, {"+Inf", 4}}, {"10"}, 0.5, true},
        {"just above it", {{"1", 1}, {"5", 2}, {"+Inf", 4.0000001}}, {"10"}, 0.5, false},
        {"a part of what was left out",
         {{"1", 1}, {"2.0", 1}, {"5", 3}, {"+Inf", 4}},
         {"2"},
         0.5,
         false},
        {"it falls", {{"1", 4}, {"5", 3}, {"+Inf", 4}}, {"10"}, 0.1, false},
        {"it is no number", {{"1", std::nan("")}, {"5", 3}, {"+Inf", 4}}, {"10"}, 0.5, false},
        {"nothing was counted", {{"5", 0}, {"+Inf", 0}}, {"1"}, 0.5, true},
        {"nothing says how much", {{"5", 3}}, {"1"}, 0.5, true},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        for (const auto repair : {BucketRepair::kEnvelope, BucketRepair::kFlatten}) {
            CHECK(is_settled(row.rows, row.left_out, {row.quantile}, repair) == row.settled);
        }
    }
}
