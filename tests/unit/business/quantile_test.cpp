#include "business/quantile.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <string>
#include <vector>

using namespace meshscope::business;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr BucketRepair kBoth[] = {BucketRepair::kEnvelope, BucketRepair::kFlatten};

double quantile(double q, std::vector<Bucket> buckets, BucketRepair repair) {
    const auto histogram = BucketHistogram::of(std::move(buckets), repair);
    REQUIRE(histogram.has_value());
    return histogram->quantile(q);
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

struct Row {
    double q;
    std::vector<Bucket> buckets;
    double result;
};

// Ascending bounds, of which the last is +Inf; counts that never fall.
std::vector<Bucket> random_buckets(std::mt19937_64& random) {
    constexpr std::array<double, 12> kBounds{0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1e3, 5e3, 1e4};
    std::vector<Bucket> buckets;
    double count = 0;
    for (const double bound : kBounds) {
        if (random() % 3 == 0) {
            continue;
        }
        count += random() % 4 == 0 ? 0 : static_cast<double>(random() % 100'000) / 7;
        buckets.push_back({bound, count});
    }
    if (buckets.empty()) {
        buckets.push_back({5, count});
    }
    buckets.push_back({kInf, count + static_cast<double>(random() % 3)});
    return buckets;
}

std::vector<double> random_quantiles(std::mt19937_64& random) {
    std::vector<double> quantiles{0.01, 0.5, 0.9, 0.99, 1};
    for (int i = 0; i < 20; ++i) {
        quantiles.push_back(static_cast<double>(random() % 10'000 + 1) / 10'000);
    }
    std::ranges::sort(quantiles);
    return quantiles;
}

}  // namespace

TEST_CASE("quantiles of buckets are those of Prometheus", "[quantile]") {
    const Row rows[] = {
        {0.5, {{1, 3}, {kInf, 5}}, 0.8333333333333334},
        {0, {{1, 0}, {5, 2}, {kInf, 2}}, kNaN},
        {0.5, {{kInf, 5}}, kNaN},
        {0.5, {{1, 0}, {kInf, 0}}, kNaN},
        {0.5, {{-1, 2}, {kInf, 3}}, -1},
        {0.9, {{1, 10}, {5, 4}, {10, 12}, {kInf, 11}}, 7.000000000000002},
        {-0.1, {{1, 2}, {kInf, 3}}, -kInf},
        {0.5, {{1, kNaN}, {kInf, 5}}, 1},
        {1, {{1, 1}, {5, 2}, {kInf, 3}}, 5},
        {0, {{1, 1}, {kInf, 2}}, 0},
        {0.5, {{1, 2}, {5, 5}}, kNaN},
        {0.5, {{1, 0}, {5, 0}, {kInf, 7}}, 5},
        {0.5, {{-5, 0}, {-1, 4}, {kInf, 4}}, -3},
        {0.5, {{1, 3}, {1, 3}, {kInf, 8}}, 0.6666666666666666},
        {1.1, {{1, 2}, {kInf, 3}}, kInf},
        {0.5, {{5, 0.5}, {10, 0.5}, {25, 0.5}, {kInf, 1}}, 5},
        {0.5, {{1, 1}, {5, 2}, {kInf, kNaN}}, 5},
        {kNaN, {{1, 2}, {kInf, 3}}, kNaN},
        // In any order.
        {0.5, {{kInf, 5}, {1, 3}}, 0.8333333333333334},
    };
    for (const Row& row : rows) {
        for (const BucketRepair repair : kBoth) {
            const double got = quantile(row.q, row.buckets, repair);
            INFO(row.q << " of " << row.buckets.size() << " buckets: " << got);
            CHECK(same(got, row.result));
        }
    }
}

TEST_CASE("a call of 5.96 ms is 17.5 ms faster than one in a hundred of its kind", "[quantile]") {
    const std::vector<Bucket> calls{{1, 9}, {5, 409}, {10, 695}, {25, 770}, {kInf, 770}};
    for (const BucketRepair repair : kBoth) {
        CHECK(quantile(0.99, calls, repair) == Approx(23.46).epsilon(1e-15));
        CHECK(5.96 - quantile(0.99, calls, repair) == Approx(-17.5).epsilon(1e-12));
    }
}

TEST_CASE("newer servers take counts that hardly differ as equal", "[quantile]") {
    const std::vector<Bucket> plateau{{5, 0.5}, {10, 0.5}, {25, 0.5}, {kInf, 1.0000000000000002}};
    CHECK(quantile(0.5, plateau, BucketRepair::kEnvelope) == 25);

    struct Flat {
        double q;
        std::vector<Bucket> buckets;
        double envelope;
        double flatten;
    };
    const double up = 10 * (1 + 1e-13);
    const Flat rows[] = {
        // A rise that is none: the rank of the whole lies in the first bucket.
        {1, {{1, 10}, {5, up}, {kInf, up}}, 5, 1},
        // Small falls are levelled by both, and what is held on to is the count before them.
        {1, {{1, up}, {5, 10}, {kInf, up}}, 1, 1},
        // Many small rises never add up to one.
        {1, {{1, 10}, {5, up}, {10, 10 * (1 + 2e-13)}, {kInf, 10 * (1 + 3e-13)}}, 10, 1},
        // 1e-11 is a rise.
        {1, {{1, 10}, {5, 10 * (1 + 1e-11)}, {kInf, 10 * (1 + 1e-11)}}, 5, 5},
        // A first count that is NaN keeps older servers from repairing what follows.
        {1, {{1, kNaN}, {5, 4}, {10, 6}, {25, 3}, {kInf, 3}}, kNaN, 10},
        // Beside zero nothing is small but what no rate can be.
        {1, {{1, 0}, {5, 1e-300}, {kInf, 1e-300}}, 5, 5},
    };
    for (const Flat& row : rows) {
        INFO(row.q << " of " << row.buckets.size() << " buckets");
        CHECK(same(quantile(row.q, row.buckets, BucketRepair::kEnvelope), row.envelope));
        CHECK(same(quantile(row.q, row.buckets, BucketRepair::kFlatten), row.flatten));
    }
}

TEST_CASE("bounds of buckets are read as Prometheus reads them", "[quantile]") {
    const std::pair<const char*, double> good[] = {
        {"5", 5},
        {"5.0", 5},
        {"+5", 5},
        {"1e+06", 1e6},
        {"-0.5", -0.5},
        {".5", 0.5},
        {"+Inf", kInf},
        {"Inf", kInf},
        {"inf", kInf},
        {"-Inf", -kInf},
        {"0.1", 0.1},
    };
    for (const auto& [text, bound] : good) {
        INFO(text);
        CHECK(parse_bound(text) == bound);
    }
    for (const char* text : {"", "+", "x", "5x", " 5", "+-5", "++5", "NaN", "1e999"}) {
        INFO(text);
        CHECK_FALSE(parse_bound(text).has_value());
    }
}

TEST_CASE("no buckets are no histogram, and the whole count is that of the last", "[quantile]") {
    CHECK_FALSE(BucketHistogram::of({}, BucketRepair::kEnvelope).has_value());
    CHECK(BucketHistogram::of({{kInf, 7}, {1, 2}}, BucketRepair::kEnvelope)->count() == 7);
    CHECK(std::isnan(BucketHistogram::of({{1, 2}}, BucketRepair::kEnvelope)->count()));
}

TEST_CASE("quantiles grow with q and stay inside of the bounds", "[quantile]") {
    std::mt19937_64 random(1);
    for (int round = 0; round < 2'000; ++round) {
        const auto buckets = random_buckets(random);
        const auto histogram = BucketHistogram::of(buckets, kBoth[round % 2]);
        REQUIRE(histogram.has_value());
        const double highest = buckets[buckets.size() - 2].bound;
        double before = 0;
        for (const double q : random_quantiles(random)) {
            const double value = histogram->quantile(q);
            if (std::isnan(value)) {
                CHECK(histogram->count() == 0);
                continue;
            }
            INFO("round " << round << ", q " << q << ": " << value << " after " << before);
            CHECK(value >= before * (1 - 1e-12));
            CHECK(value <= highest * (1 + 1e-12));
            before = value;
        }
    }
}

TEST_CASE("quantiles do not change when every count is doubled", "[quantile]") {
    std::mt19937_64 random(2);
    for (int round = 0; round < 2'000; ++round) {
        auto buckets = random_buckets(random);
        const auto once = BucketHistogram::of(buckets, kBoth[round % 2]);
        for (Bucket& bucket : buckets) {
            bucket.count *= round % 3 == 0 ? 0.25 : 1024;
        }
        const auto scaled = BucketHistogram::of(buckets, kBoth[round % 2]);
        for (const double q : random_quantiles(random)) {
            INFO("round " << round << ", q " << q);
            CHECK(same(once->quantile(q), scaled->quantile(q)));
        }
    }
}

TEST_CASE("a bucket split where a quantile lies leaves it there", "[quantile]") {
    std::mt19937_64 random(3);
    std::size_t split = 0;
    for (int round = 0; round < 2'000; ++round) {
        auto buckets = random_buckets(random);
        const auto whole = BucketHistogram::of(buckets, BucketRepair::kEnvelope);
        const double q = static_cast<double>(random() % 9'999 + 1) / 10'000;
        const double value = whole->quantile(q);
        const double rank = q * whole->count();
        const auto at =
            std::ranges::find_if(buckets, [&](const Bucket& b) { return b.count >= rank; });
        if (std::isnan(value) || at == buckets.end() - 1 || value >= at->bound * (1 - 1e-9)) {
            continue;  // nothing to split
        }
        buckets.push_back({value, rank});
        const auto parts = BucketHistogram::of(buckets, BucketRepair::kEnvelope);
        INFO("round " << round << ", q " << q);
        CHECK(parts->quantile(q) == Approx(value).epsilon(1e-9));
        ++split;
    }
    CHECK(split > 1'000);
}
