#include "business/trace_flow.hpp"
#include "business/trace_graph.hpp"
#include "clients/jaeger/grpc/v2_decoder.hpp"
#include "clients/jaeger/http_v1_decoder.hpp"
#include "tests/bench/cpu_time.hpp"
#include "tests/bench/entries.hpp"
#include "tests/bench/traces.hpp"
#include "tests/bench/traces_proto.hpp"

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::bench {

namespace {

using models::NodeIndex;
using models::NodeKey;
using models::TracePtr;

constexpr std::size_t kLaidTraces = 500;
constexpr std::size_t kSpansOfEach = 20;
constexpr std::size_t kSpaces = 20;
constexpr std::size_t kWorkloadsOfSpace = 50;
constexpr std::size_t kCallsOfWorkload = 4;

NodeIndex add_workload(models::Graph& graph, std::string_view ns, const std::string& name) {
    const NodeIndex node = graph.add({NodeKey::Kind::kWorkload, "Kubernetes", ns, name, {}, {}});
    const std::string app = name.substr(0, name.rfind("-v"));
    graph.node(node).app = graph.keep(app);
    graph.add_service(node, {"Kubernetes", ns, app});
    return node;
}

// 1 000 workloads in 20 namespaces, each calling four others; six of them are Bookinfo's, of which
// each calls each.
models::Graph make_graph() {
    models::Graph graph;
    std::vector<NodeIndex> bookinfo;
    for (const char* name :
         {"productpage-v1", "details-v1", "reviews-v1", "reviews-v2", "reviews-v3", "ratings-v1"}) {
        bookinfo.push_back(add_workload(graph, "bookinfo", name));
    }
    for (const NodeIndex source : bookinfo) {
        for (const NodeIndex target : bookinfo) {
            graph.add(source, target, "http");
        }
    }
    std::vector<NodeIndex> nodes;
    for (std::size_t i = bookinfo.size(); i < kSpaces * kWorkloadsOfSpace; ++i) {
        const std::string ns =
            i < kWorkloadsOfSpace ? "bookinfo" : "space-" + std::to_string(i / kWorkloadsOfSpace);
        nodes.push_back(
            add_workload(graph, ns, "service-" + std::to_string(i % kWorkloadsOfSpace) + "-v1")
        );
    }
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        for (std::size_t call = 1; call <= kCallsOfWorkload; ++call) {
            graph.add(nodes[i], nodes[(i * 7 + call * 13) % nodes.size()], "http");
        }
    }
    return graph;
}

std::vector<std::string> namespaces() {
    std::vector<std::string> out{"bookinfo"};
    for (std::size_t i = 1; i < kSpaces; ++i) {
        out.push_back("space-" + std::to_string(i));
    }
    return out;
}

// Everything that a request for many traces does besides fetching them.
business::TraceFlow lay_all(const models::Graph& graph, const std::vector<TracePtr>& traces) {
    const business::GraphIndex index(graph, business::GraphType::kWorkload, namespaces());
    business::TraceFlow flow(graph);
    for (const TracePtr& trace : traces) {
        const business::TraceIdentities identities = business::resolve(*trace, nullptr);
        flow.add(*trace, business::lay_trace(index, {trace, nullptr}, identities, true));
    }
    static_cast<void>(flow.edges());
    return flow;
}

std::vector<TracePtr> decode_wire(const std::vector<std::string>& messages) {
    clients::jaeger::V2SpanDecoder decoder;
    for (const std::string& message : messages) {
        decoder.add(message);
    }
    return decoder.finish(false);
}

}  // namespace

void bench_overlay(const Options& options, Report& report) {
    const std::vector<BenchTrace> traces = make_traces(kLaidTraces, kSpansOfEach);
    const models::Graph graph = make_graph();
    const std::string json = to_jaeger_json(traces);
    std::vector<std::string> messages;
    for (const auto& chunk : to_chunks(traces)) {
        messages.push_back(chunk.SerializeAsString());
    }
    const std::vector<std::pair<std::string, std::function<std::vector<TracePtr>()>>> ways{
        {"v1 JSON",
         [&] { return clients::jaeger::decode_traces(json, std::nullopt).value().traces; }},
        {"gRPC", [&] { return decode_wire(messages); }},
    };
    for (const auto& [name, decode] : ways) {
        const std::vector<TracePtr> decoded = decode();
        const business::TraceFlow flow = lay_all(graph, decoded);
        if (flow.placed() != kLaidTraces * kSpansOfEach) {
            throw std::runtime_error(
                "overlay: only " + std::to_string(flow.placed()) + " spans have a place"
            );
        }
        const auto& one = decode;
        Line line;
        line.name =
            "500 traces of 20 spans on a graph of 1 000 workloads, against decoding them "
            "from " +
            name;
        line.unit = "ms CPU";
        const double ours =
            median_cpu(options.runs, [&] { static_cast<void>(lay_all(graph, decoded)); });
        const double decoding = median_cpu(options.runs, [&] { static_cast<void>(one()); });
        line.ours = ours;
        line.baseline = decoding;
        line.ratio = ours / decoding;
        line.goal = Line::Goal::kAtMost;
        line.target = 1;
        report.lines.push_back(std::move(line));
    }
}

}  // namespace meshscope::bench
