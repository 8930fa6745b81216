#include "business/trace_graph.hpp"
#include "clients/jaeger/http_v1_decoder.hpp"
#include "demo/jaeger/json_v1.hpp"
#include "demo/mesh/event_stream.hpp"
#include "demo/spans/render.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/unit/business/graph_fixture.hpp"
#include "tests/unit/business/identity_corpus.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using tests::GraphMaker;

namespace {

using models::NodeIndex;
using models::TracePtr;

std::vector<TracePtr> decoded(std::string body) {
    auto batch = clients::jaeger::decode_traces(std::move(body), std::nullopt);
    REQUIRE(batch.has_value());
    return std::move(batch->traces);
}

demo::EventStream stream_of(std::string_view scenario) {
    const test::ManualClock clock;
    return {*demo::scenario_named(scenario), 7, clock.now()};
}

// The traces of a scenario's first requests and of those outside the steady flow.
std::vector<TracePtr> traces_of(const demo::EventStream& stream) {
    std::vector<demo::Request> requests = stream.singles();
    for (std::int64_t number = stream.first_number(); requests.size() < 80; ++number) {
        requests.push_back(stream.request(number));
    }
    std::vector<demo::TraceRecordPtr> records;
    for (const demo::Request& request : requests) {
        auto record = std::make_shared<demo::TraceRecord>(render_spans(request, stream.topology()));
        if (!record->spans.empty()) {
            records.push_back(std::move(record));
        }
    }
    return decoded(demo::traces_json(records, {}));
}

// Every workload of some namespaces, each calling each.
GraphMaker graph_of(const demo::Topology& topology, const std::set<std::string>& namespaces) {
    GraphMaker made;
    std::vector<NodeIndex> nodes;
    for (const demo::Workload& workload : topology.workloads()) {
        if (namespaces.contains(workload.ns)) {
            nodes.push_back(made.workload(workload.ns, workload.name, workload.app));
        }
    }
    for (const NodeIndex source : nodes) {
        for (const NodeIndex target : nodes) {
            made.edge(source, target);
        }
    }
    return made;
}

// What holds of every trace on every graph.
void check_whole(const models::Graph& graph, const TracePtr& trace, const TraceOnGraph& on) {
    std::set<std::uint32_t> seen;
    for (const Hop& hop : on.hops) {
        seen.insert(hop.span);
        const auto path = hop.path();
        REQUIRE(!path.empty());
        CHECK(std::find(path.begin(), path.end(), hop.own) != path.end());
        REQUIRE(hop.links().size() + 1 == path.size());
        for (std::size_t i = 0; i < hop.links().size(); ++i) {
            const models::GraphEdge& edge = graph.edge(hop.links()[i]);
            const bool there = edge.source == path[i] && edge.target == path[i + 1];
            const bool back = edge.source == path[i + 1] && edge.target == path[i];
            CHECK((there || back));
        }
    }
    for (const LeftOut& one : on.left_out) {
        seen.insert(one.span);
    }
    CHECK(seen.size() == trace->spans.size());
    CHECK(on.hops.size() + on.left_out.size() == trace->spans.size());
}

std::string_view text_of(const models::Span& span, std::string_view key) {
    for (const models::Tag& tag : span.tags) {
        if (tag.key() == key) {
            return tag.text();
        }
    }
    return {};
}

// The workload whose proxy made the span, told by the name of its pod alone.
std::string reporter(const demo::Topology& topology, const models::Span& span) {
    const std::string_view node = text_of(span, "node_id");
    for (const demo::Workload& workload : topology.workloads()) {
        if (node.find("~" + workload.pod + "." + workload.ns + "~") != std::string_view::npos) {
            return workload.name;
        }
    }
    return {};
}

std::string name_at(const models::Graph& graph, NodeIndex node) {
    return std::string(graph.node(node).workload);
}

}  // namespace

TEST_CASE("calls of the demo lie between who made and who served them", "[trace_graph]") {
    for (const std::string_view scenario : {"normal", "clock-skew", "fixture"}) {
        const demo::EventStream stream = stream_of(scenario);
        const GraphMaker made = graph_of(
            stream.topology(), {"bookinfo", "istio-system", "travel-agency", "api-gateway"}
        );
        const GraphIndex index(
            made.graph, GraphType::kWorkload, {"bookinfo", "istio-system", "travel-agency"}
        );
        std::size_t calls = 0;
        for (const TracePtr& trace : traces_of(stream)) {
            const TraceOnGraph on =
                lay_trace(index, {trace, nullptr}, resolve(*trace, nullptr), true);
            check_whole(made.graph, trace, on);
            for (const Hop& hop : on.hops) {
                const models::Span& span = trace->spans[hop.span];
                const bool served =
                    text_of(span, "span.kind") == "server" && span.parent != models::kNoSpan;
                const models::Span* client = served ? &trace->spans[span.parent] : nullptr;
                if (client == nullptr || text_of(*client, "component") != "proxy") {
                    continue;
                }
                ++calls;
                REQUIRE(hop.path().size() == 2);
                CHECK(name_at(made.graph, hop.path()[0]) == reporter(stream.topology(), *client));
                CHECK(name_at(made.graph, hop.path()[1]) == reporter(stream.topology(), span));
            }
        }
        CHECK(calls > 100);
    }
}

TEST_CASE("what leaves the graph's namespaces is listed", "[trace_graph]") {
    const demo::EventStream stream = stream_of("normal");
    const GraphMaker made = graph_of(stream.topology(), {"travel-agency"});
    const GraphIndex index(made.graph, GraphType::kWorkload, {"travel-agency"});
    std::map<std::string, int> reasons;
    for (const TracePtr& trace : traces_of(stream)) {
        const TraceOnGraph on = lay_trace(index, {trace, nullptr}, resolve(*trace, nullptr), true);
        check_whole(made.graph, trace, on);
        for (const LeftOut& one : on.left_out) {
            ++reasons[std::string(to_string(one.reason))];
            CHECK(one.ns != "travel-agency");
        }
    }
    CHECK(reasons["namespace_not_on_graph"] > 100);
}

TEST_CASE("every span of every known way to name workloads is told of", "[trace_graph][property]") {
    std::mt19937 random(20'261'121);
    std::vector<std::pair<TracePtr, models::ClusterSnapshotPtr>> traces;
    for (const tests::IdentityCase& one : tests::identity_corpus()) {
        traces.emplace_back(one.trace, one.cluster);
        traces.emplace_back(one.trace, nullptr);
    }
    std::ifstream file(MESHSCOPE_SOURCE_DIR "/tests/data/jaeger/bookinfo_mixer_trace.json");
    const std::string mixer(
        (std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()
    );
    traces.emplace_back(decoded(mixer).front(), nullptr);
    for (const GraphType type :
         {GraphType::kWorkload, GraphType::kApp, GraphType::kVersionedApp, GraphType::kService}) {
        for (const auto& [trace, cluster] : traces) {
            // A graph of some of those that the spans name, with edges anywhere.
            const TraceIdentities identities = resolve(*trace, cluster);
            GraphMaker made;
            std::vector<NodeIndex> nodes{made.service("unknown", "elsewhere")};
            std::vector<std::string> namespaces;
            for (const SpanIdentity& one : identities.distinct) {
                const auto kind = random() % 4;
                if (kind == 0 && !one.workload.empty()) {
                    nodes.push_back(made.workload(one.ns, one.workload, one.app, one.cluster));
                } else if (kind == 1 && !one.app.empty()) {
                    nodes.push_back(made.app(one.ns, one.app, one.cluster));
                } else if (kind == 2 && !one.service.empty()) {
                    nodes.push_back(made.service(one.ns, one.service, one.cluster));
                }
                if (random() % 2 == 0) {
                    namespaces.emplace_back(one.ns);
                }
            }
            for (std::size_t i = 0; i < 2 * nodes.size(); ++i) {
                made.edge(nodes[random() % nodes.size()], nodes[random() % nodes.size()]);
            }
            const GraphIndex index(made.graph, type, namespaces);
            check_whole(
                made.graph, trace, lay_trace(index, {trace, nullptr}, identities, random() % 2 == 0)
            );
        }
    }
}
