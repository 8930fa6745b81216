#include "business/identity.hpp"

#include "business/identity_clues.hpp"
#include "business/identity_rules.hpp"
#include "business/identity_scan.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace meshscope::business {

namespace {

using models::ClusterSnapshotPtr;
using models::Trace;

// Identities of one trace while they are worked out.
class Resolver {
 public:
    Resolver(const Trace& trace, ClusterSnapshotPtr snapshot) : trace_(trace), scan_(trace) {
        out_.snapshot = std::move(snapshot);
        // One that knows nothing yet is none.
        cluster_ = out_.snapshot && out_.snapshot->generation != 0 ? out_.snapshot.get() : nullptr;
    }

    TraceIdentities run() {
        out_.of_span.reserve(trace_.spans.size());
        for (std::size_t i = 0; i < trace_.spans.size(); ++i) {
            const auto [number, is_new] = scan_.next();
            if (is_new) {
                identity_of_number_.push_back(first_of(number, i));
            }
            const std::uint32_t known = identity_of_number_[number];
            out_.of_span.push_back(known == kByTime ? at_time(number, i) : known);
        }
        return std::move(out_);
    }

 private:
    // Spans that say the same, but may be somebody else's at another time.
    struct Timed {
        IdentityClues clues;
        std::unordered_map<const models::Pod*, std::uint32_t> by_pod;
    };
    static constexpr std::uint32_t kByTime = 0xFFFFFFFF;

    std::uint32_t add(const SpanIdentity& identity) {
        out_.distinct.push_back(identity);
        return static_cast<std::uint32_t>(out_.distinct.size() - 1);
    }

    std::uint32_t first_of(std::uint32_t number, std::size_t span) {
        const IdentityClues clues = clues_of(trace_, span);
        if (cluster_ == nullptr) {
            return add(identity_alone(clues));
        }
        const Resolved resolved = identity_in(clues, *cluster_);
        if (!resolved.by_time) {
            return add(resolved.identity);
        }
        Timed& timed = timed_[number];
        timed.clues = clues;
        timed.by_pod.emplace(pod_of(timed.clues), add(resolved.identity));
        return kByTime;
    }

    [[nodiscard]] const models::Pod* pod_of(const IdentityClues& clues) const {
        for (const Clue& address : clues.addresses) {
            if (const models::Pod* pod = cluster_->pod_at(address.text, clues.at)) {
                return pod;
            }
        }
        return nullptr;
    }

    std::uint32_t at_time(std::uint32_t number, std::size_t span) {
        Timed& timed = timed_[number];
        timed.clues.at = start_of(trace_.spans[span]);
        const models::Pod* pod = pod_of(timed.clues);
        const auto found = timed.by_pod.find(pod);
        if (found != timed.by_pod.end()) {
            return found->second;
        }
        const std::uint32_t identity = add(identity_in(timed.clues, *cluster_).identity);
        timed.by_pod.emplace(pod, identity);
        return identity;
    }

    const Trace& trace_;
    const models::ClusterSnapshot* cluster_ = nullptr;
    IdentityScan scan_;
    TraceIdentities out_;
    std::vector<std::uint32_t> identity_of_number_;
    std::unordered_map<std::uint32_t, Timed> timed_;  // by number
};

// What is kept beside a trace. With a snapshot only as long as somebody uses it: traces live long
// in caches, and each would keep a snapshot of its own.
class KeptIdentities {
 public:
    std::shared_ptr<const TraceIdentities> get(
        const Trace& trace, const ClusterSnapshotPtr& snapshot
    ) const {
        const std::scoped_lock lock(state_->mutex);
        std::shared_ptr<const TraceIdentities> known =
            snapshot ? state_->last.lock() : state_->alone;
        if (known && known->snapshot == snapshot) {
            return known;
        }
        known = std::make_shared<const TraceIdentities>(resolve(trace, snapshot));
        if (snapshot) {
            state_->last = known;
        } else {
            state_->alone = known;
        }
        return known;
    }

 private:
    struct State {
        std::mutex mutex;
        std::shared_ptr<const TraceIdentities> alone;
        std::weak_ptr<const TraceIdentities> last;
    };
    std::unique_ptr<State> state_ = std::make_unique<State>();
};

}  // namespace

std::string_view to_string(Evidence evidence) {
    constexpr std::array<std::string_view, 11> kNames{
        "",
        "istio_peer",
        "canonical",
        "kubernetes",
        "node_id",
        "pod_owner",
        "hostname",
        "address",
        "service_name",
        "operation",
        "unique_name"
    };
    return kNames[static_cast<std::size_t>(evidence)];
}

std::string_view to_string(Certainty certainty) {
    constexpr std::array<std::string_view, 3> kNames{"unknown", "named", "found"};
    return kNames[static_cast<std::size_t>(certainty)];
}

TraceIdentities resolve(const Trace& trace, ClusterSnapshotPtr snapshot) {
    return Resolver(trace, std::move(snapshot)).run();
}

std::shared_ptr<const TraceIdentities> identities_of(
    const Trace& trace, const ClusterSnapshotPtr& snapshot
) {
    const auto kept = trace.memo.get<KeptIdentities>([] { return KeptIdentities(); });
    return kept->get(trace, snapshot);
}

bool belongs_to(const SpanIdentity& identity, const Subject& subject) {
    if (subject.name.empty() || subject.ns.empty()) {
        return false;
    }
    const bool here = identity.ns == subject.ns;
    switch (subject.what) {
        case Subject::What::kWorkload:
            return (here && identity.workload == subject.name) ||
                   (identity.reporter_ns == subject.ns && identity.reporter == subject.name);
        case Subject::What::kApp:
            return here && identity.app == subject.name;
        case Subject::What::kService:
            return here && (identity.service == subject.name ||
                            (!subject.app.empty() && identity.app == subject.app));
    }
    return false;
}

}  // namespace meshscope::business
