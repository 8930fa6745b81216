#include "business/span_facts_parts.hpp"

#include <algorithm>
#include <array>

namespace meshscope::business {

namespace {

using models::SpanKind;

bool is_generated(std::string_view part) {
    constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
    return std::all_of(part.begin(), part.end(), [&](char c) {
        return kAlphabet.find(c) != std::string_view::npos;
    });
}

// The last "-part" of a name; both empty when there is none.
struct Tail {
    std::string_view head;
    std::string_view tail;
};

Tail cut_tail(std::string_view name) {
    const std::size_t dash = name.rfind('-');
    if (dash == std::string_view::npos || dash == 0) {
        return {};
    }
    return {name.substr(0, dash), name.substr(dash + 1)};
}

constexpr CallSide kSource{
    Concept::kSourceWorkload,
    Concept::kSourceNamespace,
    Concept::kSourceService,
    Concept::kSourceApp,
    Concept::kSourcePod,
    Concept::kSourceRevision,
    Concept::kSourceCluster,
};
constexpr CallSide kDestination{
    Concept::kDestinationWorkload,
    Concept::kDestinationNamespace,
    Concept::kDestinationService,
    Concept::kDestinationApp,
    Concept::kDestinationPod,
    Concept::kDestinationRevision,
    Concept::kDestinationCluster,
};

void take(std::string_view& target, std::string_view value) {
    if (target.empty() && is_known(value)) {
        target = value;
    }
}

void take_side(const Attributes& attributes, const CallSide& side, IdentityFact& identity) {
    take(identity.workload, attributes.text(side.workload));
    if (!identity.workload.empty()) {
        identity.workload_rule = attributes.name(side.workload);
    }
    take(identity.ns, attributes.text(side.ns));
    if (!identity.ns.empty()) {
        identity.ns_rule = attributes.name(side.ns);
    }
    take(identity.pod, attributes.text(side.pod));
    take(identity.app, attributes.text(side.app));
    take(identity.app, attributes.text(side.service));
    take(identity.service, attributes.text(side.service));
}

void take_namespace(const Attributes& attributes, const NodeId& node, IdentityFact& identity) {
    struct Row {
        std::string_view value;
        std::string_view rule;
    };
    const Row rows[] = {
        {attributes.text(Concept::kNamespace), attributes.name(Concept::kNamespace)},
        {attributes.text(Concept::kIstioNamespace), attributes.name(Concept::kIstioNamespace)},
        {node.ns, attributes.name(Concept::kNodeId)},
    };
    for (const Row& row : rows) {
        if (identity.ns.empty() && is_known(row.value)) {
            identity.ns = row.value;
            identity.ns_rule = row.rule;
        }
    }
}

void take_pod(const Attributes& attributes, const NodeId& node, IdentityFact& identity) {
    take(identity.pod, attributes.text(Concept::kPod));
    take(identity.pod, node.pod);
    const std::string_view hostname = attributes.text(Concept::kHostname);
    if (attributes.tag(Concept::kNodeId) == nullptr && !workload_of_pod(hostname).empty()) {
        take(identity.pod, hostname);
    }
}

}  // namespace

bool is_known(std::string_view value) { return !value.empty() && value != "unknown"; }

const CallSide* side_of(const Attributes& attributes, SpanKind kind) {
    const auto named = [&](const CallSide& side) {
        return is_known(attributes.text(side.workload)) || is_known(attributes.text(side.service));
    };
    if (kind == SpanKind::kServer || kind == SpanKind::kConsumer) {
        return named(kDestination) ? &kDestination : nullptr;
    }
    if (kind == SpanKind::kClient || kind == SpanKind::kProducer) {
        return named(kSource) ? &kSource : nullptr;
    }
    return named(kDestination) ? &kDestination : named(kSource) ? &kSource : nullptr;
}

NodeId parse_node_id(std::string_view text) {
    std::array<std::string_view, 4> parts;
    std::size_t count = 0;
    for (std::size_t begin = 0; count < parts.size();) {
        const std::size_t end = text.find('~', begin);
        parts[count++] = text.substr(begin, end - begin);
        if (end == std::string_view::npos) {
            break;
        }
        begin = end + 1;
    }
    if (count < 3) {
        return {};
    }
    const std::size_t dot = parts[2].rfind('.');
    if (dot == std::string_view::npos || dot == 0 || dot + 1 == parts[2].size()) {
        return {parts[0], {}, {}, {}, parts[1]};
    }
    return {parts[0], parts[2].substr(0, dot), parts[2].substr(dot + 1), parts[3], parts[1]};
}

bool is_generated_suffix(std::string_view text) { return text.size() == 5 && is_generated(text); }

std::string_view workload_of_deployment_pod(std::string_view pod) {
    const Tail last = cut_tail(pod);
    if (!is_generated_suffix(last.tail)) {
        return {};
    }
    const Tail before = cut_tail(last.head);
    const bool hash =
        before.tail.size() >= 6 && before.tail.size() <= 16 && is_generated(before.tail);
    return hash ? before.head : std::string_view();
}

std::string_view workload_of_pod(std::string_view pod) {
    const Tail last = cut_tail(pod);
    if (!is_generated_suffix(last.tail)) {
        return {};
    }
    const std::string_view deployment = workload_of_deployment_pod(pod);
    return deployment.empty() ? last.head : deployment;
}

IdentityFact identity_of(const SpanEvidence& evidence, SpanKind kind) {
    const Attributes& attributes = evidence.attributes;
    IdentityFact identity;
    const NodeId node = parse_node_id(attributes.text(Concept::kNodeId));
    identity.waypoint = node.role == "waypoint";
    identity.cluster = attributes.text(Concept::kMeshCluster);
    if (const CallSide* side = side_of(attributes, kind)) {
        take_side(attributes, *side, identity);
        if (identity.waypoint) {
            take_namespace(attributes, {}, identity);
            return identity;  // the rest of the span describes the waypoint itself
        }
    }
    take_namespace(attributes, node, identity);
    take_pod(attributes, node, identity);
    if (identity.workload.empty()) {
        take(identity.workload, attributes.text(Concept::kWorkload));
        identity.workload_rule =
            identity.workload.empty() ? std::string_view() : attributes.name(Concept::kWorkload);
    }
    if (identity.workload.empty()) {
        identity.workload = workload_of_pod(identity.pod);
        identity.workload_rule = identity.workload.empty() ? std::string_view() : "pod name";
    }
    take(identity.app, attributes.text(Concept::kCanonicalService));
    take(identity.service, attributes.text(Concept::kCanonicalService));
    return identity;
}

}  // namespace meshscope::business
