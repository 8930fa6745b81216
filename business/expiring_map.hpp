#pragma once

#include "core/clock.hpp"

#include <cstddef>
#include <iterator>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace meshscope::business {

// Values that hold for a while, by key; beyond `most` the one that was used longest ago is
// forgotten. Thread-safe.
template <class Value>
class ExpiringMap {
 public:
    ExpiringMap(const Clock& clock, std::size_t most) : clock_(clock), most_(most) {}

    [[nodiscard]] std::optional<Value> find(const std::string& key) {
        const std::scoped_lock lock(mutex_);
        const auto found = by_key_.find(key);
        if (found == by_key_.end()) {
            return std::nullopt;
        }
        const auto entry = found->second;
        if (entry->until <= clock_.steady_now()) {
            drop(entry);
            return std::nullopt;
        }
        entries_.splice(entries_.begin(), entries_, entry);
        return entry->value;
    }

    void put(const std::string& key, Value value, SteadyTime until) {
        const std::scoped_lock lock(mutex_);
        drop(key);
        entries_.push_front(Entry{key, std::move(value), until});
        by_key_.emplace(entries_.front().key, entries_.begin());
        const SteadyTime now = clock_.steady_now();
        while (entries_.size() > 1 && (entries_.size() > most_ || entries_.back().until <= now)) {
            drop(std::prev(entries_.end()));
        }
    }

    void erase(const std::string& key) {
        const std::scoped_lock lock(mutex_);
        drop(key);
    }

    [[nodiscard]] std::size_t size() const {
        const std::scoped_lock lock(mutex_);
        return entries_.size();
    }

 private:
    struct Entry {
        std::string key;
        Value value;
        SteadyTime until;
    };
    using Entries = std::list<Entry>;

    void drop(const std::string& key) {
        if (const auto found = by_key_.find(key); found != by_key_.end()) {
            drop(found->second);
        }
    }
    void drop(typename Entries::iterator entry) {
        by_key_.erase(entry->key);
        entries_.erase(entry);
    }

    const Clock& clock_;
    const std::size_t most_;
    mutable std::mutex mutex_;
    Entries entries_;  // the last used first
    std::unordered_map<std::string_view, typename Entries::iterator> by_key_;  // keys of entries_
};

}  // namespace meshscope::business
