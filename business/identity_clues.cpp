#include "business/identity_clues.hpp"

#include <chrono>

namespace meshscope::business {

namespace {

Clue clue(const Attributes& attributes, Concept meaning) {
    const std::string_view text = attributes.text(meaning);
    return is_known(text) ? Clue{text, attributes.name(meaning)} : Clue{};
}

IdentityClues::Peer peer_of(const Attributes& attributes, const CallSide& side) {
    return {
        clue(attributes, side.workload),
        clue(attributes, side.ns),
        clue(attributes, side.service),
        clue(attributes, side.app),
        clue(attributes, side.pod),
        clue(attributes, side.revision),
        clue(attributes, side.cluster),
    };
}

void take_node(const Attributes& attributes, IdentityClues& clues) {
    const Clue node = clue(attributes, Concept::kNodeId);
    clues.node = parse_node_id(node.text);
    clues.node_pod = {clues.node.pod, clues.node.pod.empty() ? std::string_view() : node.rule};
    clues.addresses = {
        Clue{clues.node.ip, clues.node.ip.empty() ? std::string_view() : node.rule},
        clue(attributes, Concept::kPodAddress),
        clue(attributes, Concept::kOwnAddress),
    };
}

}  // namespace

Clue IdentityClues::own_ns() const {
    if (ns) {
        return ns;
    }
    return istio_ns ? istio_ns : Clue{node.ns, node_pod.rule};
}

SystemTime start_of(const models::Span& span) {
    return SystemTime(
        std::chrono::floor<std::chrono::microseconds>(std::chrono::nanoseconds(span.start_ns))
    );
}

IdentityClues clues_of(const models::Trace& trace, std::size_t index) {
    const models::Span& span = trace.spans[index];
    const models::Process& process = trace.processes[span.process];
    AttributeSet own;
    AttributeSet shared;
    own.read(span.tags);
    shared.read(process.tags);
    const Attributes attributes(own, shared);
    const SpanEvidence evidence{span, attributes};
    const models::SpanKind kind = kind_of(evidence).kind;

    IdentityClues clues;
    clues.alone = identity_of(evidence, kind);
    if (const CallSide* side = side_of(attributes, kind)) {
        clues.peer = peer_of(attributes, *side);
    }
    take_node(attributes, clues);
    clues.canonical = clue(attributes, Concept::kCanonicalService);
    clues.revision = clue(attributes, Concept::kCanonicalRevision);
    clues.istio_ns = clue(attributes, Concept::kIstioNamespace);
    clues.pod_uid = clue(attributes, Concept::kPodUid);
    clues.pod = clue(attributes, Concept::kPod);
    clues.ns = clue(attributes, Concept::kNamespace);
    clues.controller = clue(attributes, Concept::kWorkload);
    clues.hostnames = {clue(attributes, Concept::kHostname), clue(attributes, Concept::kHostName)};
    clues.service = process.service;
    clues.service_ns = clue(attributes, Concept::kServiceNamespace);
    clues.operation = span.operation;
    if (attributes.name(Concept::kMeshCluster) == "istio.cluster_id") {
        clues.istio_cluster = attributes.text(Concept::kMeshCluster);
    }
    clues.at = start_of(span);
    return clues;
}

}  // namespace meshscope::business
