#include "business/sampling_interval.hpp"

#include <algorithm>
#include <cmath>

namespace meshscope::business {

namespace {

constexpr double kBeyond = 0.005;  // at each end
constexpr double kZ = 2.5758293035489004;
constexpr double kMostVariance = 2'500;
// Nothing that counts lies farther from the middle, in standard deviations.
constexpr double kFarthest = 12;

CountInterval approximate(double trials, double chance) {
    const double middle = trials * chance;
    const double reach = kZ * std::sqrt(middle * (1 - chance)) + 0.5;
    return {std::max(0.0, std::ceil(middle - reach)), std::min(trials, std::floor(middle + reach))};
}

double log_choose(double trials, double hits) {
    return std::lgamma(trials + 1) - std::lgamma(hits + 1) - std::lgamma(trials - hits + 1);
}

}  // namespace

CountInterval binomial_interval(double trials, double chance) {
    const double n = std::max(0.0, std::round(trials));
    if (n == 0 || chance <= 0) {
        return {0, 0};
    }
    if (chance >= 1) {
        return {n, n};
    }
    const double variance = n * chance * (1 - chance);
    if (variance > kMostVariance) {
        return approximate(n, chance);
    }
    const double reach = kFarthest * std::sqrt(variance) + kFarthest;
    double k = std::max(0.0, std::floor(n * chance - reach));
    const double last = std::min(n, std::ceil(n * chance + reach));
    double one = std::exp(log_choose(n, k) + k * std::log(chance) + (n - k) * std::log1p(-chance));
    double below = one;  // P(X <= k)
    while (below <= kBeyond && k < last) {
        one *= (n - k) / (k + 1) * chance / (1 - chance);
        below += one;
        ++k;
    }
    CountInterval interval{k, k};
    while (below < 1 - kBeyond && k < last) {
        one *= (n - k) / (k + 1) * chance / (1 - chance);
        below += one;
        ++k;
    }
    interval.high = k;
    return interval;
}

ShareInterval wilson_interval(double hits, double trials) {
    if (trials <= 0) {
        return {};
    }
    const double share = std::clamp(hits / trials, 0.0, 1.0);
    const double square = kZ * kZ;
    const double reach =
        kZ * std::sqrt(share * (1 - share) / trials + square / (4 * trials * trials));
    const double middle = share + square / (2 * trials);
    const double scale = 1 + square / trials;
    return {
        std::clamp((middle - reach) / scale, 0.0, 1.0),
        std::clamp((middle + reach) / scale, 0.0, 1.0)
    };
}

}  // namespace meshscope::business
