#include "business/trace_graph.hpp"

#include "business/critical_path.hpp"
#include "business/trace_calls.hpp"
#include "core/clock.hpp"

#include <algorithm>
#include <optional>

namespace meshscope::business {

namespace {

using models::kNoIndex;
using models::kNoSpan;
using models::NodeIndex;
using Found = GraphIndex::Found;
using Name = GraphIndex::Name;

// A service as spans name it; an empty name: unknown.
struct ServiceOf {
    std::string_view ns;
    std::string_view name;
    explicit operator bool() const { return !name.empty(); }
};

// Lays one trace, callers first.
class Layer {
 public:
    Layer(
        const GraphIndex& graph,
        const TraceView& view,
        const TraceIdentities& identities,
        bool sees_all
    )
        : graph_(graph),
          view_(view),
          trace_(*view.trace),
          identities_(identities),
          sees_all_(sees_all),
          calls_(trace_calls(trace_)),
          own_(trace_.spans.size(), kNoIndex),
          reached_(trace_.spans.size(), kNoIndex),
          hop_of_(trace_.spans.size()),
          served_(graph.type() == GraphType::kService ? trace_.spans.size() : 0),
          memo_(identities.distinct.size()) {}

    TraceOnGraph run() {
        const TraceShape shape = trace_shape(trace_);
        out_.hops.reserve(trace_.spans.size());
        for (const std::uint32_t span : shape.preorder) {
            place(span);
        }
        // Whom a client calls is known only behind its server's span.
        for (Hop& hop : out_.hops) {
            draw(hop);
            hop.repeats = repeats_parent(hop);
        }
        return std::move(out_);
    }

 private:
    struct Memo {
        bool known = false;
        Found found;
    };

    // Null when it is hidden, or unknown, or the caller might learn of a namespace that only a
    // guess leads to.
    [[nodiscard]] const SpanIdentity* identity_of(std::uint32_t span) const {
        if (span == kNoSpan || view_.hides(span)) {
            return nullptr;
        }
        const SpanIdentity& identity = identities_.of(span);
        const bool named = identity.evidence != Evidence::kNone;
        const bool visible =
            sees_all_ || identity.ns == identity.rights_ns || identity.ns == identity.also_ns;
        return named && visible ? &identity : nullptr;
    }

    void place(std::uint32_t span) {
        const SpanIdentity* identity = identity_of(span);
        const bool named =
            identity != nullptr && !identity->ns.empty() &&
            !(identity->workload.empty() && identity->app.empty() && identity->service.empty());
        if (!named) {
            const bool hidden = view_.hides(span);
            const std::string_view ns = identity == nullptr ? std::string_view() : identity->ns;
            const Unplaced reason = hidden ? Unplaced::kHidden : Unplaced::kUnknownWorkload;
            out_.left_out.push_back({span, reason, ns, {}});
            return;
        }
        const Found found = own_node(span, *identity);
        if (!found) {
            out_.left_out.push_back(
                {span, reason_of(found, *identity), identity->ns, identity->workload}
            );
            return;
        }
        own_[span] = found.node;
        hop_of_[span] = static_cast<std::uint32_t>(out_.hops.size());
        if (calls_[span].serves() && calls_[span].other != kNoSpan) {
            reached_[calls_[span].other] = found.node;
        }
        Hop hop;
        hop.span = span;
        hop.own = found.node;
        hop.error = calls_[span].error;
        out_.hops.push_back(hop);
    }

    [[nodiscard]] Unplaced reason_of(const Found& found, const SpanIdentity& identity) const {
        if (found.several) {
            return Unplaced::kAmbiguous;
        }
        return graph_.shows(identity.cluster, identity.ns) ? Unplaced::kWorkloadNotOnGraph
                                                           : Unplaced::kNamespaceNotOnGraph;
    }

    Found own_node(std::uint32_t span, const SpanIdentity& identity) {
        if (graph_.type() == GraphType::kService) {
            const ServiceOf service = served_by(span, identity);
            served_[span] = service;
            const Found found =
                service ? graph_.service({identity.cluster, service.ns, service.name}) : Found();
            if (found || found.several) {
                return found;
            }
        }
        Memo& memo = memo_[identities_.of_span[span]];
        if (!memo.known) {
            memo = {true, find(identity)};
        }
        return memo.found;
    }

    // As what the owner of the span was called: the service of the span itself when it serves, else
    // that of the span above it in the same workload.
    [[nodiscard]] ServiceOf served_by(std::uint32_t span, const SpanIdentity& identity) const {
        const SpanCall& call = calls_[span];
        if (call.serves()) {
            if (const ServiceOf service = service_of_call(span); service.ns == identity.ns) {
                return service;
            }
        } else {
            const std::uint32_t parent = trace_.spans[span].parent;
            if (parent != kNoSpan && identities_.of_span[parent] == identities_.of_span[span]) {
                return served_[parent];
            }
        }
        return {identity.ns, identity.service};
    }

    // The service that a call is about: as its client says, else as its server does.
    [[nodiscard]] ServiceOf service_of_call(std::uint32_t span) const {
        const SpanCall& call = calls_[span];
        if (call.serves() && call.other != kNoSpan && !view_.hides(call.other)) {
            const SpanCall& client = calls_[call.other];
            if (!client.service.empty()) {
                return {client.ns, client.service};
            }
        }
        return {call.ns, call.service};
    }

    [[nodiscard]] Found find(const SpanIdentity& identity) const {
        const auto name = [&](std::string_view text) {
            return Name{identity.cluster, identity.ns, text};
        };
        const auto app = [&](auto look) {
            Found found = identity.app.empty() ? Found() : look(name(identity.app));
            if (!found && identity.object != nullptr) {
                found = look(name(identity.object->canonical_name));
            }
            return found;
        };
        const auto whole = [&](const Name& wanted) { return graph_.whole_app(wanted); };
        const auto any = [&](const Name& wanted) { return graph_.any_of_app(wanted); };
        Found found = graph_.type() == GraphType::kApp ? app(whole) : Found();
        if (!found && !found.several && !identity.workload.empty()) {
            found = graph_.workload(name(identity.workload));
        }
        if (!found && !found.several) {
            found = identity.workload.empty() ? app(any) : app(whole);
        }
        if (!found && !identity.service.empty()) {
            const Found service = graph_.service(name(identity.service));
            found = service ? service : found;
        }
        return found;
    }

    void draw(Hop& hop) {
        const SpanCall& call = calls_[hop.span];
        if (call.calls()) {
            draw_call(hop, reached_[hop.span]);
            return;
        }
        const NodeIndex source = source_of(hop);
        const bool self_call =
            call.serves() && call.other != kNoSpan && own_[call.other] != kNoIndex;
        if (source == kNoIndex || (source == hop.own && !self_call)) {
            alone(hop);
            return;
        }
        if (!join(hop, source, service_node(service_of_call(hop.span), hop.span), hop.own)) {
            alone(hop);
        }
    }

    // Both sides of a call report it, and so do a program and the proxy beside it.
    [[nodiscard]] bool repeats_parent(const Hop& hop) const {
        const std::uint32_t parent = trace_.spans[hop.span].parent;
        if (parent == kNoSpan || own_[parent] == kNoIndex) {
            return false;
        }
        const bool other_side = calls_[hop.span].serves() && calls_[hop.span].other == parent;
        const bool same_side =
            own_[parent] == hop.own && calls_[hop.span].calls() && calls_[parent].calls();
        const Hop& above = out_.hops[hop_of_[parent]];
        return (other_side || same_side) && std::ranges::equal(above.links(), hop.links());
    }

    // From its own node to the service, to whom it leads.
    void draw_call(Hop& hop, NodeIndex target) {
        const SpanCall& call = calls_[hop.span];
        const ServiceOf service = called_service(hop.span);
        const NodeIndex through = service_node(service, hop.span);
        if (target == kNoIndex) {
            target = only_target(hop, service);
        }
        if (target != kNoIndex && join(hop, hop.own, through, target)) {
            return;
        }
        const NodeIndex entry = graph_.host(cluster_of(hop.span), call.host).node;
        for (const NodeIndex end : {through, entry}) {
            if (end != kNoIndex && join(hop, hop.own, kNoIndex, end)) {
                return;
            }
        }
        alone(hop);
    }

    // Whom an unanswered call reaches, if only one can be meant: the pod that has the address, else
    // the only workload behind the service that this node sends to.
    [[nodiscard]] NodeIndex only_target(const Hop& hop, const ServiceOf& service) const {
        if (const auto found = owner_of_address(hop.span)) {
            return *found;
        }
        if (!service) {
            return kNoIndex;
        }
        return graph_.target_of(hop.own, {cluster_of(hop.span), service.ns, service.name}).node;
    }

    [[nodiscard]] std::optional<NodeIndex> owner_of_address(std::uint32_t span) const {
        const std::string_view address = calls_[span].address;
        const auto& snapshot = identities_.snapshot;
        if (address.empty() || !snapshot || cluster_of(span) != snapshot->cluster) {
            return std::nullopt;
        }
        const models::Pod* pod =
            snapshot->pod_at(address, from_micros(trace_.spans[span].start_ns / 1000));
        const models::Workload* workload = pod == nullptr ? nullptr : snapshot->workload_of(*pod);
        if (workload == nullptr) {
            return std::nullopt;
        }
        SpanIdentity identity;
        identity.cluster = snapshot->cluster;
        identity.ns = workload->ns;
        identity.workload = workload->name;
        identity.app = workload->app;
        identity.object = workload;
        const Found found = find(identity);
        return found ? std::optional(found.node) : std::nullopt;
    }

    // The service that a client calls. A bare name is looked for in the caller's own namespace, as
    // the cluster's DNS does.
    [[nodiscard]] ServiceOf called_service(std::uint32_t span) const {
        const SpanCall& call = calls_[span];
        if (!call.service.empty()) {
            return {call.ns, call.service};
        }
        const std::size_t dot = call.host.find('.');
        if (dot == std::string_view::npos) {
            return {identities_.of(span).ns, call.host};
        }
        const std::string_view rest = call.host.substr(dot + 1);
        return rest.find('.') == std::string_view::npos ? ServiceOf{rest, call.host.substr(0, dot)}
                                                        : ServiceOf();
    }

    [[nodiscard]] NodeIndex service_node(const ServiceOf& service, std::uint32_t span) const {
        return service ? graph_.service({cluster_of(span), service.ns, service.name}).node
                       : kNoIndex;
    }

    // Who calls the owner of a span that is no client's.
    [[nodiscard]] NodeIndex source_of(const Hop& hop) const {
        const SpanCall& call = calls_[hop.span];
        if (call.serves() && !call.source_workload.empty() &&
            !identities_.of(hop.span).reporter.empty()) {
            const Found found =
                graph_.workload({cluster_of(hop.span), call.source_ns, call.source_workload});
            if (found) {
                return found.node;
            }
        }
        const std::uint32_t parent = trace_.spans[hop.span].parent;
        if (parent != kNoSpan && own_[parent] != kNoIndex) {
            return own_[parent];
        }
        return call.serves() ? graph_.host(cluster_of(hop.span), call.host).node : kNoIndex;
    }

    // The path from `source` to `target`, over the service's node or the waypoint that reports
    // where the graph has those between them. False when the graph has no such path.
    bool join(Hop& hop, NodeIndex source, NodeIndex through, NodeIndex target) const {
        const SpanCall::Protocol protocol = calls_[hop.span].protocol;
        if (through != kNoIndex && through != source && through != target) {
            hop.nodes = {source, through, target};
            hop.node_count = 3;
            if (link(hop, protocol)) {
                return true;
            }
        }
        hop.nodes = {source, target};
        hop.node_count = 2;
        if (link(hop, protocol)) {
            return true;
        }
        // Nobody names the service, but only one is between them.
        const NodeIndex between = graph_.service_between(source, target);
        hop.nodes = {source, between, target};
        hop.node_count = 3;
        if (between != kNoIndex && link(hop, protocol)) {
            return true;
        }
        const SpanIdentity& identity = identities_.of(hop.span);
        if (identity.reporter.empty()) {
            return false;
        }
        const NodeIndex waypoint =
            graph_.workload({identity.cluster, identity.reporter_ns, identity.reporter}).node;
        hop.nodes = {source, waypoint, target};
        hop.node_count = 3;
        return waypoint != kNoIndex && link(hop, protocol);
    }

    // Fills the edges between the hop's nodes.
    bool link(Hop& hop, SpanCall::Protocol protocol) const {
        for (std::size_t i = 0; i + 1 < hop.node_count; ++i) {
            hop.edges[i] = graph_.edge(hop.nodes[i], hop.nodes[i + 1], protocol);
            if (hop.edges[i] == kNoIndex) {
                hop.edges[i] = graph_.edge(hop.nodes[i + 1], hop.nodes[i], protocol);
            }
            if (hop.edges[i] == kNoIndex) {
                return false;
            }
        }
        return true;
    }

    static void alone(Hop& hop) {
        hop.nodes = {hop.own};
        hop.node_count = 1;
    }

    [[nodiscard]] std::string_view cluster_of(std::uint32_t span) const {
        return identities_.of(span).cluster;
    }

    const GraphIndex& graph_;
    const TraceView& view_;
    const models::Trace& trace_;
    const TraceIdentities& identities_;
    const bool sees_all_;
    std::vector<SpanCall> calls_;
    std::vector<NodeIndex> own_;         // kNoIndex: not placed
    std::vector<NodeIndex> reached_;     // by calls: the node of whom the last answer came from
    std::vector<std::uint32_t> hop_of_;  // where it is placed
    std::vector<ServiceOf> served_;      // of service graphs only
    std::vector<Memo> memo_;             // by distinct identity
    TraceOnGraph out_;
};

}  // namespace

std::string_view to_string(Unplaced reason) {
    constexpr std::array<std::string_view, kUnplacedReasons> kNames{
        "hidden",
        "unknown_workload",
        "namespace_not_on_graph",
        "workload_not_on_graph",
        "ambiguous",
    };
    return kNames[static_cast<std::size_t>(reason)];
}

TraceOnGraph lay_trace(
    const GraphIndex& graph, const TraceView& view, const TraceIdentities& identities, bool sees_all
) {
    return Layer(graph, view, identities, sees_all).run();
}

}  // namespace meshscope::business
