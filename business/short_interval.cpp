#include "business/short_interval.hpp"

namespace meshscope::business {

std::optional<std::string> too_short_for_rates(
    std::chrono::seconds interval, std::optional<std::chrono::seconds> scrape_interval
) {
    if (!scrape_interval || interval >= 2 * *scrape_interval) {
        return std::nullopt;
    }
    return "rates over " + std::to_string(interval.count()) +
           " s may be empty: a sample is taken every " + std::to_string(scrape_interval->count()) +
           " s and a rate needs two; " + std::to_string(4 * scrape_interval->count()) +
           " s are always enough";
}

}  // namespace meshscope::business
