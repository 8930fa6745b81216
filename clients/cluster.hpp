#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "core/result.hpp"
#include "models/cluster_snapshot.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::clients {

// What is known of one kind of objects.
struct KindState {
    enum class State : std::uint8_t {
        kSyncing,    // never listed whole
        kCurrent,    // listed and watched
        kPolling,    // may be listed, not watched: asked again every 30 to 60 s
        kStale,      // was current; the watch is broken and cannot be resumed for now
        kAbsent,     // the API server does not have it (CRD not installed); looked for every 2 min
        kForbidden,  // the server's account may not list it; tried again every 30 s
    };
    std::string resource;  // "pods", "virtualservices.networking.istio.io"
    State state = State::kSyncing;
    std::string reason;  // one sentence when it is neither current nor syncing; safe for operators
    // Namespaces that could not be listed when lists are by namespace; ascending.
    std::vector<std::string> forbidden_namespaces;
    std::uint64_t lists = 0;    // whole lists since the start: the first one and each resync
    std::uint64_t objects = 0;  // that are known now
};

struct ClusterState {
    enum class Reachability : std::uint8_t { kUnknown, kReachable, kUnreachable };
    Reachability reachability = Reachability::kUnknown;
    std::string version;          // "v1.33.2"
    std::optional<Error> reason;  // set when unreachable
    bool synced = false;          // every kind that is demanded was listed once; never false again
    // Until when the snapshot is known to be what the API server had: now while every demanded kind
    // is watched, else when the first of them broke. nullopt before the first sync.
    std::optional<SystemTime> current_at;
    std::chrono::microseconds latency{0};
    std::optional<SystemTime> last_success;
    std::optional<SystemTime> last_probe;
    std::optional<SystemTime> last_event;  // when an object came, changed or went, or was listed
    std::vector<KindState> kinds;          // ascending by resource; current: the snapshot holds it
};

struct LogQuery {
    std::string ns;
    std::string pod;
    std::string container;  // "" the API server's default
    std::optional<SystemTime> since;
    std::optional<std::uint64_t> tail_lines;
    std::uint64_t limit_bytes = 16ULL
                                << 20U;  // always sent unless following; at least 1. The server
                                         // keeps the FIRST bytes of what tail and since leave
    bool follow = false;
    bool previous = false;
    bool as_server =
        false;  // with the server's account; for ztunnel only, whose lines are filtered
};

// Takes a log as it comes: bytes, lines beginning with a time stamp of RFC 3339 and a blank; a line
// may be cut between two calls. Nothing more is read until this has returned; false: no more
// wanted.
class LogSink {
 public:
    virtual ~LogSink() = default;
    virtual Awaitable<bool> take(std::string bytes) = 0;
};

struct LogEnd {
    enum class Why : std::uint8_t {
        kEnd,       // the log has no more (following: the container ended)
        kBytes,     // limit_bytes were received
        kUnwanted,  // the sink wanted no more
        kTime,      // the deadline
        kBroken,    // the connection or the kubelet broke off: `reason`
    };
    Why why = Why::kEnd;
    std::uint64_t bytes = 0;
    std::optional<Error> reason;
};

struct TokenOwner {
    bool authenticated = false;
    std::string username;
    std::vector<std::string> groups;
    std::string error;  // the API server's words when it is not authenticated
};

struct AccessQuestion {
    std::string verb;
    std::string group;  // "" core
    std::string resource;
    std::string subresource;
    std::string ns;    // "" all namespaces
    std::string name;  // "" all
};
struct AccessAnswer {
    bool allowed = false;  // false also when the evaluation failed
    std::string reason;    // may be empty
};

struct AccessRule {
    std::vector<std::string> verbs, groups, resources, names;  // "*" any; names empty: any
};
struct AccessRules {
    std::vector<AccessRule> rules;
    bool incomplete = false;  // then their absence denies nothing
};

// One Kubernetes cluster. Usable from every thread; a call runs on the caller's.
//
// Calls below snapshot() and state() act as context.caller.credentials says. Errors:
// kUnauthenticated (no credentials, or Kubernetes answered 401 to the caller's), kForbidden (403,
// with the API server's words), kNotFound, kInvalidArgument (400 and 422; a container that is not
// there: the detail lists those that are), kConflict (code "no_logs_yet": the container waits to
// start; code "no_previous": no earlier container), kRateLimited (429), kUpstreamUnavailable,
// kUpstreamProtocol, kUpstreamAuth (the server's own account was refused), kDeadline, kCancelled,
// kUnavailable (overloaded). Equal calls are joined only among equal credentials.
class Cluster {
 public:
    virtual ~Cluster() = default;

    [[nodiscard]] virtual models::ClusterSnapshotPtr snapshot(
    ) const = 0;  // never null, never waits
    [[nodiscard]] virtual ClusterState state() const = 0;

    // The pod as it is now, all labels and annotations included.
    virtual Awaitable<Result<models::Pod>> pod(
        RequestContext context, std::string ns, std::string name
    ) = 0;
    // Ends with the log or `query`'s bounds. A log that began is never an error: see LogEnd.
    virtual Awaitable<Result<LogEnd>> read_log(
        RequestContext context, LogQuery query, std::shared_ptr<LogSink> sink
    ) = 0;
    // With the server's own account, whoever calls. kUpstreamAuth: it may not (the hint names the
    // role). Not authenticated is an answer, no error.
    virtual Awaitable<Result<TokenOwner>> review_token(
        RequestContext context, std::string token
    ) = 0;
    virtual Awaitable<Result<AccessAnswer>> may_i(
        RequestContext context, AccessQuestion question
    ) = 0;
    virtual Awaitable<Result<AccessRules>> my_rules(RequestContext context, std::string ns) = 0;
};

}  // namespace meshscope::clients
