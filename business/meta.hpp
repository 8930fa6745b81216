#pragma once

#include "async/request_context.hpp"
#include "clients/cluster.hpp"
#include "clients/trace_store.hpp"
#include "core/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::business {

// The limits of a request. As asked: only what the caller named; as used: after defaults and
// clamping.
struct MetaLimits {
    std::optional<std::uint64_t> limit;
    std::optional<SystemTime> start;
    std::optional<SystemTime> end;
};

// Of answers made of the cluster's objects: how old those may be.
struct MetaCluster {
    std::string name;
    std::optional<std::int64_t>
        age_ms;          // 0 while every demanded kind is watched; nullopt: never synced
    bool stale = false;  // what is demanded is not watched now
    // Kinds that are known in part or not at all. Reasons only for callers who see everything.
    std::vector<clients::KindState> off;
};

// What an answer says about itself: nothing that was cut, hidden or guessed stays unsaid.
struct Meta {
    MetaLimits asked;
    MetaLimits used;
    std::uint64_t returned = 0;  // items of the answer
    std::uint64_t scanned = 0;   // items looked at upstream to get them
    clients::StoppedBy stopped_by = clients::StoppedBy::kComplete;
    std::vector<clients::Dropped> dropped;
    std::string order;                 // the order that is guaranteed, "start:desc,traceID:asc"
    std::optional<TimeRange> covered;  // what the data really covers; absent when it is unknown
    std::map<std::string, UpstreamCost, std::less<>> upstream;  // the bill, by upstream
    std::vector<clients::StoreWarning> warnings;
    std::optional<MetaCluster> cluster;

    void warn(std::string code, std::string message) {
        warnings.push_back({std::move(code), std::move(message)});
    }
    // Adds to the entry of that reason. Zero adds nothing.
    void drop(std::string_view reason, std::uint64_t count);
};

// The word on the wire: "complete", "limit", "bytes", "time", "rights" or "backend".
std::string_view to_string(clients::StoppedBy stopped_by);

// "syncing", "current", "polling", "stale", "absent" or "forbidden".
std::string_view to_string(clients::KindState::State state);

}  // namespace meshscope::business
