#include "business/explain_rules.hpp"

#include <catch2/catch.hpp>

#include <functional>

using namespace meshscope;
using namespace meshscope::business;
using namespace std::chrono_literals;

namespace {

const SystemTime kNow = from_micros(1'763'683'200'000'000);

NameTried used(const std::string& service, std::uint64_t traces, std::uint64_t own = 0) {
    NameTried out;
    out.service = service;
    out.listed = traces > 0;
    out.traces = traces;
    out.of_subject = own;
    return out;
}

NameTried other(
    const std::string& service,
    NameTried::By by,
    std::uint64_t traces,
    std::uint64_t own,
    const std::string& label = {}
) {
    NameTried out = used(service, traces, own);
    out.by = by;
    out.label = label;
    return out;
}

// The store answers and knows others; the page's name has no traces.
ExplainFacts quiet() {
    ExplainFacts facts;
    facts.setup.url = "http://jaeger:16685";
    facts.protocol = "grpc api_v3";
    facts.now = kNow;
    facts.window = {kNow - 10min, kNow};
    facts.services_known = 7;
    facts.names = {used("reviews.bookinfo", 0)};
    facts.limit = 100;
    return facts;
}

Error failed(Cause cause, ErrorKind kind = ErrorKind::kUpstreamProtocol) {
    return Error(kind, "it failed").with_cause(cause);
}

const RungFinding& at(const Explanation& found, Rung rung) {
    return found.ladder[static_cast<std::size_t>(rung)];
}

}  // namespace

TEST_CASE("each fault behind a store that answers has its word", "[explain]") {
    using By = NameTried::By;
    struct Row {
        const char* code;
        Rung rung;
        Sureness certainty;
        std::function<void(ExplainFacts&)> fault;
    };
    const std::vector<Row> rows{
        {"name_scheme",
         Rung::kNames,
         Sureness::kCertain,
         [](ExplainFacts& f) { f.names.push_back(other("reviews", By::kNamespaceSelector, 9, 9)); }
        },
        {"name_scheme",
         Rung::kNames,
         Sureness::kPossible,
         [](ExplainFacts& f) { f.names.push_back(other("reviews", By::kNamespaceSelector, 9, 0)); }
        },
        {"app_label",
         Rung::kNames,
         Sureness::kCertain,
         [](ExplainFacts& f) {
             f.names.push_back(other("ratings-app.bookinfo", By::kLabel, 3, 2, "app"));
         }},
        {"limit_reached",
         Rung::kNames,
         Sureness::kLikely,
         [](ExplainFacts& f) {
             f.names = {used("reviews.bookinfo", 100, 0)};
             f.at_limit = true;
         }},
        {"not_of_this_workload",
         Rung::kNames,
         Sureness::kPossible,
         [](ExplainFacts& f) { f.names = {used("reviews.bookinfo", 4, 0)}; }},
        {"cluster_tag",
         Rung::kNames,
         Sureness::kCertain,
         [](ExplainFacts& f) {
             f.tags = {{"istio.cluster_id", "east"}};
             f.without_tags = 5;
         }},
        {"query_scope",
         Rung::kNames,
         Sureness::kCertain,
         [](ExplainFacts& f) {
             f.tags = {{"env", "prod"}};
             f.without_tags = 5;
         }},
        {"cluster_tag",
         Rung::kNames,
         Sureness::kLikely,
         [](ExplainFacts& f) {
             f.tags = {{"istio.cluster_id", "east"}, {"env", "prod"}};
             f.without_tags = 5;
         }},
        {"window_in_future",
         Rung::kWindow,
         Sureness::kCertain,
         [](ExplainFacts& f) { f.window = {kNow + 1h, kNow + 2h}; }},
        {"clock_skew",
         Rung::kWindow,
         Sureness::kLikely,
         [](ExplainFacts& f) { f.newest = kNow + 2h; }},
        {"window_beyond_retention",
         Rung::kWindow,
         Sureness::kLikely,
         [](ExplainFacts& f) {
             f.window = {kNow - 100h, kNow - 99h};
             f.newest = kNow - 1min;
             f.any_before = false;
             f.requests = 50;
         }},
        {"window_beyond_retention",
         Rung::kWindow,
         Sureness::kPossible,
         [](ExplainFacts& f) {
             f.window = {kNow - 100h, kNow - 99h};
             f.newest = kNow - 1min;
             f.any_before = false;
         }},
        {"traces_stopped",
         Rung::kWindow,
         Sureness::kPossible,
         [](ExplainFacts& f) {
             f.newest = kNow - 3h;
             f.requests = 50;
         }},
        {"outside_window",
         Rung::kWindow,
         Sureness::kLikely,
         [](ExplainFacts& f) { f.newest = kNow - 3h; }},
        {"sampling_zero",
         Rung::kSampling,
         Sureness::kLikely,
         [](ExplainFacts& f) {
             f.sampling = 0;
             f.requests = 900;
         }},
        {"exporter_off",
         Rung::kSampling,
         Sureness::kLikely,
         [](ExplainFacts& f) {
             f.reporting_off_key = "Telemetry shop/all disableSpanReporting";
             f.sampling = 0;
         }},
        {"exporter_off",
         Rung::kSampling,
         Sureness::kLikely,
         [](ExplainFacts& f) {
             f.services_known = 0;
             f.requests = 900;
         }},
        {"exporter_off",
         Rung::kSampling,
         Sureness::kPossible,
         [](ExplainFacts& f) { f.services_known = 0; }},
        {"no_traffic", Rung::kSampling, Sureness::kLikely, [](ExplainFacts& f) { f.requests = 0; }},
        {"sampling_low",
         Rung::kSampling,
         Sureness::kPossible,
         [](ExplainFacts& f) { f.requests = 30; }},
        {"not_exported",
         Rung::kSampling,
         Sureness::kPossible,
         [](ExplainFacts& f) { f.requests = 30'000; }},
        {"no_proxy",
         Rung::kSampling,
         Sureness::kPossible,
         [](ExplainFacts& f) { f.has_proxy = false; }},
        {"unknown", Rung::kSampling, Sureness::kPossible, [](ExplainFacts&) {}},
        {"rights",
         Rung::kRights,
         Sureness::kPossible,
         [](ExplainFacts& f) {
             f.limited_rights = true;
             f.services_known.reset();
         }},
    };
    for (const Row& row : rows) {
        INFO(row.code);
        ExplainFacts facts = quiet();
        row.fault(facts);
        const Explanation found = explain(facts);
        CHECK(found.verdict.code == row.code);
        CHECK(found.verdict.certainty == row.certainty);
        CHECK_FALSE(found.verdict.summary.empty());
        const bool sure = row.certainty != Sureness::kPossible;
        CHECK(at(found, row.rung).state == (sure ? RungState::kFailed : RungState::kUnknown));
        for (std::size_t i = 0; i < kRungs; ++i) {
            if (i != static_cast<std::size_t>(row.rung)) {
                const bool before = i < static_cast<std::size_t>(row.rung);
                CHECK(found.ladder[i].state == (before ? RungState::kOk : RungState::kNotTried));
            }
        }
    }
}

TEST_CASE("a store that fails ends the ladder at its rung", "[explain]") {
    struct Row {
        Cause cause;
        Rung rung;
    };
    const Row row = GENERATE(values<Row>({
        {Cause::kDns, Rung::kReachable},
        {Cause::kHttpPort, Rung::kProtocol},
        {Cause::kPathPrefix, Rung::kPath},
        {Cause::kTenant, Rung::kTenant},
        {Cause::kReceiveLimit, Rung::kStorage},
    }));
    ExplainFacts facts = quiet();
    facts.store_error = failed(row.cause).with_detail("what it said");
    Explanation found = explain(facts);
    CHECK(at(found, row.rung).state == RungState::kFailed);
    CHECK(at(found, row.rung).evidence == "it failed (what it said)");
    CHECK(at(found, Rung::kNames).state == RungState::kNotTried);

    facts.store_error.reset();
    facts.search_error = failed(row.cause);
    found = explain(facts);
    CHECK(at(found, row.rung).state == RungState::kFailed);
}

TEST_CASE("a service of the cluster tells which ports it has", "[explain]") {
    ExplainFacts facts = quiet();
    facts.setup.url = "http://jaeger-query.observability:9411/jaeger";
    facts.store_error = failed(Cause::kRefused, ErrorKind::kUpstreamUnavailable);
    CHECK(explain(facts).verdict.code == "nothing_listens");
    facts.service_ports = {9411, 16685};
    CHECK(explain(facts).verdict.code == "nothing_listens");
    facts.service_ports = {16685, 16686};
    const Verdict found = explain(facts).verdict;
    CHECK(found.code == "wrong_port");
    CHECK(found.certainty == Sureness::kLikely);
    CHECK(found.change->to == "http://jaeger-query.observability:16685/jaeger");
    facts.setup.transport = clients::StoreTarget::Transport::kHttp;
    CHECK(explain(facts).verdict.change->to == "http://jaeger-query.observability:16686/jaeger");
    facts.service_ports = {80};
    CHECK(explain(facts).verdict.code == "wrong_port");
    CHECK(explain(facts).verdict.change->to.empty());
}

TEST_CASE("tracing that is off says which key turns it on", "[explain]") {
    ExplainFacts facts = quiet();
    facts.off = Error(ErrorKind::kUnavailable, "tracing is disabled in the configuration")
                    .with_code("tracing_disabled")
                    .with_hint({"external_services.tracing.enabled", "set it to true"});
    const Explanation found = explain(facts);
    CHECK(found.verdict.code == "tracing_disabled");
    CHECK(found.verdict.certainty == Sureness::kCertain);
    CHECK(found.verdict.change->key == "external_services.tracing.enabled");
    CHECK(at(found, Rung::kReachable).state == RungState::kFailed);
}

TEST_CASE("a page that has traces is said to have them", "[explain]") {
    ExplainFacts facts = quiet();
    facts.names = {used("reviews.bookinfo", 12, 5)};
    const Explanation found = explain(facts);
    CHECK(found.verdict.code == "not_empty");
    CHECK(at(found, Rung::kNames).evidence == "searched as reviews.bookinfo (12)");
    for (const RungFinding& rung : found.ladder) {
        CHECK(rung.state == RungState::kOk);
    }
}

TEST_CASE("changes of names say from and to", "[explain]") {
    using By = NameTried::By;
    ExplainFacts facts = quiet();
    facts.names.push_back(other("reviews", By::kNamespaceSelector, 1, 1));
    CHECK(
        explain(facts).verdict.change ==
        SettingChange{"external_services.tracing.namespace_selector", "true", "false"}
    );
    facts.names = {used("reviews", 0), other("reviews.bookinfo", By::kNamespaceSelector, 1, 1)};
    CHECK(
        explain(facts).verdict.change ==
        SettingChange{"external_services.tracing.namespace_selector", "false", "true"}
    );
    facts.setup.app_label = "team";
    facts.names = {used("gold.bookinfo", 0), other("reviews.bookinfo", By::kLabel, 1, 1, "app")};
    CHECK(
        explain(facts).verdict.change == SettingChange{"istio_labels.app_label_name", "team", "app"}
    );
}

TEST_CASE("of several names the one with the subject's own traces counts", "[explain]") {
    using By = NameTried::By;
    ExplainFacts facts = quiet();
    facts.names.push_back(other("reviews", By::kNamespaceSelector, 50, 0));
    facts.names.push_back(other("reviews-app.bookinfo", By::kLabel, 2, 2, "app"));
    const Verdict found = explain(facts).verdict;
    CHECK(found.code == "app_label");
    CHECK(found.certainty == Sureness::kCertain);
}

TEST_CASE(
    "callers with limited rights are told of rights only where nothing else is known", "[explain]"
) {
    ExplainFacts facts = quiet();
    facts.limited_rights = true;
    facts.requests = 0;
    CHECK(explain(facts).verdict.code == "no_traffic");
    facts.requests = 30'000;
    CHECK(explain(facts).verdict.code == "rights");
}
