#pragma once

#include "business/span_facts_parts.hpp"
#include "core/clock.hpp"
#include "models/trace.hpp"

#include <array>
#include <string_view>

namespace meshscope::business {

// A text of the trace and the key it stands under; both "" when there is none, or when Istio wrote
// that it does not know.
struct Clue {
    std::string_view text;
    std::string_view rule;
    explicit operator bool() const { return !text.empty(); }
};

// What a span and its process say about whom the span belongs to. Points into the trace.
struct IdentityClues {
    // The side of a call that the span speaks for, as Istio's tags of that side name it.
    struct Peer {
        Clue workload;
        Clue ns;
        Clue service;
        Clue app;
        Clue pod;
        Clue revision;
        Clue cluster;
        explicit operator bool() const { return workload || service; }
    };

    IdentityFact alone;  // what follows without a cluster
    Peer peer;
    NodeId node;  // of `node_rule`
    Clue node_pod;
    Clue canonical;
    Clue revision;
    Clue istio_ns;
    Clue pod_uid;
    Clue pod;
    Clue ns;          // k8s.namespace.name
    Clue controller;  // k8s.deployment.name and the like
    std::array<Clue, 2> hostnames;
    std::array<Clue, 3> addresses;  // the span's own, best first
    std::string_view service;       // service.name
    Clue service_ns;                // service.namespace
    std::string_view operation;
    std::string_view istio_cluster;  // istio.cluster_id
    SystemTime at;                   // the span's start

    // The namespace of the process itself, whoever it speaks for; best evidence first.
    [[nodiscard]] Clue own_ns() const;
};

SystemTime start_of(const models::Span& span);
IdentityClues clues_of(const models::Trace& trace, std::size_t span);

}  // namespace meshscope::business
