#pragma once

// How many sampled requests are to be expected, and what a count says about a share. Pure.
namespace meshscope::business {

// A count of 99 in 100 samples lies between both ends; half a percent lies beyond each.
struct CountInterval {
    double low = 0;
    double high = 0;
};

// Of how many of `trials` (at least 0, rounded) are sampled when each one is with `chance` (0 to 1)
// and independently of all others: the exact central interval of the binomial distribution, that of
// Clopper and Pearson (The use of confidence or fiducial limits illustrated in the case of the
// binomial, Biometrika 26, 1934): the smallest `low` and `high` with
//   P(X <= low) > 0.005 and P(X <= high) >= 0.995, P(X <= k) = sum over i <= k of
//   C(n, i) p^i (1 - p)^(n - i).
// Where n p (1 - p) is above 2 500: n p -+ (2.5758 sqrt(n p (1 - p)) + 0.5), which then differs by
// less than two. O(sqrt(trials)) or less.
CountInterval binomial_interval(double trials, double chance);

struct ShareInterval {
    double low = 0;
    double high = 1;
};

// Of the share that `hits` of `trials` tell of: Wilson's score interval (Probable inference, the
// law of succession, and statistical inference, JASA 22, 1927) with z = 2.5758 for 99 %:
//   (s + z^2 / 2n -+ z sqrt(s (1 - s) / n + z^2 / 4n^2)) / (1 + z^2 / n), s = hits / trials.
// Nothing is known without trials: 0 to 1. Both may be fractions: clustered samples count less.
ShareInterval wilson_interval(double hits, double trials);

}  // namespace meshscope::business
