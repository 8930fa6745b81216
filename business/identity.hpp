#pragma once

#include "models/cluster_snapshot.hpp"
#include "models/trace.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace meshscope::business {

// What told who a span belongs to, best first. Each is used only when it is exact; the first that
// names a workload decides, later ones may add what is missing (pod, service) if they agree.
enum class Evidence : std::uint8_t {
    kNone,
    kIstioPeer,    // istio.destination_* or istio.source_* of the span's side (waypoints)
    kCanonical,    // istio.canonical_service and istio.namespace, with the revision where one
                   // application has several workloads; never against what the pod's name says
    kKubernetes,   // k8s.pod.uid, k8s.pod.name, k8s.deployment.name, ... with k8s.namespace.name
    kNodeId,       // role~ip~pod.namespace~domain, the pod (or virtual machine) found
    kPodOwner,     // a pod that is gone, by the controller whose name it begins with
    kHostname,     // process attribute hostname or host.name: a pod's exact name
    kAddress,      // the only pod with that address at that time; or a WorkloadEntry's
    kServiceName,  // service.name as name.namespace, or service.name with a namespace beside it
    kOperation,    // a waypoint's operation "name.namespace.<identity domain>:port/..."
    kUniqueName,   // service.name without a namespace, one thing of that name in the cluster
};
// "", istio_peer, canonical, kubernetes, node_id, pod_owner, hostname, address, service_name,
// operation, unique_name
std::string_view to_string(Evidence evidence);

enum class Certainty : std::uint8_t {
    kUnknown,
    kNamed,  // the span names it; no such object (or no cluster) to hold it against
    kFound,  // it is an object of the snapshot
};
std::string_view to_string(Certainty certainty);  // unknown, named, found

// All texts point into the trace, the snapshot or static text. "" unknown; never a guess.
struct SpanIdentity {
    std::string_view cluster;
    std::string_view ns;
    std::string_view workload;
    std::string_view pod;
    std::string_view service;
    std::string_view app;
    const models::Workload* object = nullptr;  // in the snapshot
    Evidence evidence = Evidence::kNone;       // what decided `workload`, else `app`, else `ns`
    Certainty certainty = Certainty::kUnknown;
    // Evidence that disagrees with what decided; 0 none. Two that disagree about the namespace make
    // the span visible only to who sees both.
    std::uint16_t conflicts = 0;  // bit n: Evidence n
    // The attribute's key; "service name", "operation"; "pod name" when generated suffixes were cut
    // off it.
    std::string_view rule;
    // What rights are decided on: as `ns`, but never from what others can put into a namespace of
    // theirs (a name or a host that only happens to be unique) nor from an operation. "" hidden
    // from all but cluster-wide callers. `also_ns`: a second one named by disagreeing evidence; ""
    // none.
    std::string_view rights_ns;
    std::string_view also_ns;
    // The waypoint that reported the span for somebody else; "" when the span is its owner's own.
    std::string_view reporter_ns;
    std::string_view reporter;
};

// Spans of one proxy or program share an identity: it is worked out once for each.
struct TraceIdentities {
    models::ClusterSnapshotPtr snapshot;  // may be null: no cluster is configured
    std::vector<SpanIdentity> distinct;
    std::vector<std::uint32_t> of_span;  // index into distinct, parallel to Trace::spans
    [[nodiscard]] const SpanIdentity& of(std::size_t span) const { return distinct[of_span[span]]; }
};

// Pure. At most a tenth of the time of decoding the trace: one look at each tag's first letters,
// then a table of what was seen before. Without a snapshot (or with one that knows nothing yet) a
// span is taken at its word: as the identity among its facts. A span of another cluster
// (istio.cluster_id) is not looked up in this one and has no `rights_ns`.
TraceIdentities resolve(const models::Trace& trace, models::ClusterSnapshotPtr snapshot);

// The same, shared by those who ask with the same snapshot at the same time; without a snapshot
// kept as long as the trace. Thread-safe.
std::shared_ptr<const TraceIdentities> identities_of(
    const models::Trace& trace, const models::ClusterSnapshotPtr& snapshot
);

// One object of the mesh that a page is about.
struct Subject {
    enum class What : std::uint8_t { kWorkload, kApp, kService } what = What::kWorkload;
    std::string_view ns;
    std::string_view name;
    std::string_view app = {};  // of a service: the application that its selector names; "" none
};
// Whether a span belongs to it by identity (exact). A waypoint's page has what it reported, too.
bool belongs_to(const SpanIdentity& identity, const Subject& subject);

}  // namespace meshscope::business
