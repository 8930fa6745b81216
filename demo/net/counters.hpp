#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace meshscope::demo {

// How often each method of each protocol was called, refused calls included. Thread-safe.
class Counters {
 public:
    void count(const std::string& protocol, const std::string& method) {
        const std::scoped_lock lock(mutex_);
        ++counts_[protocol][method];
    }
    void reset() {
        const std::scoped_lock lock(mutex_);
        counts_ = kNone;
    }
    // {"http":{"search":3},"grpc":{},...}
    [[nodiscard]] std::string to_json() const;

 private:
    using Counts = std::map<std::string, std::map<std::string, std::uint64_t>>;
    inline static const Counts kNone{
        {"grpc", {}},
        {"grpc_v3", {}},
        {"http", {}},
        {"http_v3", {}},
        {"kubernetes", {}},
        {"kubernetes_users", {}},
        {"otlp", {}}
    };

    mutable std::mutex mutex_;
    Counts counts_ = kNone;
};

}  // namespace meshscope::demo
