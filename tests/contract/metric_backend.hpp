#pragma once

#include "clients/metric_store.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace meshscope::contract {

// What goes wrong between a metric store and the thing behind it.
enum class MetricTrouble {
    kRefused,  // nobody listens
    kSilent,   // connects, then nothing for longer than a call may take
    kDenied,   // the credentials are refused
    kBad,      // the query is called bad
};

// The series that all hold in the minute up to here, in seconds: `held` of app a has 36, 37, 38,
// 39, 40, one value each 15 s; that of app b has 7 in the last 15 s and nothing before.
inline constexpr std::int64_t kHeldEnd = 1'763'683'200;

// One implementation of MetricStore and the thing behind it.
class MetricBackend {
 public:
    virtual ~MetricBackend() = default;
    virtual clients::MetricStore& store() = 0;
    // From now on. False when this backend cannot suffer it.
    virtual bool suffer(MetricTrouble trouble) = 0;
};

struct MetricImplementation {
    std::string name;
    std::function<std::unique_ptr<MetricBackend>()> make;
};

// The fake that the rooms above are tested with; the real one over a scripted server; and, where
// MESHSCOPE_TEST_PROMETHEUS names one that holds the series, over a real Prometheus.
std::vector<MetricImplementation> metric_implementations();

}  // namespace meshscope::contract
