#pragma once

#include "business/identity.hpp"
#include "business/identity_clues.hpp"

#include <string_view>
#include <unordered_map>

namespace meshscope::business {

// What one piece of evidence says, held against the cluster. Empty texts: it says nothing of that.
struct Finding {
    Evidence evidence = Evidence::kNone;
    std::string_view rule = {};
    std::string_view ns = {};
    std::string_view workload = {};
    std::string_view pod = {};
    std::string_view service = {};
    std::string_view app = {};
    const models::Workload* object = nullptr;
    bool found = false;  // what it names is an object of the cluster
    bool placed = true;  // the span itself names the namespace; else it is for display only
    explicit operator bool() const { return evidence != Evidence::kNone && !ns.empty(); }
    // Null: nothing.
    void take(const models::Workload* known) {
        if (known != nullptr) {
            workload = known->name;
            object = known;
            found = true;
        }
    }
};

// Holds the clues of one span against a cluster. Every function is one piece of evidence and gives
// an empty Finding when that does not say anything exactly. Both must outlive it.
class ClusterEvidence {
 public:
    ClusterEvidence(const IdentityClues& clues, const models::ClusterSnapshot& cluster)
        : clues_(clues), cluster_(cluster) {}

    [[nodiscard]] Finding peer() const;
    [[nodiscard]] Finding canonical() const;
    [[nodiscard]] Finding kubernetes() const;
    [[nodiscard]] Finding node_id() const;
    [[nodiscard]] Finding hostname() const;
    // Depends on the span's time.
    [[nodiscard]] Finding address() const;
    [[nodiscard]] Finding service_name() const;
    [[nodiscard]] Finding unique_name() const;
    // What a waypoint answers for, by the name it reports under or by the operation.
    [[nodiscard]] Finding waypoint_target() const;

 private:
    // A pod named by the span, here, gone or of a controller that is known.
    [[nodiscard]] Finding pod_in(std::string_view ns, Clue pod, Evidence evidence) const;
    [[nodiscard]] Finding pod_anywhere(Clue pod, Evidence evidence) const;
    [[nodiscard]] Finding by_canonical_name(
        std::string_view ns, Clue service, Clue revision, Evidence evidence
    ) const;
    [[nodiscard]] Finding controller() const;

    const IdentityClues& clues_;
    const models::ClusterSnapshot& cluster_;
};

// A pod that is not in the cluster any more: the workload whose controller has made its name, told
// only where exactly one can have. Null: unknown.
const models::Workload* owner_of_gone(const models::NamespaceView& view, std::string_view pod);

// The workload that a WorkloadEntry is an instance of; null: none is known.
const models::Workload* workload_of_entry(
    const models::NamespaceView& view, const models::MeshObject& entry
);

// What is called `name` in a namespace: an application, a service, or a workload where nothing else
// is meant by the name. Empty `evidence` when nothing is.
Finding thing_named(const models::NamespaceView& view, std::string_view name);

// As Istio names it when there is no such label: "latest".
std::string_view canonical_revision(const models::Workload& workload);

}  // namespace meshscope::business
