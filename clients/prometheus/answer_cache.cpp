#include "clients/prometheus/answer_cache.hpp"

#include "clients/prometheus/query_form.hpp"

#include <algorithm>

namespace meshscope::clients::prometheus {

namespace {

constexpr std::size_t kEntryBytes = 256;  // around the answer

std::size_t bytes_of(const VectorAnswer& answer) {
    return answer.data.labels.memory_bytes() + answer.data.values.capacity() * sizeof(double);
}

std::size_t bytes_of(const MatrixAnswer& answer) {
    return answer.data.labels.memory_bytes() +
           answer.data.points.capacity() * sizeof(models::MetricPoint) +
           answer.data.first.capacity() * sizeof(std::size_t);
}

// Neighbours in time share a key as long as they are in one bucket.
std::string key_of(const std::string& query, std::int64_t bucket) {
    return std::to_string(bucket) + " " + query;
}

std::string key_of(const std::string& query, const MetricRange& range) {
    return "range " + std::to_string(to_millis(range.start)) + " " +
           std::to_string(range.step.count()) + " " + query;
}

}  // namespace

AnswerCache::AnswerCache(AnswerCacheOptions options, const Clock& clock)
    : options_(options), clock_(clock) {}

bool AnswerCache::is_settled(SystemTime at) const {
    const auto age = std::chrono::duration_cast<SystemTime::duration>(options_.settled_after);
    return at <= clock_.now() - age;
}

VectorAnswerPtr AnswerCache::find(const std::string& query, SystemTime at) {
    if (!options_.enabled) {
        return nullptr;
    }
    const auto width = std::max<std::int64_t>(
        1, std::chrono::duration_cast<std::chrono::milliseconds>(options_.duration).count()
    );
    const std::int64_t bucket = to_millis(at) / width;
    const std::scoped_lock lock(mutex_);
    auto answer = find_one(key_of(query, bucket), at);
    if (!answer && !is_settled(at)) {
        answer = find_one(key_of(query, bucket - 1), at);
    }
    return std::static_pointer_cast<const VectorAnswer>(answer);
}

void AnswerCache::keep(const std::string& query, SystemTime at, const VectorAnswerPtr& answer) {
    if (!options_.enabled) {
        return;
    }
    const auto width = std::max<std::int64_t>(
        1, std::chrono::duration_cast<std::chrono::milliseconds>(options_.duration).count()
    );
    keep_one(key_of(query, to_millis(at) / width), at, answer, bytes_of(*answer));
}

MatrixAnswerPtr AnswerCache::find(const std::string& query, const MetricRange& range) {
    if (!options_.enabled) {
        return nullptr;
    }
    const std::scoped_lock lock(mutex_);
    const auto found = places_.find(key_of(query, range));
    // Another end is another answer, also about now.
    if (found == places_.end() || found->second->at != range.end) {
        return nullptr;
    }
    return std::static_pointer_cast<const MatrixAnswer>(find_one(found->first, range.end));
}

void AnswerCache::keep(
    const std::string& query, const MetricRange& range, const MatrixAnswerPtr& answer
) {
    if (options_.enabled) {
        keep_one(key_of(query, range), range.end, answer, bytes_of(*answer));
    }
}

// Under the lock.
std::shared_ptr<const void> AnswerCache::find_one(const std::string& key, SystemTime at) {
    const auto found = places_.find(key);
    if (found == places_.end()) {
        return nullptr;
    }
    const auto entry = found->second;
    const auto later = at - entry->at;
    const bool is_near = later.count() >= 0 && later < options_.duration && !is_settled(at);
    if (entry->until <= clock_.steady_now() || (later.count() != 0 && !is_near)) {
        return nullptr;
    }
    line_.splice(line_.begin(), line_, entry);
    return entry->answer;
}

void AnswerCache::keep_one(
    std::string key, SystemTime at, std::shared_ptr<const void> answer, std::size_t bytes
) {
    bytes += kEntryBytes + 2 * key.size();
    const auto lives = is_settled(at) ? options_.expiration : options_.duration;
    const SteadyTime until =
        clock_.steady_now() + std::chrono::duration_cast<SteadyTime::duration>(lives);
    Line gone;  // destroyed outside the lock
    const std::scoped_lock lock(mutex_);
    if (const auto old = places_.find(key); old != places_.end()) {
        if (old->second->answer == answer) {
            return;  // told by each who shared the call
        }
        remove(old->second, gone);
    }
    if (bytes > options_.max_bytes) {
        return;
    }
    while (bytes_ + bytes > options_.max_bytes) {
        remove(std::prev(line_.end()), gone);
    }
    bytes_ += bytes;
    line_.push_front({key, at, std::move(answer), bytes, until});
    places_.emplace(std::move(key), line_.begin());
}

// Under the lock.
void AnswerCache::remove(Line::iterator entry, Line& gone) {
    bytes_ -= entry->bytes;
    places_.erase(entry->key);
    gone.splice(gone.end(), line_, entry);
}

void AnswerCache::expire() {
    const SteadyTime now = clock_.steady_now();
    Line gone;
    const std::scoped_lock lock(mutex_);
    for (auto it = line_.begin(); it != line_.end();) {
        const auto entry = it++;
        if (entry->until <= now) {
            remove(entry, gone);
        }
    }
}

AnswerCache::Stats AnswerCache::stats() const {
    const std::scoped_lock lock(mutex_);
    return {line_.size(), bytes_};
}

}  // namespace meshscope::clients::prometheus
