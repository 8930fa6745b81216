#include "business/span_facts.hpp"

#include "business/span_facts_parts.hpp"
#include "tests/unit/business/facts_fixture.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using models::SpanKind;
using models::Tag;
using tests::FactsTrace;

namespace {

Tag text(std::string_view key, std::string_view value) { return Tag::string(key, value); }

// The facts of a trace of one span; keeps what they point into.
struct One {
    models::TracePtr trace;
    TraceFacts facts;
    [[nodiscard]] const SpanFacts& span() const { return facts.spans[0]; }
};

One one(
    const std::vector<Tag>& tags,
    std::string_view operation = "",
    const std::vector<Tag>& process = {},
    const Masker& masker = Masker()
) {
    FactsTrace build;
    build.process("cart.shop", process);
    build.span(1, 0, {0, 1}, tags).operation = operation;
    One out{build.finish(), {}};
    out.facts = trace_facts(*out.trace, masker);
    return out;
}

const Tag kProxy = Tag::string("component", "proxy");
const std::string_view kNode =
    "sidecar~10.0.0.1~reviews-v1-6f89b6c557-sg2bc.bookinfo~bookinfo.svc.cluster.local";

}  // namespace

TEST_CASE("source of a span", "[facts]") {
    CHECK(one({kProxy}).span().source == SpanSource::kEnvoy);
    CHECK(one({text("node_id", "x")}).span().source == SpanSource::kEnvoy);
    CHECK(one({text("krakend.stage", "global")}).span().source == SpanSource::kKrakend);
    CHECK(one({text("component", "proxyish")}).span().source == SpanSource::kApp);
    CHECK(one({text("component", "net/http")}).span().component == "net/http");
}

TEST_CASE("kind of a span", "[facts]") {
    struct Row {
        std::vector<Tag> tags;
        std::string_view operation;
        SpanKind kind;
        std::string_view rule;
    };
    const std::vector<Row> rows{
        {{text("span.kind", "client")}, "", SpanKind::kClient, "span.kind"},
        {{text("span.kind", "SERVER")}, "", SpanKind::kServer, "span.kind"},
        {{text("span.kind", "Producer")}, "", SpanKind::kProducer, "span.kind"},
        {{text("span.kind", "consumer")}, "", SpanKind::kConsumer, "span.kind"},
        {{text("span.kind", "internal"), kProxy}, "ingress", SpanKind::kInternal, "span.kind"},
        {{text("span.kind", "other"), kProxy}, "ingress", SpanKind::kServer, "operation prefix"},
        {{kProxy}, "egress details:80", SpanKind::kClient, "operation prefix"},
        {{kProxy}, "router outbound|80||a; egress", SpanKind::kClient, "operation prefix"},
        {{kProxy}, "egress-check", SpanKind::kInternal, "none"},
        {{}, "ingress", SpanKind::kInternal, "none"},
        {{text("upstream_cluster", "inbound|9080||")}, "", SpanKind::kServer, "upstream_cluster"},
        {{text("upstream_cluster.name", "outbound|9080||a.b")},
         "",
         SpanKind::kClient,
         "upstream_cluster.name"},
        {{text("upstream_cluster", "PassthroughCluster")}, "", SpanKind::kInternal, "none"},
        {{}, "", SpanKind::kInternal, "none"},
    };
    for (const Row& row : rows) {
        const One got = one(row.tags, row.operation);
        CAPTURE(row.operation, row.rule);
        CHECK(to_string(got.span().kind.kind) == to_string(row.kind));
        CHECK(got.span().kind.rule == row.rule);
    }
    CHECK(one({text("span.kind", "producer")}).span().direction == Direction::kOutbound);
    CHECK(one({text("span.kind", "consumer")}).span().direction == Direction::kInbound);
    CHECK(one({}).span().direction == Direction::kInternal);
}

TEST_CASE("native kind wins; Zipkin's annotations tell it too", "[facts]") {
    FactsTrace build;
    build.span(1, 0, {0, 9}, {text("span.kind", "server")}).kind = SpanKind::kClient;
    const std::vector<models::Log> sent{build.log({text("event", "cs")})};
    build.span(2, 0, {1, 1}).logs = build.keep(sent);
    const std::vector<models::Log> received{
        build.log({text("message", "x")}), build.log({text("event", "ss")})
    };
    build.span(3, 0, {2, 1}).logs = build.keep(received);
    const auto trace = build.finish();
    const TraceFacts facts = trace_facts(*trace, Masker());
    CHECK(facts.spans[0].kind.kind == SpanKind::kClient);
    CHECK(facts.spans[0].kind.rule == "native");
    CHECK(facts.spans[1].kind.kind == SpanKind::kClient);
    CHECK(facts.spans[2].kind.kind == SpanKind::kServer);
    CHECK(facts.spans[2].kind.rule == "zipkin annotation");
}

TEST_CASE("type of a span", "[facts]") {
    struct Row {
        std::vector<Tag> tags;
        SpanType type;
    };
    const std::vector<Row> rows{
        {{text("http.method", "POST"), text("grpc.status_code", "0")}, SpanType::kGrpc},
        {{text("rpc.system", "grpc"), text("http.method", "POST")}, SpanType::kGrpc},
        {{text("rpc.system", "apache_dubbo")}, SpanType::kRpc},
        {{text("http.status_code", "200"), text("db.system", "redis")}, SpanType::kHttp},
        {{text("url.full", "/a")}, SpanType::kHttp},
        {{text("db.statement", "select 1")}, SpanType::kDatabase},
        {{text("messaging.system", "kafka")}, SpanType::kMessaging},
        {{text("message_bus.destination", "t")}, SpanType::kMessaging},
        {{text("peer.address", "1.2.3.4:5")}, SpanType::kTcp},
        {{kProxy, text("upstream_cluster", "outbound|5432||db")}, SpanType::kTcp},
        {{kProxy}, SpanType::kUnknown},
        {{}, SpanType::kUnknown},
    };
    for (const Row& row : rows) {
        CHECK(to_string(one(row.tags).span().type) == to_string(row.type));
    }
}

TEST_CASE("request of a span, old and new names", "[facts]") {
    const One old = one(
        {
            text("http.method", "GET"),
            text("http.url", "http://a:80/b?token=s3"),
            text("http.protocol", "HTTP/1.1"),
            text("request_size", "0"),
            text("response_size", "178"),
            text("guid:x-request-id", "r-1"),
        },
        "GET /b/{id}"
    );
    CHECK(old.span().request.method == "GET");
    CHECK(old.span().request.url == "http://a:80/b?token=xxx");
    CHECK(old.span().request.route == "/b/{id}");
    CHECK(old.span().request.protocol == "HTTP/1.1");
    CHECK(old.span().request.request_bytes == 0);
    CHECK(old.span().request.response_bytes == 178);
    CHECK(old.span().request.id == "r-1");
    const One fresh = one(
        {
            text("http.request.method", "_OTHER"),
            text("http.request.method_original", "PURGE"),
            text("url.scheme", "https"),
            text("server.address", "a.b"),
            Tag::integer("server.port", 8443),
            text("url.path", "/c"),
            text("url.query", "sig=s3&x=1"),
            text("http.route", "/:x"),
            Tag::integer("http.request.body.size", -1),
        },
        "PURGE /c"
    );
    CHECK(fresh.span().request.method == "PURGE");
    CHECK(fresh.span().request.url == "https://a.b:8443/c?sig=xxx&x=1");
    CHECK(fresh.span().request.route == "/:x");
    CHECK_FALSE(fresh.span().request.request_bytes);
    CHECK(one({text("http.target", "/a?x=1")}).span().request.url == "/a?x=1");
    CHECK(
        one({text("url.full", "/only/path"), text("krakend.stage", "global")}).span().request.url ==
        "/only/path"
    );
    CHECK(one({}, "GETTING /x").span().request.route.empty());
    CHECK(one({}, "GET x").span().request.route.empty());
}

TEST_CASE("status of a span keeps what is no status", "[facts]") {
    CHECK(one({text("http.status_code", "204")}).span().status.http == 204);
    CHECK(one({text("http.status_code", "0")}).span().status.no_response);
    CHECK(one({Tag::integer("http.status_code", 700)}).span().status.http_raw == "700");
    CHECK(one({text("http.status_code", "teapot")}).span().status.http_raw == "teapot");
    CHECK(one({text("rpc.status_code", "NOT_FOUND")}).span().status.grpc == 5);
    CHECK(one({text("rpc.grpc.status_code", "99")}).span().status.grpc_raw == "99");
    CHECK_FALSE(one({}).span().status.grpc);
}

TEST_CASE("what a call is about", "[facts]") {
    const One sql = one(
        {text("db.system", "postgresql"), text("db.name", "shop"), text("db.operation", "SELECT")}
    );
    CHECK(sql.span().target.system == "postgresql");
    CHECK(sql.span().target.name == "shop");
    CHECK(sql.span().target.operation == "SELECT");
    const One kafka = one(
        {text("messaging.system", "kafka"),
         text("messaging.destination.name", "orders"),
         text("messaging.operation", "send")}
    );
    CHECK(kafka.span().target.name == "orders");
    const One grpc = one({text("grpc.path", "/shop.Cart/Add"), text("grpc.status_code", "0")});
    CHECK(grpc.span().target.system == "grpc");
    CHECK(grpc.span().target.name == "shop.Cart");
    CHECK(grpc.span().target.operation == "Add");
    const One named =
        one({text("rpc.system", "grpc"), text("rpc.service", "S"), text("rpc.method", "M")});
    CHECK(named.span().target.name == "S");
    CHECK(named.span().target.operation == "M");
}

TEST_CASE("response flags are explained", "[facts]") {
    const auto flags = response_flags("UF, URX,ZZ");
    REQUIRE(flags.size() == 3);
    CHECK(flags[0].code == "UF");
    CHECK(flags[1].meaning.find("retries") != std::string_view::npos);
    CHECK(flags[2].meaning == "unknown flag");
    CHECK(response_flags("-").empty());
    CHECK(response_flags("").empty());
    for (const std::string_view code :
         {"DC", "DI",   "DPE", "FI", "IH", "LH",    "LR", "NR",   "RL",  "RLSE",
          "SI", "UAEX", "UC",  "UF", "UH", "UMSDR", "UO", "UR",   "URX", "UT",
          "NC", "DT",   "UPE", "OM", "DF", "DO",    "DR", "NFCF", "RFCF"}) {
        CAPTURE(code);
        CHECK(response_flag_meaning(code) != "unknown flag");
    }
    CHECK(one({text("response_flags", "UO")}).span().flags.size() == 1);
}

TEST_CASE("workload of a pod's name, only where it was generated", "[facts]") {
    CHECK(workload_of_pod("details-v1-79f774bdb9-bcd2f") == "details-v1");
    CHECK(workload_of_pod("node-agent-x7k2p") == "node-agent");
    for (const std::string_view pod :
         {"db-0", "my-redis", "details", "", "-", "a-", "details-v1-79f774bdb9-abcde"}) {
        CAPTURE(pod);
        CHECK(workload_of_pod(pod).empty());
    }
}

TEST_CASE("identity from the evidence in the span", "[facts]") {
    const One sidecar = one(
        {kProxy,
         text("node_id", kNode),
         text("istio.canonical_service", "reviews"),
         text("istio.cluster_id", "c1")}
    );
    CHECK(sidecar.span().identity.pod == "reviews-v1-6f89b6c557-sg2bc");
    CHECK(sidecar.span().identity.ns == "bookinfo");
    CHECK(sidecar.span().identity.ns_rule == "node_id");
    CHECK(sidecar.span().identity.workload == "reviews-v1");
    CHECK(sidecar.span().identity.workload_rule == "pod name");
    CHECK(sidecar.span().identity.app == "reviews");
    CHECK(sidecar.span().identity.cluster == "c1");

    const One resource =
        one({},
            "",
            {text("k8s.deployment.name", "cart"),
             text("k8s.namespace.name", "shop"),
             text("k8s.pod.name", "cart-1")});
    CHECK(resource.span().identity.workload == "cart");
    CHECK(resource.span().identity.workload_rule == "k8s.deployment.name");
    CHECK(resource.span().identity.ns == "shop");
    CHECK(resource.span().identity.pod == "cart-1");

    const One order =
        one({text("node_id", kNode), text("istio.namespace", "mesh")},
            "",
            {text("k8s.namespace.name", "kube")});
    CHECK(order.span().identity.ns == "kube");
    CHECK(
        one({text("node_id", kNode), text("istio.namespace", "mesh")}).span().identity.ns == "mesh"
    );

    const One host = one({}, "", {text("hostname", "cart-6f89b6c557-sg2bc")});
    CHECK(host.span().identity.workload == "cart");
    CHECK(one({}, "", {text("hostname", "worker-node-1")}).span().identity.pod.empty());
    CHECK(one({text("istio.canonical_service", "unknown")}).span().identity.app.empty());
}

TEST_CASE("nothing is guessed from the name of a service or a broken node id", "[facts]") {
    for (const std::string_view node :
         {"",
          "a~b",
          "sidecar~1.2.3.4~nodots~d",
          "sidecar~1.2.3.4~.ns~d",
          "sidecar~1.2.3.4~pod.~d",
          "~~~"}) {
        CAPTURE(node);
        const One got = one({kProxy, text("node_id", node)});
        CHECK(got.span().identity.workload.empty());
        CHECK(got.span().identity.pod.empty());
        CHECK(got.span().identity.ns.empty());
        CHECK(got.span().identity.app.empty());
    }
}

TEST_CASE("a waypoint speaks for one side, by the kind of its span", "[facts]") {
    const std::vector<Tag> sides{
        text("node_id", "waypoint~10.0.0.9~waypoint-6f89b6c557-sg2bc.mesh~mesh.svc.cluster.local"),
        text("istio.namespace", "mesh"),
        text("istio.source_workload", "productpage-v1"),
        text("istio.source_namespace", "front"),
        text("istio.source_canonical_service", "productpage"),
        text("istio.destination_workload", "reviews-v2"),
        text("istio.destination_namespace", "bookinfo"),
        text("istio.destination_canonical_service", "reviews"),
    };
    const auto with_kind = [&](std::string_view kind) {
        std::vector<Tag> tags = sides;
        tags.push_back(text("span.kind", kind));
        return one(tags);
    };
    const One server = with_kind("server");
    CHECK(server.span().identity.waypoint);
    CHECK(server.span().identity.workload == "reviews-v2");
    CHECK(server.span().identity.ns == "bookinfo");
    CHECK(server.span().identity.app == "reviews");
    CHECK(server.span().identity.pod.empty());
    CHECK(with_kind("client").span().identity.workload == "productpage-v1");
    CHECK(with_kind("client").span().identity.ns == "front");
    CHECK(with_kind("internal").span().identity.workload == "reviews-v2");
    const One plain = one({sides[0]});
    CHECK(plain.span().identity.workload == "waypoint");
    CHECK(plain.span().identity.ns == "mesh");
}

TEST_CASE("peer of a span", "[facts]") {
    const Tag client = text("span.kind", "client");
    const Tag server = text("span.kind", "server");
    struct Row {
        std::vector<Tag> tags;
        std::string_view value;
        std::string_view rule;
        std::string_view service;
        std::string_view ns;
    };
    const std::vector<Row> rows{
        {{client,
          text("upstream_cluster", "outbound|9080||reviews.bookinfo.svc.cluster.local"),
          text("peer.service", "x")},
         "reviews.bookinfo.svc.cluster.local",
         "upstream_cluster",
         "reviews",
         "bookinfo"},
        {{client, text("upstream_cluster", "outbound|80|v1|a.b.svc.my.own.domain")},
         "a.b.svc.my.own.domain",
         "upstream_cluster",
         "a",
         "b"},
        {{client, text("upstream_cluster", "outbound_.80_._.a.b.svc.cluster.local")},
         "a.b.svc.cluster.local",
         "upstream_cluster",
         "a",
         "b"},
        {{client, text("upstream_cluster", "outbound|443||api.example.org")},
         "api.example.org",
         "upstream_cluster",
         "",
         ""},
        {{server, text("upstream_cluster", "inbound|9080||"), text("peer.address", "10.0.0.2:44")},
         "10.0.0.2:44",
         "peer.address",
         "",
         ""},
        {{client, text("upstream_cluster", "PassthroughCluster"), text("peer.service", "x")},
         "x",
         "peer.service",
         "",
         ""},
        {{client, text("server.address", "a.b.svc"), text("peer.address", "1.2.3.4")},
         "a.b.svc",
         "server.address",
         "a",
         "b"},
        {{client, text("net.peer.name", "db")}, "db", "net.peer.name", "", ""},
        {{server, text("server.address", "me"), text("client.address", "9.9.9.9:1")},
         "9.9.9.9:1",
         "client.address",
         "",
         ""},
        {{server,
          text("network.peer.address", "1.1.1.1"),
          text("peer.address", "2.2.2.2"),
          text("client.address", "3.3.3.3")},
         "1.1.1.1",
         "network.peer.address",
         "",
         ""},
        {{client, text("client.address", "3.3.3.3")}, "", "", "", ""},
        {{}, "", "", "", ""},
    };
    for (const Row& row : rows) {
        const One got = one(row.tags);
        CAPTURE(row.value, row.rule);
        CHECK(got.span().peer.value == row.value);
        CHECK(got.span().peer.rule == row.rule);
        CHECK(got.span().peer.service == row.service);
        CHECK(got.span().peer.ns == row.ns);
    }
}

TEST_CASE("neighbours name the peer where the span does not", "[facts]") {
    FactsTrace build;
    const auto page = build.process("productpage.bookinfo", {});
    const auto reviews = build.process("reviews.bookinfo", {});
    build.span(1, 0, {0, 100}, {text("span.kind", "client"), text("node_id", kNode)}).process =
        page;
    build.span(2, 1, {1, 90}, {text("span.kind", "server"), text("peer.address", "10.0.0.7:1")})
        .process = reviews;
    const auto trace = build.finish();
    const TraceFacts facts = trace_facts(*trace, Masker());
    CHECK(facts.spans[0].peer.value == "reviews.bookinfo");
    CHECK(facts.spans[0].peer.rule == "child server span");
    CHECK(facts.spans[1].peer.value == "reviews-v1");
    CHECK(facts.spans[1].peer.ns == "bookinfo");
    CHECK(facts.spans[1].peer.address == "10.0.0.7:1");
    CHECK(facts.spans[1].peer.rule == "parent client span");
}

TEST_CASE("operation as shown", "[facts]") {
    struct Row {
        std::vector<Tag> tags;
        std::string_view operation;
        std::string_view shown;
    };
    const std::vector<Row> rows{
        {{kProxy}, "reviews.bookinfo.svc.cluster.local:9080/*", "reviews.bookinfo:9080"},
        {{kProxy},
         "details.bookinfo.svc.cluster.local:9080/details/0",
         "details.bookinfo:9080/details/0"},
        {{kProxy}, "egress details.bookinfo.svc.cluster.local", "egress details.bookinfo"},
        {{kProxy},
         "router outbound|80||a.b.svc.cluster.local; egress",
         "router outbound|80||a.b; egress"},
        {{kProxy}, "a.b:80/api/*", "a.b:80/api/*"},
        {{kProxy}, "a.b.svc.cluster.localhost:80/x", "a.b.svc.cluster.localhost:80/x"},
        {{text("node_id", "sidecar~1~p.b~b.svc.corp.example")},
         "a.b.svc.corp.example:80/*",
         "a.b:80"},
        {{kProxy}, "ingress", "ingress"},
        {{kProxy}, "/*", "/*"},
        {{},
         "reviews.bookinfo.svc.cluster.local:9080/*",
         "reviews.bookinfo.svc.cluster.local:9080/*"},
        {{}, "GET http://j:s3@a/?token=s4", "GET http://xxx@a/?token=xxx"},
    };
    for (const Row& row : rows) {
        CHECK(one(row.tags, row.operation).span().operation == row.shown);
    }
}

TEST_CASE("facts hold no secret", "[facts][masking]") {
    const std::vector<std::string> extra{"peer.address", "guid:x-request-id"};
    const Masker masker(extra);
    const One got = one(
        {
            text("span.kind", "client"),
            text("peer.service", "amqp://joe:MARK@mq/"),
            text("peer.address", "MARK"),
            text("guid:x-request-id", "MARK"),
            text("http.route", "/a?sig=MARK"),
            text("http.status_code", "?token=MARK"),
            text("url.full", "http://a/?password=MARK"),
            text("component", "x?token=MARK"),
            text("response_flags", "?token=MARK"),
            text("http.protocol", "http://MARK@x"),
        },
        "GET /x?token=MARK",
        {},
        masker
    );
    const SpanFacts& span = got.span();
    for (const std::string_view shown :
         {span.peer.value,
          span.peer.address,
          span.request.id,
          span.request.route,
          std::string_view(span.status.http_raw),
          std::string_view(span.request.url),
          span.component,
          span.flags.at(0).code,
          span.request.protocol,
          std::string_view(span.operation)}) {
        CAPTURE(shown);
        CHECK(shown.find("MARK") == std::string_view::npos);
        CHECK(shown.find("xxx") != std::string_view::npos);
    }
}

TEST_CASE("a client and its server are paired, with the gap between them", "[facts]") {
    FactsTrace build;
    const Tag client = text("span.kind", "client");
    const Tag server = text("span.kind", "server");
    build.span(1, 0, {0, 30'000'000}, {server});
    build.span(2, 1, {1'000'000, 24'130'000}, {client});
    build.span(3, 2, {1'500'000, 22'990'000}, {server});
    build.span(4, 3, {2'000'000, 5'000'000}, {client});  // retried: two servers
    build.span(5, 4, {2'100'000, 1'000'000}, {server});
    build.span(6, 4, {4'000'000, 2'000'000}, {server});
    build.span(7, 3, {9'000'000, 1'000'000}, {client});  // nobody answered
    build.span(8, 7, {9'000'000, 1'000'000}, {});
    const auto trace = build.finish();
    const TraceFacts facts = trace_facts(*trace, Masker());
    CHECK(facts.spans[0].pair.other == models::kNoSpan);
    CHECK(facts.spans[1].pair.other == 2);
    CHECK(facts.spans[2].pair.other == 1);
    CHECK(facts.spans[1].pair.gap_ns == 1'140'000);
    CHECK(facts.spans[2].pair.gap_ns == 1'140'000);
    CHECK(facts.spans[3].pair.other == 5);
    CHECK_FALSE(facts.spans[3].pair.gap_ns);
    CHECK(facts.spans[4].pair.other == 3);
    CHECK_FALSE(facts.spans[4].pair.gap_ns);
    CHECK(facts.spans[6].pair.other == models::kNoSpan);
}

TEST_CASE("times of the facts do not overflow", "[facts]") {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    FactsTrace build;
    build.span(1, 0, {-kMax, 10});
    build.span(2, 1, {kMax, 10});
    const auto trace = build.finish();
    const auto facts = trace_facts(*trace, Masker());
    CHECK(facts.spans[0].relative_start_ns == 0);
    CHECK(facts.spans[1].relative_start_ns == kMax);
    CHECK(trace->duration_ns() == kMax);
}

TEST_CASE("times of the facts", "[facts]") {
    FactsTrace build;
    build.span(1, 0, {1000, 100});
    build.span(2, 1, {1010, 60});
    const auto trace = build.finish();
    const TraceFacts facts = trace_facts(*trace, Masker());
    CHECK(facts.spans[1].depth == 1);
    CHECK(facts.spans[1].relative_start_ns == 10);
    CHECK(facts.spans[0].self_ns == 40);
    CHECK(facts.spans[0].critical_share == Approx(0.4));
    CHECK(facts.spans[1].critical_share == Approx(0.6));
}
