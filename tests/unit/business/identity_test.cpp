#include "business/identity.hpp"

#include "business/span_facts_parts.hpp"
#include "business/span_reader.hpp"
#include "business/trace_columns.hpp"
#include "clients/jaeger/http_v1_decoder.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/unit/business/identity_corpus.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using test::make_trace;
using test::SpanRow;
using tests::IdentityCase;

namespace {

auto texts_of(const SpanIdentity& identity) {
    return std::tuple(
        identity.cluster,
        identity.ns,
        identity.workload,
        identity.pod,
        identity.service,
        identity.app
    );
}

// Without a cluster an identity is what the span's facts say, and rights are those of its
// namespace.
void check_like_facts(const models::Trace& trace) {
    const TraceIdentities identities = resolve(trace, nullptr);
    REQUIRE(identities.of_span.size() == trace.spans.size());
    SpanReader reader(trace);
    for (std::size_t i = 0; i < trace.spans.size(); ++i) {
        const Attributes attributes = reader.read(i);
        const SpanEvidence evidence{trace.spans[i], attributes};
        const IdentityFact fact = identity_of(evidence, kind_of(evidence).kind);
        const SpanIdentity& identity = identities.of(i);
        INFO("span " << i << " " << trace.spans[i].operation);
        REQUIRE(
            texts_of(identity) ==
            std::tuple(fact.cluster, fact.ns, fact.workload, fact.pod, fact.service, fact.app)
        );
        if (!identity.rights_ns.empty()) {
            REQUIRE(identity.rights_ns == fact.ns);
        }
        REQUIRE((identity.evidence == Evidence::kNone) == (identity.rule.empty()));
    }
}

std::vector<models::TracePtr> recorded_traces() {
    std::vector<models::TracePtr> out;
    for (const auto* const folder : {"/tests/fuzz/corpus/jaeger_json", "/tests/data/jaeger"}) {
        for (const auto& file :
             std::filesystem::directory_iterator(std::string(MESHSCOPE_SOURCE_DIR) + folder)) {
            std::ifstream stream(file.path());
            const std::string body(
                (std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>()
            );
            const auto batch = clients::jaeger::decode_traces(body, std::nullopt);
            if (batch.has_value()) {
                out.insert(out.end(), batch->traces.begin(), batch->traces.end());
            }
        }
    }
    return out;
}

using Random = std::mt19937;

std::size_t pick(Random& random, std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
}

// Some of every key that tells an identity, with few values: agreeing and disagreeing ones.
SpanRow random_row(Random& random, std::uint64_t id) {
    static const std::map<std::string, std::vector<std::string>> kSpanKeys{
        {"node_id",
         {"sidecar~10.0.0.1~cart-v1-6d8996bff-ztg6z.shop~shop.svc.cluster.local",
          "waypoint~10.0.0.2~wp-6d8996bff-ztg6z.infra~infra.svc.cluster.local",
          "sidecar~10.0.0.1~broken",
          "router~10.0.0.4~edge-0.istio-system~x"}},
        {"istio.canonical_service", {"cart", "unknown", "wp"}},
        {"istio.canonical_revision", {"v1", "latest"}},
        {"istio.namespace", {"shop", "infra", "unknown"}},
        {"istio.cluster_id", {"Kubernetes", "other"}},
        {"istio.destination_workload", {"cart-v1", "unknown"}},
        {"istio.destination_namespace", {"shop", "unknown"}},
        {"istio.destination_canonical_service", {"cart"}},
        {"istio.destination_app", {"cart"}},
        {"istio.source_workload", {"web"}},
        {"istio.source_namespace", {"front"}},
        {"istio.source_instance_name", {"web-0"}},
        {"k8s.namespace.name", {"shop", "other"}},
        {"k8s.pod.name", {"cart-v1-6d8996bff-ztg6z", "redis-0"}},
        {"k8s.deployment.name", {"cart-v1"}},
        {"k8s.cluster.name", {"prod-eu"}},
        {"span.kind", {"client", "server", "SERVER", "nonsense", "internal"}},
        {"upstream_cluster", {"inbound|80||", "outbound|80||a.b.svc.cluster.local"}},
        {"component", {"proxy"}},
        {"http.url", {"http://a/b"}},
    };
    SpanRow row;
    row.id = id;
    row.start_us += static_cast<std::int64_t>(id);
    row.operation = pick(random, 2) == 0 ? "ingress" : "cart.shop.svc.cluster.local:80/*";
    row.service = pick(random, 2) == 0 ? "cart.shop" : "web";
    for (const auto& [key, values] : kSpanKeys) {
        if (pick(random, 3) == 0) {
            row.tags.emplace_back(key, values[pick(random, values.size())]);
        }
        if (pick(random, 12) == 0) {
            row.process_tags.emplace_back(key, values[pick(random, values.size())]);
        }
        if (pick(random, 40) == 0) {
            row.tags.emplace_back(key, std::int64_t{7});
        }
    }
    if (pick(random, 4) == 0) {
        row.process_tags.emplace_back("hostname", "cart-v1-6d8996bff-ztg6z");
    }
    return row;
}

std::string field(const SpanIdentity& identity, const std::string& name) {
    const std::map<std::string, std::string_view> fields{
        {"ns", identity.ns},
        {"workload", identity.workload},
        {"pod", identity.pod},
        {"service", identity.service},
        {"app", identity.app},
    };
    return std::string(fields.at(name));
}

struct Score {
    std::size_t asked = 0;
    std::size_t answered = 0;
    std::size_t right = 0;

    void count(const std::string& expected, const std::string& answer) {
        asked += expected.empty() ? 0 : 1;
        answered += answer.empty() ? 0 : 1;
        right += !answer.empty() && answer == expected ? 1 : 0;
    }
    [[nodiscard]] double precision() const {
        return static_cast<double>(right) / static_cast<double>(answered);
    }
    [[nodiscard]] double recall() const {
        return static_cast<double>(right) / static_cast<double>(asked);
    }
};

std::uint16_t conflict_bits(const std::vector<std::string>& names) {
    std::uint16_t out = 0;
    for (unsigned i = 0; i <= static_cast<unsigned>(Evidence::kUniqueName); ++i) {
        for (const std::string& name : names) {
            if (to_string(static_cast<Evidence>(i)) == name) {
                out |= static_cast<std::uint16_t>(1U << i);
            }
        }
    }
    return out;
}

std::string expected(const IdentityCase& one, const std::string& name) {
    const auto found = one.is.find(name);
    return found == one.is.end() ? std::string() : found->second;
}

}  // namespace

TEST_CASE("without a cluster a span is taken at its word", "[identity]") {
    const auto traces = recorded_traces();
    REQUIRE(traces.size() > 10);
    for (const models::TracePtr& trace : traces) {
        check_like_facts(*trace);
    }
    for (const IdentityCase& one : tests::identity_corpus()) {
        check_like_facts(*one.trace);
    }
    Random random(4);
    for (int round = 0; round < 60; ++round) {
        std::vector<SpanRow> rows;
        for (std::uint64_t id = 1; id <= 40; ++id) {
            rows.push_back(random_row(random, id));
        }
        check_like_facts(*make_trace({0, 1}, rows));
    }
}

TEST_CASE("the corpus of identities", "[identity]") {
    const std::vector<IdentityCase> corpus = tests::identity_corpus();
    std::map<std::string, Score> scores;
    std::set<std::string> schemes;
    std::size_t unknown = 0;
    for (const IdentityCase& one : corpus) {
        INFO(one.scheme << ": " << one.name);
        const TraceIdentities identities = resolve(*one.trace, one.cluster);
        const SpanIdentity& identity = identities.of(0);
        for (const char* name : {"ns", "workload", "pod", "service", "app"}) {
            const std::string answer = field(identity, name);
            scores[name].count(expected(one, name), answer);
            if (!answer.empty() || one.is_unknown) {
                CHECK(name + (": " + answer) == name + (": " + expected(one, name)));
            }
        }
        CHECK(to_string(identity.evidence) == one.evidence);
        CHECK(identity.reporter == expected(one, "reporter"));
        CHECK(identity.conflicts == conflict_bits(one.conflicts));
        const bool told = one.is.count("rights") != 0;
        CHECK(identity.rights_ns == expected(one, told ? "rights" : "ns"));
        CHECK(identity.also_ns == expected(one, "also"));
        CHECK((identity.object != nullptr) <= (identity.certainty == Certainty::kFound));
        CHECK((identity.evidence == Evidence::kNone) == identity.rule.empty());
        schemes.insert(one.scheme);
        unknown += one.is_unknown ? 1 : 0;
    }
    for (const auto& [name, score] : scores) {
        std::cout << "identity corpus: " << name << ": precision " << score.precision()
                  << ", recall " << score.recall() << " of " << score.asked << "\n";
        CHECK(score.precision() == 1.0);
        CHECK(score.recall() >= 0.97);
    }
    CHECK(corpus.size() >= 60);
    CHECK(unknown >= 15);
    CHECK(schemes.size() >= 8);
}

namespace {

// The first case of that name.
IdentityCase case_named(const std::string& name) {
    for (IdentityCase& one : tests::identity_corpus()) {
        if (one.name == name) {
            return one;
        }
    }
    FAIL("no case " << name);
    return {};
}

SpanRow row_of(std::uint64_t id, std::int64_t second, test::Tags tags) {
    SpanRow row;
    row.id = id;
    row.service = "basket";
    row.start_us += second * 1'000'000;
    row.tags = std::move(tags);
    return row;
}

}  // namespace

TEST_CASE("an address belongs to whose it was when the span began", "[identity]") {
    const auto cluster = case_named("a uid alone").cluster;
    std::vector<SpanRow> rows;
    for (std::uint64_t id = 1; id <= 30; ++id) {
        rows.push_back(row_of(id, static_cast<std::int64_t>(id) * 10, {{"k8s.pod.ip", "10.4.0.9"}})
        );
    }
    const auto trace = make_trace({0, 1}, rows);
    const TraceIdentities identities = resolve(*trace, cluster);
    CHECK(identities.distinct.size() == 3);
    for (std::size_t i = 0; i < trace->spans.size(); ++i) {
        const auto second = static_cast<std::int64_t>(i + 1) * 10;
        INFO("second " << second);
        CHECK(identities.of(i).workload == (second < 100 ? "cart" : second < 200 ? "" : "mail"));
        CHECK(identities.of(i).rights_ns == (second < 100 || second >= 200 ? "shop" : ""));
    }
}

TEST_CASE("spans that say the same share an identity", "[identity]") {
    std::vector<SpanRow> rows;
    for (std::uint64_t id = 1; id <= 600; ++id) {
        const std::string number = std::to_string(id % 200);
        rows.push_back(row_of(
            id,
            0,
            {{"node_id", "sidecar~10.0.0.1~cart-" + number + ".shop~shop.svc.cluster.local"},
             {"guid:x-request-id", std::to_string(id)}}
        ));
    }
    const auto trace = make_trace({0, 1}, rows);
    const TraceIdentities identities = resolve(*trace, nullptr);
    CHECK(identities.distinct.size() == 200);
    for (std::size_t i = 0; i < trace->spans.size(); ++i) {
        const std::uint64_t id = trace->spans[i].id.value;
        REQUIRE(identities.of(i).pod == "cart-" + std::to_string(id % 200));
    }
}

TEST_CASE("evidence for three namespaces opens none", "[identity]") {
    const auto trace = make_trace(
        {0, 1},
        {row_of(
            1,
            0,
            {{"node_id", "sidecar~10.0.0.1~cart-0.shop~shop.svc.cluster.local"},
             {"istio.namespace", "prod"},
             {"k8s.namespace.name", "preprod"}}
        )}
    );
    for (const auto& cluster :
         {models::ClusterSnapshotPtr(), case_named("api beside api-gateway").cluster}) {
        const TraceIdentities identities = resolve(*trace, cluster);
        CHECK(identities.of(0).rights_ns.empty());
        CHECK(identities.of(0).also_ns.empty());
    }
}

TEST_CASE("a snapshot that knows nothing yet is none", "[identity]") {
    const IdentityCase one = case_named("a pod that is gone with its ReplicaSet");
    const TraceIdentities identities =
        resolve(*one.trace, std::make_shared<const models::ClusterSnapshot>());
    CHECK(identities.of(0).workload == "cart-v2");
    CHECK(identities.of(0).evidence == Evidence::kNodeId);
    CHECK(identities.of(0).certainty == Certainty::kNamed);
    CHECK(identities.of(0).rights_ns == "shop");
}

TEST_CASE("identities are shared while they are used, and keep no snapshot alive", "[identity]") {
    const auto trace = make_trace({0, 1}, {row_of(1, 0, {{"k8s.namespace.name", "shop"}})});
    CHECK(identities_of(*trace, nullptr) == identities_of(*trace, nullptr));
    auto cluster = case_named("a uid alone").cluster;
    auto first = identities_of(*trace, cluster);
    CHECK(first == identities_of(*trace, cluster));
    CHECK(first->snapshot == cluster);
    const auto other = identities_of(*trace, case_named("one workload of that name").cluster);
    CHECK(other != first);
    CHECK(other->snapshot != cluster);
    const std::weak_ptr<const models::ClusterSnapshot> old = cluster;
    first.reset();
    cluster.reset();
    CHECK(old.expired());
}

TEST_CASE("what belongs to a page", "[identity]") {
    using What = Subject::What;
    SpanIdentity identity;
    identity.ns = "shop";
    identity.workload = "cart-v2";
    identity.app = "cart";
    identity.service = "basket";
    identity.reporter_ns = "infra";
    identity.reporter = "wp";
    struct Row {
        Subject subject;
        bool belongs;
    };
    const Row rows[] = {
        {{What::kWorkload, "shop", "cart-v2"}, true},
        {{What::kWorkload, "shop", "cart-v21"}, false},
        {{What::kWorkload, "shop", "cart-v"}, false},
        {{What::kWorkload, "pet-shop", "cart-v2"}, false},
        {{What::kWorkload, "infra", "wp"}, true},
        {{What::kWorkload, "shop", "wp"}, false},
        {{What::kWorkload, "shop", ""}, false},
        {{What::kApp, "shop", "cart"}, true},
        {{What::kApp, "shop", "cart-v2"}, false},
        {{What::kApp, "infra", "cart"}, false},
        {{What::kService, "shop", "basket"}, true},
        {{What::kService, "shop", "cart"}, false},
        {{What::kService, "shop", "other", "cart"}, true},
        {{What::kService, "shop", "other", "mail"}, false},
        {{What::kService, "prod", "basket"}, false},
    };
    for (const Row& row : rows) {
        INFO(row.subject.ns << "/" << row.subject.name);
        CHECK(belongs_to(identity, row.subject) == row.belongs);
    }
    CHECK_FALSE(belongs_to(SpanIdentity(), {What::kApp, "shop", ""}));
    CHECK_FALSE(belongs_to(SpanIdentity(), {What::kWorkload, "", ""}));
}
