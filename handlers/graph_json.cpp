#include "handlers/graph_json.hpp"

#include "business/graph_listing.hpp"
#include "business/masking.hpp"
#include "core/fetch.hpp"
#include "handlers/graph_json_parts.hpp"
#include "handlers/graph_json_rates.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/trace_json.hpp"  // kPieceBytes

#include <algorithm>
#include <utility>
#include <vector>

namespace meshscope::handlers {

namespace {

using business::GraphListing;
using business::GraphType;
using models::EdgeIndex;
using models::Graph;
using models::GraphEdge;
using models::GraphNode;
using models::kNoIndex;
using models::NodeIndex;
using models::NodeKey;
using models::NodeType;
using models::Protocol;

std::string_view text_of(GraphType type) {
    switch (type) {
        case GraphType::kApp:
            return "app";
        case GraphType::kVersionedApp:
            return "versionedApp";
        case GraphType::kService:
            return "service";
        case GraphType::kWorkload:
            break;
    }
    return "workload";
}

std::string_view text_of(NodeType type) {
    switch (type) {
        case NodeType::kWorkload:
            return "workload";
        case NodeType::kApp:
            return "app";
        case NodeType::kService:
            return "service";
        case NodeType::kAggregate:
            return "aggregate";
        case NodeType::kBox:
            return "box";
        case NodeType::kUnknown:
            break;
    }
    return "unknown";
}

void write_known(JsonWriter& json, std::string_view name, std::string_view text) {
    if (!text.empty()) {
        json.field(name, text);
    }
}

// One graph, while it is written; remembers where it stopped.
class Writer {
 public:
    Writer(
        std::shared_ptr<const business::GraphWork> work,
        std::shared_ptr<const business::Masker> masker
    )
        : work_(std::move(work)),
          masker_(std::move(masker)),
          graph_(work_->graph),
          health_(work_->request.parts.has(business::GraphPart::kHealth)),
          listing_(graph_) {}

    bool next(std::string& out) {
        piece_.swap(out);
        const bool more = write_until(piece_.size() + kPieceBytes);
        piece_.swap(out);
        return more;
    }

 private:
    // False when the graph is complete.
    bool write_until(std::size_t size);
    void begin();
    void end();
    void fetch_nodes(std::size_t place) const;
    void fetch_edges(std::size_t place) const;
    void write_node(NodeIndex index);
    void write_names(const GraphNode& node);
    void write_services(NodeIndex index);
    void write_traffic(const GraphNode& node);
    void write_edge(EdgeIndex index);
    void write_edge_traffic(EdgeIndex index);
    void write_responses(EdgeIndex index);
    void write_shares(
        std::string_view name, std::string_view models::EdgeResponse::* by, double total
    );
    // Texts that a caller of the mesh chose.
    void foreign_key(std::string_view text) {
        if (masker_->sensitive_text(text)) {
            json_.key(masker_->masked_text(text));
        } else {
            json_.key(text);
        }
    }

    std::string piece_;
    JsonWriter json_{piece_};
    std::shared_ptr<const business::GraphWork> work_;
    std::shared_ptr<const business::Masker> masker_;
    const Graph& graph_;
    const bool health_;  // was asked for
    GraphListing listing_;
    bool begun_ = false;
    std::size_t written_ = 0;  // nodes, then edges
    std::vector<models::ServiceName> services_;
    std::vector<models::EdgeResponse> responses_;  // of the edge being written, by code
    std::vector<models::EdgeResponse> same_code_;
};

void Writer::begin() {
    const auto at = std::chrono::floor<std::chrono::seconds>(work_->at).time_since_epoch();
    json_.begin_object().field("timestamp", at.count());
    json_.field("duration", work_->request.duration.count());
    json_.field("graphType", text_of(work_->request.type)).key("elements");
    json_.begin_object().key("nodes").begin_array();
}

void Writer::end() {
    json_.end_array().end_object();
    write_meta(json_.key("meta"), work_->meta);
    json_.end_object();
}

// They lie in the order in which they were found, not in that of the list.
void Writer::fetch_nodes(std::size_t place) const {
    constexpr std::size_t kAhead = 4;
    const std::vector<NodeIndex>& nodes = listing_.nodes();
    if (place + kAhead < nodes.size()) {
        fetch(&graph_.node(nodes[place + kAhead]), sizeof(GraphNode));
    }
}

void Writer::fetch_edges(std::size_t place) const {
    constexpr std::size_t kNear = 4;
    constexpr std::size_t kFar = 8;
    const std::vector<EdgeIndex>& edges = listing_.edges();
    if (place + kFar < edges.size()) {
        graph_.fetch_edge(edges[place + kFar]);
    }
    if (place + kNear < edges.size()) {
        const EdgeIndex near = edges[place + kNear];
        graph_.fetch_responses(near);
        const std::string_view id = listing_.id_of_edge(near);
        fetch(id.data(), id.size());
        const std::string_view target = listing_.id_of_node(graph_.edge(near).target);
        fetch(target.data(), target.size());
    }
}

bool Writer::write_until(std::size_t size) {
    const std::size_t nodes = listing_.nodes().size();
    if (!begun_) {
        begun_ = true;
        begin();
    }
    for (;; ++written_) {
        if (piece_.size() >= size) {
            return true;
        }
        if (written_ == nodes) {
            json_.end_array().key("edges").begin_array();
        }
        if (written_ == nodes + listing_.edges().size()) {
            end();
            return false;
        }
        json_.begin_object().key("data");
        if (written_ < nodes) {
            fetch_nodes(written_);
            write_node(listing_.nodes()[written_]);
        } else {
            fetch_edges(written_ - nodes);
            write_edge(listing_.edges()[written_ - nodes]);
        }
        json_.end_object();
    }
}

void Writer::write_names(const GraphNode& node) {
    json_.key("nodeType").plain_string(text_of(node.type));
    json_.field("cluster", node.cluster).field("namespace", node.ns);
    write_known(json_, "workload", node.workload);
    write_known(json_, "app", node.app);
    write_known(json_, "version", node.version);
    write_known(json_, "service", node.service);
    if (node.type == NodeType::kAggregate) {
        const std::string text = std::string(node.key.name) + "=" + std::string(node.key.more);
        json_.field("aggregate", masker_->masked_text(text));
    }
}

void Writer::write_services(NodeIndex index) {
    services_.clear();
    graph_.each_service(index, [&](const models::ServiceName& one) { services_.push_back(one); });
    if (services_.empty()) {
        return;
    }
    std::ranges::sort(services_);
    json_.key("destServices").begin_array();
    for (const models::ServiceName& one : services_) {
        json_.begin_object().field("cluster", one.cluster).field("namespace", one.ns);
        json_.field("name", one.name).end_object();
    }
    json_.end_array();
}

void Writer::write_traffic(const GraphNode& node) {
    if (!node.has_traffic()) {
        return;
    }
    json_.key("traffic").begin_array();
    for (const Protocol protocol : {Protocol::kGrpc, Protocol::kHttp, Protocol::kTcp}) {
        write_node_rates(json_, node, protocol);
    }
    json_.end_array();
}

void Writer::write_node(NodeIndex index) {
    const GraphNode& node = graph_.node(index);
    json_.begin_object().key("id").plain_string(listing_.id_of_node(index));
    if (node.parent != kNoIndex) {
        json_.key("parent").plain_string(listing_.id_of_node(node.parent));
    }
    write_names(node);
    write_services(index);
    write_node_labels(json_, node);
    write_traffic(node);
    write_node_health(json_, node, health_);
    write_node_marks(json_, node);
    json_.end_object();
}

void Writer::write_shares(
    std::string_view name, std::string_view models::EdgeResponse::* by, double total
) {
    std::ranges::sort(same_code_, {}, by);
    bool open = false;
    for (std::size_t at = 0; at < same_code_.size();) {
        const std::string_view text = same_code_[at].*by;
        double rate = 0;
        for (; at < same_code_.size() && same_code_[at].*by == text; ++at) {
            rate += same_code_[at].rate;
        }
        if (text.empty()) {
            continue;
        }
        if (!open) {
            json_.key(name).begin_object();
            open = true;
        }
        foreign_key(text);
        json_.raw("\"");
        append_fixed(json_.buffer(), rate / total * 100, 1);
        json_.buffer().push_back('"');
    }
    if (open) {
        json_.end_object();
    }
}

void Writer::write_responses(EdgeIndex index) {
    responses_.clear();
    graph_.each_response(index, [&](const models::EdgeResponse& one) {
        responses_.push_back(one);
    });
    const double total = graph_.edge(index).rates.total;
    std::ranges::sort(responses_, {}, &models::EdgeResponse::code);
    json_.key("responses").begin_object();
    for (std::size_t at = 0; at < responses_.size();) {
        const std::string_view code = responses_[at].code;
        same_code_.clear();
        for (; at < responses_.size() && responses_[at].code == code; ++at) {
            same_code_.push_back(responses_[at]);
        }
        json_.key(code).begin_object();
        write_shares("flags", &models::EdgeResponse::flags, total);
        write_shares("hosts", &models::EdgeResponse::host, total);
        json_.end_object();
    }
    json_.end_object();
}

void Writer::write_edge_traffic(EdgeIndex index) {
    const GraphEdge& edge = graph_.edge(index);
    json_.key("traffic").begin_object().field("protocol", edge.protocol_name);
    if (edge.rates.total > 0) {
        const GraphNode& source = graph_.node(edge.source);
        write_edge_rates(json_, edge, source.out[static_cast<std::size_t>(edge.protocol)]);
        write_responses(index);
    }
    json_.end_object();
}

void Writer::write_edge(EdgeIndex index) {
    const GraphEdge& edge = graph_.edge(index);
    json_.begin_object().key("id").plain_string(listing_.id_of_edge(index));
    json_.key("source").plain_string(listing_.id_of_node(edge.source));
    json_.key("target").plain_string(listing_.id_of_node(edge.target));
    write_known(json_, "destPrincipal", edge.target_principal);
    write_known(json_, "healthStatus", edge.health_status);
    if (edge.mtls_percent) {
        write_fixed(json_, "isMTLS", *edge.mtls_percent, 0);
    }
    if (edge.response_time_ms) {
        write_fixed(json_, "responseTime", *edge.response_time_ms, 0);
    }
    write_known(json_, "sourcePrincipal", edge.source_principal);
    if (edge.throughput) {
        write_fixed(json_, "throughput", *edge.throughput, 0);
    }
    if (edge.waypoint != models::WaypointDirection::kNone) {
        const bool to = edge.waypoint == models::WaypointDirection::kTo;
        json_.key("waypoint").begin_object().field("direction", to ? "to" : "from");
        if (edge.waypoint_back != kNoIndex) {
            json_.key("fromEdge");
            write_edge(edge.waypoint_back);
        }
        json_.end_object();
    }
    write_edge_traffic(index);
    json_.end_object();
}

}  // namespace

server::BodySource graph_body(
    std::shared_ptr<const business::GraphWork> work, std::shared_ptr<const business::Masker> masker
) {
    const auto writer = std::make_shared<Writer>(std::move(work), std::move(masker));
    return [writer](std::string& out) { return writer->next(out); };
}

}  // namespace meshscope::handlers
