#pragma once

#include "business/span_facts.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::business {

// Attributes as they may be shown: secrets masked. Masked texts are kept in `store`, which outlives
// the facts.
class ShownAttributes {
 public:
    ShownAttributes(
        const Attributes& attributes, const Masker& masker, std::deque<std::string>& store
    )
        : attributes_(attributes), masker_(masker), store_(store) {}

    // As of Attributes.
    [[nodiscard]] std::string_view text(Concept meaning) const;
    [[nodiscard]] std::string_view name(Concept meaning) const { return attributes_.name(meaning); }
    [[nodiscard]] std::optional<std::int64_t> integer(Concept meaning) const {
        return attributes_.integer(meaning);
    }
    // The same for a text that is no attribute.
    [[nodiscard]] std::string_view shown(std::string_view text) const;

 private:
    const Attributes& attributes_;
    const Masker& masker_;
    std::deque<std::string>& store_;
};

// The parts of SpanFacts that one span's own attributes decide.
SpanType type_of(const SpanEvidence& evidence, SpanSource source);
RequestFact request_of(const models::Span& span, const ShownAttributes& attributes);
TargetFact target_of(const ShownAttributes& attributes, SpanType type);
std::string operation_shown(
    const SpanEvidence& evidence, const ShownAttributes& shown, SpanSource source
);

// Names and addresses that decide rights and joins, so never masked.
IdentityFact identity_of(const SpanEvidence& evidence, models::SpanKind kind);

// Istio's names for what stands at one side of a call.
struct CallSide {
    Concept workload;
    Concept ns;
    Concept service;
    Concept app;
    Concept pod;
    Concept revision;
    Concept cluster;
};
// The side that the span speaks for, null when it names none.
const CallSide* side_of(const Attributes& attributes, models::SpanKind kind);
// Not empty, nor the word that Istio writes when it does not know.
bool is_known(std::string_view value);

// What this span itself says about its peer; an empty value when only its neighbours can tell.
PeerFact named_peer(const ShownAttributes& attributes, models::SpanKind kind);
// Of "service.namespace.svc" with any domain behind it; both "" of anything else.
struct ClusterHost {
    std::string_view service;
    std::string_view ns;
};
ClusterHost cluster_host(std::string_view host);
// The host of Istio's "outbound|port|subset|host" or "outbound_.port_.subset_.host"; "" of others.
std::string_view outbound_host(std::string_view cluster);
// The address of the peer: the last resort for `value`.
void address_as_peer(const ShownAttributes& attributes, models::SpanKind kind, PeerFact& peer);

// A pod of a node id "type~ip~pod.namespace~domain"; empty when it has another form.
struct NodeId {
    std::string_view role;
    std::string_view pod;
    std::string_view ns;
    std::string_view domain;
    std::string_view ip;
};
NodeId parse_node_id(std::string_view text);

// The workload whose controller generated this pod's name: a Deployment ("-hash-xxxxx") or a
// DaemonSet or Job ("-xxxxx"), told by the alphabet of generated suffixes; "" when the name does
// not look generated.
std::string_view workload_of_pod(std::string_view pod);
// The same for the form of a Deployment only.
std::string_view workload_of_deployment_pod(std::string_view pod);
// Five letters as Kubernetes generates them.
bool is_generated_suffix(std::string_view text);

}  // namespace meshscope::business
