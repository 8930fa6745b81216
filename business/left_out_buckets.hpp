#pragma once

#include "business/quantile.hpp"

#include <string>
#include <vector>

// Which buckets of a histogram need not be asked for, once those of a shorter interval are known: a
// quantile needs the two bounds around it and the count of all, and it mostly stays where it was.
// The others are left out by their spelling, so that a bound that is spelled in another way comes
// all the same; then it is looked whether what came is enough. Pure.
namespace meshscope::business {

// As a store says it.
struct BucketRow {
    std::string le;
    double count = 0;
};

// As `rows` spell them, ascending: all bounds but those near the quantiles (each in [0, 1]) and the
// infinite one. None where the rows tell too little.
std::vector<std::string> needless_bounds(
    const std::vector<BucketRow>& rows, const std::vector<double>& quantiles, BucketRepair repair
);

// The rows as buckets; none of a bound of `left_out`, however it is spelled: what came of it would
// be a part.
std::vector<Bucket> buckets_without(
    const std::vector<BucketRow>& rows, const std::vector<std::string>& left_out
);

// Whether the quantiles and the count of what came are those that all buckets would give, wherever
// between their neighbours the counts of those left out lie. False also when counts fall with the
// bound, or differ by no more than rounding: then every bucket may matter.
bool is_settled(
    const std::vector<BucketRow>& rows,
    const std::vector<std::string>& left_out,
    const std::vector<double>& quantiles,
    BucketRepair repair
);

}  // namespace meshscope::business
