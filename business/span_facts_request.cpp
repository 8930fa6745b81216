#include "business/span_facts_parts.hpp"
#include "core/text.hpp"

#include <array>

namespace meshscope::business {

namespace {

using models::SpanKind;

constexpr std::array<std::string_view, 9> kMethods{
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "CONNECT",
    "TRACE",
};

// The "/x" of an operation "GET /x".
std::string_view route_in_operation(std::string_view operation) {
    for (const std::string_view method : kMethods) {
        if (operation.size() > method.size() + 1 && operation.starts_with(method) &&
            operation.substr(method.size(), 2) == " /") {
            return operation.substr(method.size() + 1);
        }
    }
    return {};
}

std::string composed_url(const ShownAttributes& attributes) {
    std::string path(attributes.text(Concept::kUrlTarget));
    if (path.empty()) {
        path = attributes.text(Concept::kUrlPath);
        const std::string_view query = attributes.text(Concept::kUrlQuery);
        if (!path.empty() && !query.empty()) {
            path.append(query.front() == '?' ? "" : "?").append(query);
        }
    }
    const std::string_view scheme = attributes.text(Concept::kUrlScheme);
    const std::string_view server = attributes.text(Concept::kServerAddress);
    if (path.empty() || scheme.empty() || server.empty()) {
        return path;
    }
    std::string url(scheme);
    url.append("://").append(server);
    const auto port = attributes.integer(Concept::kServerPort);
    if (port && server.find(':') == std::string_view::npos) {
        url.append(":").append(std::to_string(*port));
    }
    return url.append(path.front() == '/' ? "" : "/").append(path);
}

// "package.Service/Method", a leading slash allowed.
void split_rpc_method(std::string_view text, TargetFact& target) {
    if (text.starts_with('/')) {
        text.remove_prefix(1);
    }
    const std::size_t slash = text.rfind('/');
    if (slash == std::string_view::npos) {
        target.operation = text;
        return;
    }
    target.operation = text.substr(slash + 1);
    if (target.name.empty()) {
        target.name = text.substr(0, slash);
    }
}

void take_cluster_host(std::string_view text, PeerFact& peer) {
    const ClusterHost host = cluster_host(text);
    peer.service = host.service;
    peer.ns = host.ns;
}

std::optional<std::int64_t> size_of(const ShownAttributes& attributes, Concept meaning) {
    const auto size = attributes.integer(meaning);
    return size && *size >= 0 ? size : std::nullopt;
}

}  // namespace

ClusterHost cluster_host(std::string_view host) {
    const std::size_t first = host.find('.');
    const std::size_t second = first == std::string_view::npos ? first : host.find('.', first + 1);
    if (second == std::string_view::npos) {
        return {};
    }
    const std::string_view rest = host.substr(second + 1);
    if (first == 0 || second == first + 1 || (rest != "svc" && !rest.starts_with("svc."))) {
        return {};
    }
    return {host.substr(0, first), host.substr(first + 1, second - first - 1)};
}

std::string_view outbound_host(std::string_view cluster) {
    if (cluster.starts_with("outbound|")) {
        std::size_t at = 0;  // of the third and last separator
        for (int i = 0; i < 3 && at != std::string_view::npos; ++i) {
            at = cluster.find('|', at + 1);
        }
        const bool four =
            at != std::string_view::npos && cluster.find('|', at + 1) == std::string_view::npos;
        return four ? cluster.substr(at + 1) : std::string_view();
    }
    if (cluster.starts_with("outbound_.")) {
        const std::size_t last = cluster.rfind("_.");
        const std::size_t port = cluster.find("_.", 10);
        return port != std::string_view::npos && last > port ? cluster.substr(last + 2)
                                                             : std::string_view();
    }
    return {};
}

std::string_view ShownAttributes::text(Concept meaning) const {
    const models::Tag* tag = attributes_.tag(meaning);
    if (tag == nullptr || tag->type() != models::ValueType::kString) {
        return {};
    }
    return masker_.sensitive(*tag) ? store_.emplace_back(masker_.masked_text(*tag)) : tag->text();
}

std::string_view ShownAttributes::shown(std::string_view text) const {
    return masker_.sensitive_text(text) ? store_.emplace_back(masker_.masked_text(text)) : text;
}

SpanType type_of(const SpanEvidence& evidence, SpanSource source) {
    const Attributes& attributes = evidence.attributes;
    if (attributes.has(kGrpcFamily)) {
        return SpanType::kGrpc;
    }
    if (attributes.has(kRpcFamily)) {
        const std::string_view system = attributes.text(Concept::kRpcSystem);
        return system.empty() || iequals(system, "grpc") ? SpanType::kGrpc : SpanType::kRpc;
    }
    if (attributes.has(kHttpFamily) || attributes.tag(Concept::kUrlFull) != nullptr) {
        return SpanType::kHttp;
    }
    if (attributes.has(kDbFamily)) {
        return SpanType::kDatabase;
    }
    if (attributes.has(kMessagingFamily)) {
        return SpanType::kMessaging;
    }
    const bool proxied =
        source == SpanSource::kEnvoy && attributes.tag(Concept::kUpstreamCluster) != nullptr;
    return proxied || attributes.has(kPeerFamily) ? SpanType::kTcp : SpanType::kUnknown;
}

RequestFact request_of(const models::Span& span, const ShownAttributes& attributes) {
    RequestFact request;
    request.method = attributes.text(Concept::kHttpMethod);
    const std::string_view original = attributes.text(Concept::kHttpMethodOriginal);
    if (request.method == "_OTHER" && !original.empty()) {
        request.method = original;
    }
    request.url = attributes.text(Concept::kUrlFull);
    if (request.url.empty()) {
        request.url = composed_url(attributes);
    }
    request.route = attributes.text(Concept::kHttpRoute);
    if (request.route.empty()) {
        request.route = attributes.shown(route_in_operation(span.operation));
    }
    request.protocol = attributes.text(Concept::kProtocolVersion);
    request.id = attributes.text(Concept::kRequestId);
    request.request_bytes = size_of(attributes, Concept::kRequestSize);
    request.response_bytes = size_of(attributes, Concept::kResponseSize);
    return request;
}

TargetFact target_of(const ShownAttributes& attributes, SpanType type) {
    TargetFact target;
    switch (type) {
        case SpanType::kGrpc:
        case SpanType::kRpc:
            target.system = attributes.text(Concept::kRpcSystem);
            if (target.system.empty() && type == SpanType::kGrpc) {
                target.system = "grpc";
            }
            target.name = attributes.text(Concept::kRpcService);
            split_rpc_method(attributes.text(Concept::kRpcMethod), target);
            break;
        case SpanType::kDatabase:
            target.system = attributes.text(Concept::kDbSystem);
            target.name = attributes.text(Concept::kDbName);
            target.operation = attributes.text(Concept::kDbOperation);
            break;
        case SpanType::kMessaging:
            target.system = attributes.text(Concept::kMessagingSystem);
            target.name = attributes.text(Concept::kMessagingDestination);
            target.operation = attributes.text(Concept::kMessagingOperation);
            break;
        case SpanType::kHttp:
        case SpanType::kTcp:
        case SpanType::kUnknown:
            break;
    }
    return target;
}

PeerFact named_peer(const ShownAttributes& attributes, SpanKind kind) {
    PeerFact peer;
    peer.address = attributes.text(Concept::kPeerAddress);
    const std::string_view host = outbound_host(attributes.text(Concept::kUpstreamCluster));
    if (!host.empty()) {
        peer.value = host;
        peer.rule = attributes.name(Concept::kUpstreamCluster);
        take_cluster_host(host, peer);
        return peer;
    }
    peer.value = attributes.text(Concept::kPeerService);
    peer.rule = attributes.name(Concept::kPeerService);
    if (peer.value.empty() && (kind == SpanKind::kClient || kind == SpanKind::kProducer)) {
        peer.value = attributes.text(Concept::kServerAddress);
        peer.rule = attributes.name(Concept::kServerAddress);
        take_cluster_host(peer.value.substr(0, peer.value.find(':')), peer);
    }
    if (peer.value.empty()) {
        peer.rule = {};
    }
    return peer;
}

void address_as_peer(const ShownAttributes& attributes, SpanKind kind, PeerFact& peer) {
    const bool inbound = kind == SpanKind::kServer || kind == SpanKind::kConsumer;
    for (const Concept meaning : {Concept::kPeerAddress, Concept::kClientAddress}) {
        if (peer.value.empty() && (inbound || meaning == Concept::kPeerAddress)) {
            peer.value = attributes.text(meaning);
            peer.rule = peer.value.empty() ? std::string_view() : attributes.name(meaning);
        }
    }
}

std::string operation_shown(
    const SpanEvidence& evidence, const ShownAttributes& attributes, SpanSource source
) {
    std::string shown(attributes.shown(evidence.span.operation));
    if (source != SpanSource::kEnvoy) {
        return shown;
    }
    // The node's own domain is "namespace.svc.cluster.local", whatever the cluster is called.
    const std::string_view node_domain =
        parse_node_id(evidence.attributes.text(Concept::kNodeId)).domain;
    const std::size_t dot = node_domain.find('.');
    std::string domain = dot == std::string_view::npos ? "svc.cluster.local"
                                                       : std::string(node_domain.substr(dot + 1));
    domain.insert(domain.begin(), '.');
    const std::size_t at = shown.find(domain);
    const std::size_t end = at + domain.size();
    if (at != std::string::npos && (end == shown.size() || std::string_view(":/; ").find(shown[end]
                                                           ) != std::string_view::npos)) {
        shown.erase(at, domain.size());
    }
    // "/*" is what Istio writes when the route has no path of its own.
    if (shown.size() > 2 && shown.ends_with("/*") && shown.find('/') == shown.size() - 2) {
        shown.resize(shown.size() - 2);
    }
    return shown;
}

}  // namespace meshscope::business
