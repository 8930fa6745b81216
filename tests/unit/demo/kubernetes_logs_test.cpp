#include "demo/logs/access_lines.hpp"
#include "tests/unit/demo/kubernetes_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <regex>
#include <set>

using namespace meshscope;
using namespace meshscope::demo;
using nlohmann::json;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        out.push_back(line);
    }
    return out;
}

std::string log_path(
    const Kubernetes& kubernetes, std::string_view workload, std::string_view parameters
) {
    const Topology& topology = kubernetes.stream.topology();
    const Workload& found = topology[topology.named(workload)];
    return "/api/v1/namespaces/" + found.ns + "/pods/" + found.pod + "/log?" +
           std::string(parameters);
}

// The whole text of a log; the request is good.
std::string log_of(Kubernetes& kubernetes, std::string_view workload, std::string_view parameters) {
    const HttpReply reply = kubernetes.ask(log_path(kubernetes, workload, parameters));
    CHECK(reply.status == 200);
    return reply.body;
}

}  // namespace

TEST_CASE("which log is meant, and why there is none") {
    struct Row {
        const char* pod;
        const char* parameters;
        unsigned status;
        const char* part;
    };
    const auto row = GENERATE(values<Row>({
        {"nope", "", 404, R"(pods \"nope\" not found)"},
        {"details",
         "",
         400,
         "choose one of: [details istio-proxy] or one of the init containers: [istio-init]"},
        {"details", "container=x", 400, "container x is not valid for pod details-v1-"},
        {"details", "container=details", 200, "INFO [details] GET /details/0 200 in "},
        {"details", "container=istio-init", 200, "INFO [istio-init] running, 0 s"},
        {"details",
         "container=details&previous=true",
         400,
         R"(previous terminated container \"details\")"},
        {"ratings", "container=ratings&previous=true", 200, "INFO [ratings] running, 600 s"},
        {"ratings", "container=istio-proxy&previous=true", 400, "not found"},
        {"details", "container=details&tailLines=-1", 422, "must be greater than or equal to 0"},
        {"details", "container=details&tailLines=x", 400, "invalid syntax"},
        {"details", "container=details&limitBytes=0", 422, "limitBytes"},
        {"details", "container=details&sinceSeconds=0", 422, "sinceSeconds"},
        {"details", "container=details&sinceTime=x", 400, "RFC 3339"},
        {"details",
         "container=details&sinceSeconds=5&sinceTime=2025-11-21T00:00:00Z",
         422,
         "at most one of"},
        {"ratings-db", "", 200, "INFO [mongodb] running, "},
    }));
    INFO(row.pod << " " << row.parameters);
    Kubernetes kubernetes;
    std::string name = row.pod;
    for (const std::string& each : kubernetes.names("/api/v1/namespaces/bookinfo/pods")) {
        name = each.starts_with(row.pod) && name == row.pod ? each : name;
    }
    if (std::string_view(row.pod) == "ratings-db") {
        name = "ratings-db-0";
    } else if (std::string_view(row.pod) == "ratings") {
        name = kubernetes.stream.topology()[kubernetes.stream.topology().named("ratings-v1")].pod;
    }
    const HttpReply reply =
        kubernetes.ask("/api/v1/namespaces/bookinfo/pods/" + name + "/log?" + row.parameters);
    CHECK(reply.status == row.status);
    CHECK_THAT(reply.body, Catch::Contains(row.part));
}

TEST_CASE("logs are for those who may read them") {
    Kubernetes kubernetes;
    const std::string target = log_path(kubernetes, "details-v1", "container=details");
    CHECK(kubernetes.ask(target, "", "demo-a-token").status == 200);
    const HttpReply refused = kubernetes.ask(target, "", "demo-b-token");
    CHECK(refused.status == 403);
    CHECK_THAT(refused.body, Catch::Contains(R"(cannot get resource \"pods/log\")"));
    CHECK_THAT(kubernetes.counters.to_json(), Catch::Contains(R"("log":2)"));
}

TEST_CASE("a container that does not run yet says why") {
    Kubernetes kubernetes;
    kubernetes.clock.advance(std::chrono::milliseconds(5'000));
    const auto names =
        kubernetes.names("/api/v1/namespaces/bookinfo/pods?labelSelector=app%3Dloadtest");
    REQUIRE(names.size() == 2);
    const HttpReply reply =
        kubernetes.ask("/api/v1/namespaces/bookinfo/pods/" + names.back() + "/log");
    CHECK(reply.status == 400);
    CHECK_THAT(reply.body, Catch::Contains("is waiting to start: ContainerCreating"));
}

TEST_CASE("proxies and applications tell the calls that the spans tell") {
    Kubernetes kubernetes;
    const EventStream& stream = kubernetes.stream;
    const WorkloadIndex reviews = stream.topology().named("reviews-v2");
    std::multiset<std::string> inbound;
    std::multiset<std::string> outbound;
    for (auto i = stream.first_number(); i <= stream.last_number(kubernetes.clock.now()); ++i) {
        const Request request = stream.request(i);
        for (const Call& call : request.calls) {
            const Side side = call.callee == reviews ? Side::kCallee : Side::kCaller;
            if (end_of(request, call, side) > kubernetes.clock.now()) {
                continue;
            }
            if (call.callee == reviews && call.arrived) {
                inbound.insert(request.request_id);
            } else if (call.caller == reviews) {
                outbound.insert(request.request_id);
            }
        }
    }
    REQUIRE(inbound.size() > 50);
    const std::regex access(
        R"re(\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] "GET \S+ HTTP/1\.1" (\d{3}) (\S+) \S+ - "-" \d+ \d+ \d+ )re"
        R"re((\d+|-) "-" "[^"]+" "([0-9a-f-]{36})" "(reviews|ratings):9080" "[0-9.:]+" )re"
        R"re((inbound|outbound)\|9080\|\|\S* \S+ \S+ \S+ \S+ default)re"
    );
    std::multiset<std::string> told_inbound;
    std::multiset<std::string> told_outbound;
    for (const std::string& line :
         lines_of(log_of(kubernetes, "reviews-v2", "container=istio-proxy"))) {
        std::smatch parts;
        INFO(line);
        REQUIRE(std::regex_match(line, parts, access));
        (parts[6] == "inbound" ? told_inbound : told_outbound).insert(parts[4]);
    }
    CHECK(told_inbound == inbound);
    CHECK(told_outbound == outbound);
    CHECK(lines_of(log_of(kubernetes, "reviews-v2", "container=reviews")).size() == inbound.size());
}

TEST_CASE("a failure is in the lines of both sides; a gateway tells what it passes on") {
    Kubernetes kubernetes("fixture");
    const std::string ratings = log_of(kubernetes, "ratings-v1", "container=istio-proxy");
    CHECK_THAT(
        ratings,
        Catch::Contains(
            R"(" 503 UF upstream_reset_before_response_started{connection_failure} - "-" )"
        )
    );
    CHECK_THAT(
        log_of(kubernetes, "ratings-v1", "container=ratings"),
        Catch::Contains("ERROR [ratings] GET /ratings/0 503 in 5 ms: upstream connect error")
    );
    CHECK_THAT(
        log_of(kubernetes, "reviews-v3", "container=istio-proxy"),
        Catch::Contains(R"("GET /ratings/0 HTTP/1.1" 200 DI via_upstream - "-" 0 178 2360 2360 )")
    );
    CHECK_THAT(
        log_of(kubernetes, "istio-ingressgateway", ""),
        Catch::Contains("outbound|9080||productpage.bookinfo.svc.cluster.local")
    );
}

TEST_CASE("travel-agency logs JSON with trace ids") {
    Kubernetes kubernetes;
    for (const char* container : {"istio-proxy", "cars"}) {
        const auto lines =
            lines_of(log_of(kubernetes, "cars-v1", "container=" + std::string(container)));
        REQUIRE_FALSE(lines.empty());
        for (const std::string& line : lines) {
            CHECK(TraceId::from_hex(json::parse(line)["trace_id"].get<std::string>()).has_value());
        }
    }
}

TEST_CASE("a ztunnel tells of the connections of its node's pods in ambient mode") {
    Kubernetes kubernetes;
    const Topology& topology = kubernetes.stream.topology();
    const Workload& tellers = topology[topology.named("tellers-v1")];
    const Workload& accounts = topology[topology.named("accounts-v1")];
    const Workload& audit = topology[topology.named("audit-v1")];
    REQUIRE(tellers.node == audit.node);
    REQUIRE(tellers.node != accounts.node);
    const auto ztunnel_of = [&](const std::string& node) {
        const json pods = kubernetes.json("/api/v1/namespaces/istio-system/pods");
        for (const auto& pod : pods["items"]) {
            if (pod["metadata"]["labels"].value("app", "") == "ztunnel" &&
                pod["spec"]["nodeName"] == node) {
                return lines_of(kubernetes
                                    .ask(
                                        "/api/v1/namespaces/istio-system/pods/" +
                                        pod["metadata"]["name"].get<std::string>() + "/log"
                                    )
                                    .body);
            }
        }
        return std::vector<std::string>();
    };
    const auto count = [](const std::vector<std::string>& lines, const std::string& text) {
        return std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
            return line.find(text) != std::string::npos;
        });
    };
    const std::string outbound = R"(direction="outbound")";
    const std::string inbound = R"(direction="inbound")";
    const std::vector<std::string> first = ztunnel_of(tellers.node);
    const std::vector<std::string> second = ztunnel_of(accounts.node);
    REQUIRE(first.size() > 1'000);
    const std::regex shape(
        R"(2025-11-2\dT[\d:.]+Z\t(info|error)\taccess\tconnection complete\tsrc\.addr=[\d.:]+ .*)"
        R"(dst\.service="\w+\.(bank|auditors)\.svc\.cluster\.local" dst\.workload="[\w-]+".*)"
        R"( bytes_sent=\d+ bytes_recv=\d+ duration="\d+ms"( error=".+")?)"
    );
    for (std::size_t i = 0; i < 20; ++i) {
        INFO(first[i]);
        CHECK(std::regex_match(first[i], shape));
    }
    // Tellers call accounts, which ask audit: each end's node tells of it.
    CHECK(count(first, outbound) == count(second, inbound));
    CHECK(count(second, outbound) > count(first, "dst.workload=\"" + audit.pod + "\""));
    CHECK(count(second, "error=") == count(second, outbound) - count(first, audit.pod));
    CHECK(count(second, "src.workload=\"" + tellers.pod + "\"") == count(second, inbound));
    CHECK(ztunnel_of("demo-node-2").empty());
    // The application's own lines are of the same requests.
    CHECK(
        lines_of(log_of(kubernetes, "accounts-v1", "")).size() ==
        static_cast<std::size_t>(count(second, inbound))
    );
}

TEST_CASE("how much of a log is read") {
    Kubernetes kubernetes;
    const std::string base = "container=details";
    const auto all = lines_of(log_of(kubernetes, "details-v1", base));
    REQUIRE(all.size() > 100);
    const auto tail = lines_of(log_of(kubernetes, "details-v1", base + "&tailLines=7"));
    CHECK(tail == std::vector<std::string>(all.end() - 7, all.end()));
    CHECK(log_of(kubernetes, "details-v1", base + "&tailLines=0").empty());
    CHECK(log_of(kubernetes, "details-v1", base + "&limitBytes=100").size() == 100);

    const auto stamped =
        lines_of(log_of(kubernetes, "details-v1", base + "&timestamps=true&sinceSeconds=600"));
    REQUIRE(stamped.size() > 10);
    CHECK(stamped.size() < all.size());
    CHECK(std::is_sorted(stamped.begin(), stamped.end()));
    const std::regex shape(R"(2025-11-2\dT\d\d:\d\d:\d\d\.\d{6}000Z .*)");
    CHECK(std::all_of(stamped.begin(), stamped.end(), [&shape](const std::string& line) {
        return std::regex_match(line, shape);
    }));
    const std::string since = stamped.at(5).substr(0, 30);
    CHECK(
        lines_of(log_of(kubernetes, "details-v1", base + "&timestamps=true&sinceTime=" + since)) ==
        std::vector<std::string>(stamped.begin() + 5, stamped.end())
    );
    // The tail is found first, then what of it is young enough.
    CHECK(
        lines_of(log_of(kubernetes, "details-v1", base + "&tailLines=3&sinceSeconds=600")).size() ==
        3
    );
}

TEST_CASE("who follows a log reads what who comes later reads") {
    Kubernetes kubernetes;
    const std::string base = "container=istio-proxy&timestamps=true";
    Reading reading(kubernetes.ask(log_path(kubernetes, "productpage-v1", base + "&follow=true")));
    std::string read = reading.reply.body;
    for (int i = 0; i < 40; ++i) {
        kubernetes.clock.advance(std::chrono::milliseconds(700));
        read += reading.next();
    }
    CHECK(read == log_of(kubernetes, "productpage-v1", base));
    CHECK(read.size() > reading.reply.body.size());
    REQUIRE(kubernetes.cluster.roll_out("productpage-v1").has_value());
    reading.next();
    reading.next();
    CHECK_FALSE(reading.more);
}

TEST_CASE("a log that is followed ends with its container or its bytes") {
    Kubernetes kubernetes;
    kubernetes.clock.advance(std::chrono::seconds(20));
    const auto names =
        kubernetes.names("/api/v1/namespaces/bookinfo/pods?labelSelector=app%3Dloadtest");
    const std::string target =
        "/api/v1/namespaces/bookinfo/pods/" + names.back() + "/log?follow=true";
    Reading reading(kubernetes.ask(target));
    CHECK_FALSE(reading.reply.body.empty());
    Reading bounded(kubernetes.ask(target + "&limitBytes=70"));
    kubernetes.clock.advance(std::chrono::seconds(30));
    CHECK_THAT(reading.next(), Catch::Contains("running, 30 s"));
    CHECK(reading.next().empty());
    CHECK_FALSE(reading.more);
    CHECK((bounded.reply.body + bounded.next()).size() == 70);
    CHECK_FALSE(bounded.more);
}

TEST_CASE("lines and spans carry the marker of their namespace") {
    Kubernetes kubernetes("normal", {}, "MARK");
    for (const char* container : {"istio-proxy", "cars"}) {
        const std::string text =
            log_of(kubernetes, "cars-v1", "tailLines=50&container=" + std::string(container));
        CHECK_THAT(text, Catch::Contains("MARK-travel-agency"));
        CHECK_THAT(text, !Catch::Contains("MARK-bookinfo"));
    }
    for (const char* container : {"istio-proxy", "reviews"}) {
        for (const std::string& line : lines_of(log_of(
                 kubernetes, "reviews-v1", "tailLines=50&container=" + std::string(container)
             ))) {
            CHECK_THAT(line, Catch::Contains("MARK-bookinfo"));
        }
    }
}
