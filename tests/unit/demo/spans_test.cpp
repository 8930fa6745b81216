#include "demo/jaeger/v1_mapping.hpp"
#include "demo/mesh/event_stream.hpp"
#include "demo/spans/render.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

using namespace meshscope;
using namespace meshscope::demo;

namespace {

const SystemTime kStart = from_micros(1'763'683'200'000'000);

// As the older protocols show it.
std::string tag(const SpanRecord& span, std::string_view key) {
    TraceRecord trace;
    trace.scopes.resize(span.scope + 1);
    std::string found = "(none)";
    each_tag(trace, span, [&](std::string_view name, const AttributeValue& value) {
        if (name == key) {
            found = to_text(value);
        }
    });
    return found;
}

std::vector<TraceRecord> traces_of(std::string_view scenario, std::int64_t count) {
    const EventStream events(*scenario_named(scenario), 1, kStart);
    std::vector<TraceRecord> out;
    for (std::int64_t n = -count; n < 0; ++n) {
        out.push_back(render_spans(events.request(n), events.topology()));
    }
    return out;
}

// The fixed traces A to G, by letter.
std::map<char, TraceRecord> fixed_traces() {
    const EventStream events(*scenario_named("fixture"), 1, kStart);
    std::map<char, TraceRecord> out;
    char letter = 'A';
    for (const Request& request : events.singles()) {
        out.emplace(letter++, render_spans(request, events.topology()));
    }
    return out;
}

std::set<std::string> services(const TraceRecord& trace) {
    std::set<std::string> out;
    for (const ProcessRecord& process : trace.processes) {
        out.insert(process.service);
    }
    return out;
}

const SpanRecord* find(const TraceRecord& trace, SpanId id) {
    const auto at = std::find_if(trace.spans.begin(), trace.spans.end(), [id](const SpanRecord& s) {
        return s.id == id;
    });
    return at == trace.spans.end() ? nullptr : &*at;
}

}  // namespace

TEST_CASE("every trace has one root, known parents, unique span ids and sorted tags") {
    for (const TraceRecord& trace : traces_of("normal", 300)) {
        std::set<SpanId> ids;
        int roots = 0;
        for (const SpanRecord& span : trace.spans) {
            CHECK(ids.insert(span.id).second);
            roots += span.parent.is_zero() ? 1 : 0;
            if (!span.parent.is_zero()) {
                const SpanRecord* parent = find(trace, span.parent);
                REQUIRE(parent != nullptr);
                CHECK(span.start_ns >= parent->start_ns);
                CHECK(span.end_ns() <= parent->end_ns());
            }
            CHECK(std::is_sorted(
                span.attributes.begin(),
                span.attributes.end(),
                [](const Attribute& a, const Attribute& b) { return a.key < b.key; }
            ));
        }
        CHECK(roots == 1);
    }
}

TEST_CASE("both proxies of a call report it") {
    const TraceRecord trace = fixed_traces().at('A');
    const auto client =
        std::find_if(trace.spans.begin(), trace.spans.end(), [](const SpanRecord& s) {
            return tag(s, "upstream_cluster") ==
                   "outbound|9080||ratings.bookinfo.svc.cluster.local";
        });
    REQUIRE(client != trace.spans.end());
    const auto server =
        std::find_if(trace.spans.begin(), trace.spans.end(), [&](const SpanRecord& s) {
            return s.parent == client->id;
        });
    REQUIRE(server != trace.spans.end());
    CHECK(client->operation == "ratings.bookinfo.svc.cluster.local:9080/*");
    CHECK(server->operation == client->operation);
    CHECK(trace.processes[client->process].service == "reviews.bookinfo");
    CHECK(trace.processes[server->process].service == "ratings.bookinfo");
    CHECK(tag(*client, "span.kind") == "client");
    CHECK(tag(*server, "span.kind") == "server");
    CHECK(tag(*server, "upstream_cluster") == "inbound|9080||");
    CHECK(tag(*client, "guid:x-request-id") == tag(*server, "guid:x-request-id"));
    CHECK(client->duration_us() - server->duration_us() == 800);
    const std::string node = tag(*server, "node_id");
    CHECK(node.starts_with("sidecar~10.244.0."));
    CHECK(node.find("~ratings-v1-") != std::string::npos);
    CHECK(node.ends_with(".bookinfo~bookinfo.svc.cluster.local"));
    for (const char* key :
         {"component",
          "http.method",
          "http.url",
          "http.status_code",
          "response_flags",
          "request_size",
          "response_size",
          "peer.address",
          "istio.mesh_id"}) {
        CHECK(tag(*client, key) != "(none)");
    }
    CHECK(tag(*client, "istio.cluster_id") == "Kubernetes");
    CHECK(tag(*client, "istio.canonical_service") == "reviews");
}

TEST_CASE("the fixed traces have their numbers") {
    const auto traces = fixed_traces();
    REQUIRE(traces.size() == 7);
    const std::map<char, std::size_t> sizes = {
        {'A', 8}, {'B', 6}, {'C', 8}, {'D', 8}, {'E', 4}, {'F', 120}, {'G', 2}
    };
    for (const auto& [letter, size] : sizes) {
        INFO(letter);
        CHECK(traces.at(letter).spans.size() == size);
    }
    CHECK(traces.at('A').end_us() - traces.at('A').start_us() == 42'000);
    CHECK(services(traces.at('A')).size() == 5);
    CHECK(traces.at('B').end_us() - traces.at('B').start_us() == 24'000);
    CHECK(services(traces.at('B')).size() == 4);
    CHECK(traces.at('C').end_us() - traces.at('C').start_us() == 2'400'000);

    const auto with_tag = [](const TraceRecord& trace, const char* key, const char* value) {
        return std::count_if(trace.spans.begin(), trace.spans.end(), [&](const SpanRecord& s) {
            return tag(s, key) == value;
        });
    };
    CHECK(with_tag(traces.at('C'), "response_flags", "DI") == 1);
    CHECK(with_tag(traces.at('D'), "error", "true") == 2);
    CHECK(with_tag(traces.at('D'), "response_flags", "UF") == 1);
    const TraceRecord& e = traces.at('E');
    CHECK(std::count_if(e.spans.begin(), e.spans.end(), [&](const SpanRecord& s) {
              return !s.parent.is_zero() && find(e, s.parent) == nullptr;
          }) == 2);
    const TraceRecord& g = traces.at('G');
    CHECK(g.spans.back().duration_us() == 5'960);
    CHECK(services(g) == std::set<std::string>{"details.bookinfo", "productpage.bookinfo"});
}

TEST_CASE("KrakenD speaks OpenTelemetry: stages, new names, errors in words, nothing of Istio") {
    std::set<std::string> stages;
    bool worded = false;
    bool joined = false;
    for (const TraceRecord& trace : traces_of("normal", 900)) {
        for (const SpanRecord& span : trace.spans) {
            const SpanRecord* parent = find(trace, span.parent);
            if (trace.processes[span.process].service != "krakend-gateway") {
                joined = joined ||
                         (parent != nullptr && tag(*parent, "krakend.stage") == "backend-request" &&
                          tag(span, "span.kind") == "server");
                continue;
            }
            stages.insert(tag(span, "krakend.stage"));
            CHECK(tag(span, "component") == "(none)");
            CHECK(tag(span, "istio.cluster_id") == "(none)");
            CHECK(tag(span, "http.method") == "(none)");
            CHECK(tag(span, "error") != "true");
            worded = worded || tag(span, "error") == "a call to another service failed";
        }
    }
    CHECK(stages == std::set<std::string>{"global", "proxy", "backend", "backend-request"});
    CHECK(worded);
    CHECK(joined);
}

TEST_CASE("API gateways report every set of their layers") {
    const EventStream events(*scenario_named("krakend"), 1, kStart);
    CHECK(events.topology().gateways().size() == 23);
    std::map<std::string, std::set<std::string>> letters;  // by gateway
    int trackers = 0;
    int refused = 0;
    for (const TraceRecord& trace : traces_of("krakend", 900)) {
        for (const SpanRecord& span : trace.spans) {
            const std::string& service = trace.processes[span.process].service;
            const SpanRecord* parent = find(trace, span.parent);
            CHECK((span.parent.is_zero() || parent != nullptr));
            if (!service.starts_with("krakend-")) {
                continue;
            }
            std::string stage = tag(span, "krakend.stage");
            if (span.operation == "http.client.response.read.tracker") {
                REQUIRE(parent != nullptr);
                CHECK(tag(*parent, "krakend.stage") == stage);
                stage = "tracker";
                ++trackers;
            }
            const bool request = stage == "backend-request";
            letters[service].insert(request ? "r" : stage.substr(0, 1));
            if (request && span.status == StatusCode::kError) {
                CHECK(tag(span, "http.response.status_code") == "(none)");
                ++refused;
            }
        }
    }
    CHECK(trackers > 100);
    CHECK(refused > 10);
    CHECK(letters.size() == 23);
    for (const auto& [service, found] : letters) {
        std::string wanted;
        for (const char letter : std::string("gpbrt")) {
            wanted += found.count(std::string(1, letter)) != 0 ? std::string(1, letter) : "";
        }
        CHECK(service == "krakend-" + wanted);
    }
}

TEST_CASE("clocks of one node are wrong in the scenario of that name, and Jaeger says so") {
    bool early = false;
    bool warned = false;
    for (const TraceRecord& trace : traces_of("clock-skew", 100)) {
        for (const SpanRecord& span : trace.spans) {
            const SpanRecord* parent = find(trace, span.parent);
            early = early || (parent != nullptr && span.start_ns < parent->start_ns);
            warned =
                warned ||
                (!span.warnings.empty() &&
                 span.warnings.front().starts_with("clock skew adjustment disabled; not applying"));
        }
    }
    CHECK(early);
    CHECK(warned);
    for (const TraceRecord& trace : traces_of("normal", 100)) {
        for (const SpanRecord& span : trace.spans) {
            CHECK(span.warnings.empty());
        }
    }
}

TEST_CASE("the big trace has its fifty thousand spans, with deep places") {
    const EventStream events(*scenario_named("big-trace"), 1, kStart);
    const auto singles = events.singles();
    REQUIRE(singles.size() == 1);
    const TraceRecord trace = render_spans(singles.front(), events.topology());
    CHECK(trace.spans.size() == 50'000);
    std::map<SpanId, int> depth;
    int deepest = 0;
    for (const SpanRecord& span : trace.spans) {
        const int own = span.parent.is_zero() ? 1 : depth.at(span.parent) + 1;
        depth[span.id] = own;
        deepest = std::max(deepest, own);
    }
    CHECK(deepest > 10);
}
