// Answers quantiles of buckets line by line, for tests that hold them against a real Prometheus.
//   flatten|envelope <q>,<q>... <le>:<count> <le>:<count>...
// gives a line of numbers with spaces between, to the last bit; "none" where there is no histogram.
#include "business/quantile.hpp"
#include "core/text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace meshscope;
using business::Bucket;

double number(std::string_view text) {
    double value = std::nan("");
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string spelled(double value) {
    std::array<char, 64> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

std::string answer(std::string_view line) {
    const auto words = split(line, ' ');
    std::vector<Bucket> buckets;
    for (std::size_t i = 2; i < words.size(); ++i) {
        const auto parts = split(words[i], ':');
        const auto bound = business::parse_bound(parts[0]);
        if (bound && parts.size() == 2) {
            buckets.push_back({*bound, number(parts[1])});
        }
    }
    const auto repair = words[0] == "flatten" ? business::BucketRepair::kFlatten
                                              : business::BucketRepair::kEnvelope;
    const auto histogram = business::BucketHistogram::of(std::move(buckets), repair);
    std::string out;
    for (const std::string_view q : split(words[1], ',')) {
        out += out.empty() ? "" : " ";
        out += histogram ? spelled(histogram->quantile(number(q))) : "none";
    }
    return out;
}

}  // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        std::cout << answer(line) << '\n';
    }
    return 0;
}
