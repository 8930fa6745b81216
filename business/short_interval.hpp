#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace meshscope::business {

// What to tell who asks for rates over so short an interval that two samples may not lie in it: the
// rates are then empty, which looks like no traffic. nullopt: it is long enough, or nobody knows
// how often samples are taken.
std::optional<std::string> too_short_for_rates(
    std::chrono::seconds interval, std::optional<std::chrono::seconds> scrape_interval
);

}  // namespace meshscope::business
