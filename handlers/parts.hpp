#pragma once

#include "async/caller.hpp"
#include "handlers/login_parts.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

namespace meshscope {
class WorkerPool;
}
namespace meshscope::business {
class Diagnose;
class Explain;
class Forensics;
class Graphs;
class Heatmaps;
class Logs;
class Masker;
class Mesh;
class MeshHealth;
class Metrics;
class ResponseStats;
class Reconcile;
class Status;
class TraceGraphs;
class Traces;
}  // namespace meshscope::business

namespace meshscope::handlers {

struct PublicConfig;

// How often something is done for somebody who follows events.
struct EventTimes {
    std::chrono::milliseconds comment{15'000};  // nothing was sent so long: a comment is
    std::chrono::milliseconds gate{10'000};     // the gate is asked again: sessions and rights end
};

// What the handlers need, made once by the composition root. Everything is shared by all threads
// and immutable or thread-safe. No pointer is null but `workers` and `login`.
struct Parts {
    std::shared_ptr<const business::Traces> traces;
    std::shared_ptr<const business::Logs> logs;
    std::shared_ptr<const business::Mesh> mesh;
    std::shared_ptr<const business::Metrics> metrics;
    std::shared_ptr<const business::Graphs> graphs;
    std::shared_ptr<const business::Heatmaps> heatmaps;
    std::shared_ptr<const business::ResponseStats> response_stats;
    std::shared_ptr<const business::TraceGraphs> trace_graphs;
    std::shared_ptr<const business::MeshHealth> health;
    std::shared_ptr<const business::Reconcile> reconcile;
    std::shared_ptr<const business::Explain> explain;
    std::shared_ptr<const business::Diagnose> diagnose;
    std::shared_ptr<const business::Forensics> forensics;
    std::shared_ptr<const business::Status> status;
    std::shared_ptr<const business::Masker> masker;
    std::shared_ptr<const PublicConfig> config;
    // How callers log in; null: nobody does.
    std::shared_ptr<const LoginParts> login;
    PublicAddress address;
    // Who calls where nobody logs in. The default is nobody, who is let in by no route but those
    // that are open to all.
    Caller everybody;
    // Whether the first synchronisation of everything the configuration demands is done.
    std::function<bool()> ready;
    EventTimes event_times;
    // Of one answer with whole traces or spans (response_limit.hpp).
    std::size_t response_limit_bytes = 256UL * 1024 * 1024;
    WorkerPool* workers =
        nullptr;  // takes what would hold up its thread; null: nothing is handed over
};

}  // namespace meshscope::handlers
