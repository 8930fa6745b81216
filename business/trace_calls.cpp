#include "business/trace_calls.hpp"

#include "business/span_facts_parts.hpp"
#include "business/span_reader.hpp"

#include <algorithm>

namespace meshscope::business {

namespace {

using models::kNoSpan;
using models::SpanKind;

SpanCall::Protocol protocol_of(const Attributes& attributes) {
    if (attributes.has(kGrpcFamily) || attributes.has(kRpcFamily)) {
        return SpanCall::Protocol::kGrpc;
    }
    if (attributes.has(kHttpFamily) || attributes.tag(Concept::kUrlFull) != nullptr) {
        return SpanCall::Protocol::kHttp;
    }
    if (attributes.has(kPeerFamily)) {
        return SpanCall::Protocol::kTcp;
    }
    return SpanCall::Protocol::kUnknown;
}

// The host in an operation of a proxy: "cart.shop.svc.cluster.local:80/*", or
// "router outbound|80||cart.shop.svc.cluster.local; egress".
std::string_view host_in_operation(std::string_view operation) {
    constexpr std::string_view kRouter = "router ";
    if (operation.starts_with(kRouter)) {
        operation.remove_prefix(kRouter.size());
        return outbound_host(operation.substr(0, operation.find(';')));
    }
    const std::size_t end = std::min(operation.find(':'), operation.find('/'));
    const std::string_view host = operation.substr(0, end);
    return cluster_host(host).service.empty() ? std::string_view() : host;
}

void read_host(const models::Span& span, const Attributes& attributes, SpanCall& call) {
    if (call.serves()) {
        call.host = without_port(attributes.text(Concept::kServerAddress));
        // What a server calls its own address says nothing about who calls.
        const bool named = attributes.name(Concept::kServerAddress) == "peer.hostname";
        call.host = named ? call.host : std::string_view();
        const ClusterHost served = cluster_host(host_in_operation(span.operation));
        call.service = served.service;
        call.ns = served.ns;
        return;
    }
    call.host = outbound_host(attributes.text(Concept::kUpstreamCluster));
    if (call.host.empty()) {
        call.host = attributes.text(Concept::kPeerService);
    }
    if (call.host.empty() && call.calls()) {
        call.host = without_port(attributes.text(Concept::kServerAddress));
    }
    if (call.host.empty() && attributes.tag(Concept::kNodeId) != nullptr) {
        call.host = host_in_operation(span.operation);
    }
    const ClusterHost called = cluster_host(call.host);
    call.service = called.service;
    call.ns = called.ns;
}

SpanCall read_call(const models::Span& span, const Attributes& attributes) {
    const SpanEvidence evidence{span, attributes};
    SpanCall call;
    call.kind = kind_of(evidence).kind;
    call.error = error_of(evidence, call.kind).is_error;
    call.protocol = protocol_of(attributes);
    read_host(span, attributes, call);
    call.address = without_port(attributes.text(Concept::kPeerAddress));
    if (is_known(attributes.text(Concept::kSourceWorkload)) &&
        is_known(attributes.text(Concept::kSourceNamespace))) {
        call.source_workload = attributes.text(Concept::kSourceWorkload);
        call.source_ns = attributes.text(Concept::kSourceNamespace);
    }
    return call;
}

}  // namespace

std::string_view without_port(std::string_view address) {
    if (address.starts_with('[')) {
        const std::size_t end = address.find(']');
        return end == std::string_view::npos ? address : address.substr(1, end - 1);
    }
    const std::size_t colon = address.find(':');
    const bool one = colon != std::string_view::npos && colon == address.rfind(':');
    return one ? address.substr(0, colon) : address;
}

std::vector<SpanCall> trace_calls(const models::Trace& trace) {
    std::vector<SpanCall> calls;
    calls.reserve(trace.spans.size());
    SpanReader reader(trace);
    for (std::size_t i = 0; i < trace.spans.size(); ++i) {
        calls.push_back(read_call(trace.spans[i], reader.read(i)));
    }
    for (std::uint32_t i = 0; i < trace.spans.size(); ++i) {
        const std::uint32_t parent = trace.spans[i].parent;
        if (parent != kNoSpan && calls[i].kind == SpanKind::kServer &&
            calls[parent].kind == SpanKind::kClient) {
            calls[i].other = parent;
            calls[parent].other = i;
        }
    }
    return calls;
}

}  // namespace meshscope::business
