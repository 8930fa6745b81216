#pragma once

#include "clients/metric_store.hpp"
#include "core/clock.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace meshscope::clients::prometheus {

struct AnswerCacheOptions {
    bool enabled = true;
    std::chrono::nanoseconds duration = std::chrono::seconds(7);       // of answers about now
    std::chrono::nanoseconds expiration = std::chrono::minutes(5);     // of those about the past
    std::size_t max_bytes = 64UL * 1024 * 1024;                        // 0: none is kept
    std::chrono::nanoseconds settled_after = std::chrono::minutes(5);  // samples come late
};

// Answers that were given, by query and time. An answer about the past is given again for the same
// moment; one about now also for a query of some seconds later, as long as `duration`. The least
// lately used ones go when the bytes are used up. Thread-safe.
class AnswerCache {
 public:
    AnswerCache(AnswerCacheOptions options, const Clock& clock);

    // Null when there is none.
    [[nodiscard]] VectorAnswerPtr find(const std::string& query, SystemTime at);
    void keep(const std::string& query, SystemTime at, const VectorAnswerPtr& answer);
    // Ranges are kept for the same start, end and step.
    [[nodiscard]] MatrixAnswerPtr find(const std::string& query, const MetricRange& range);
    void keep(const std::string& query, const MetricRange& range, const MatrixAnswerPtr& answer);

    // Gives up what has outlived its time.
    void expire();

    struct Stats {
        std::size_t answers = 0;
        std::size_t bytes = 0;
    };
    [[nodiscard]] Stats stats() const;

 private:
    struct Entry {
        std::string key;
        SystemTime at;
        std::shared_ptr<const void> answer;
        std::size_t bytes = 0;
        SteadyTime until;
    };
    using Line = std::list<Entry>;

    [[nodiscard]] bool is_settled(SystemTime at) const;
    [[nodiscard]] std::shared_ptr<const void> find_one(const std::string& key, SystemTime at);
    void keep_one(
        std::string key, SystemTime at, std::shared_ptr<const void> answer, std::size_t bytes
    );
    void remove(Line::iterator entry, Line& gone);

    const AnswerCacheOptions options_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    Line line_;  // the last used first
    std::map<std::string, Line::iterator, std::less<>> places_;
    std::size_t bytes_ = 0;
};

}  // namespace meshscope::clients::prometheus
