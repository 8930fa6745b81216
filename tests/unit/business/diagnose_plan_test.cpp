#include "business/diagnose_plan.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace meshscope;
using namespace meshscope::business;
using clients::StoreTarget;

namespace {

models::Service service(
    const std::string& name, std::vector<std::int32_t> ports, const std::string& type = "ClusterIP"
) {
    models::Service out;
    out.meta.name = name;
    out.meta.ns = "observability";
    out.type = type;
    for (const std::int32_t port : ports) {
        out.ports.push_back({"", "TCP", port});
    }
    return out;
}

std::vector<std::string> places(const std::vector<PlannedPlace>& plan) {
    std::vector<std::string> out;
    for (const PlannedPlace& place : plan) {
        out.push_back(place.place);
    }
    return out;
}

StoreSetup setup(const std::string& url) {
    StoreSetup out;
    out.url = url;
    return out;
}

models::ClusterSnapshot cluster_of(const std::vector<models::Service>& services) {
    auto view = std::make_shared<models::NamespaceView>();
    view->object.meta.name = "observability";
    for (const models::Service& one : services) {
        view->services.push_back(std::make_shared<const models::Service>(one));
    }
    models::ClusterSnapshot cluster;
    cluster.namespaces.push_back(std::move(view));
    return cluster;
}

}  // namespace

TEST_CASE("the configured URL is tried first, then the known ports of its host", "[diagnose]") {
    const auto plan = plan_diagnosis(setup("http://tracing.istio-system:9411/ui"), nullptr);
    CHECK(
        places(plan) ==
        std::vector<std::string>{
            "http://tracing.istio-system:9411",
            "http://tracing.istio-system:16685",
            "http://tracing.istio-system:16686",
            "http://tracing.istio-system:80",
            "https://tracing.istio-system:443"
        }
    );
    REQUIRE(plan[0].tries.size() == 4);
    CHECK(plan[0].tries[0].transport == StoreTarget::Transport::kGrpc);
    CHECK(plan[0].tries[1].url == "http://tracing.istio-system:9411/ui");
    CHECK(plan[0].tries[2].url == "http://tracing.istio-system:9411");
    CHECK(plan[0].tries[3].url == "http://tracing.istio-system:9411/jaeger");
}

TEST_CASE("configured credentials go to the configured place and nowhere else", "[diagnose]") {
    const models::ClusterSnapshot cluster = cluster_of({service("jaeger-query", {16685, 16686})});
    for (const char* url :
         {"http://tracing:16685/jaeger", "https://tracing", "http://tracing:80"}) {
        INFO(url);
        const auto plan = plan_diagnosis(setup(url), &cluster);
        for (std::size_t i = 0; i < plan.size(); ++i) {
            for (const StoreTarget& target : plan[i].tries) {
                INFO(target.url);
                const bool configured = target.with == StoreTarget::With::kConfigured;
                CHECK(configured == (i == 0));
                CHECK(target.with != StoreTarget::With::kGiven);
            }
        }
    }
}

TEST_CASE("no place is planned twice, and few are", "[diagnose]") {
    std::vector<models::Service> many;
    for (int i = 0; i < 40; ++i) {
        many.push_back(service("jaeger-" + std::to_string(i), {16685, 16686, 80, 443}));
    }
    const models::ClusterSnapshot cluster = cluster_of(many);
    const auto plan = plan_diagnosis(setup("http://tracing:16686"), &cluster);
    CHECK(plan.size() == kMostPlaces);
    const auto names = places(plan);
    CHECK(std::set<std::string>(names.begin(), names.end()).size() == names.size());
    CHECK(plan_diagnosis(setup(""), nullptr).empty());
    CHECK(plan_diagnosis(setup("nonsense"), nullptr).empty());
    CHECK(plan_diagnosis(setup(""), &cluster).size() == 4 * kMostServices);
}

TEST_CASE("which services look like Jaeger", "[diagnose]") {
    CHECK(looks_like_jaeger(service("any", {16685})));
    CHECK(looks_like_jaeger(service("any", {8080, 16686})));
    CHECK(looks_like_jaeger(service("tracing", {80})));
    CHECK(looks_like_jaeger(service("my-JAEGER", {443})));
    CHECK_FALSE(looks_like_jaeger(service("any", {80, 443})));
    CHECK_FALSE(looks_like_jaeger(service("jaeger-collector", {80, 4317})));
    CHECK_FALSE(looks_like_jaeger(service("jaeger-query", {8080})));
    CHECK_FALSE(looks_like_jaeger(service("jaeger", {16686}, "ExternalName")));
    models::Service labelled = service("query", {80});
    labelled.meta.labels = std::make_shared<const models::LabelSet>(
        models::LabelSet{{"app.kubernetes.io/name", "jaeger"}}
    );
    CHECK(looks_like_jaeger(labelled));
}

TEST_CASE("what is pasted is YAML with every key that matters", "[diagnose]") {
    CHECK(
        to_yaml({"http://jaeger:16685", "in_cluster_url", true, false, ""}) ==
        "external_services:\n"
        "  tracing:\n"
        "    enabled: true\n"
        "    provider: jaeger\n"
        "    in_cluster_url: \"http://jaeger:16685\"\n"
        "    use_grpc: true\n"
        "    namespace_selector: false\n"
    );
    const std::string yaml = to_yaml({"http://a/\"b", "internal_url", false, true, "basic"});
    CHECK(yaml.find("internal_url: \"http://a/\\\"b\"") != std::string::npos);
    CHECK(yaml.find("type: basic") != std::string::npos);
}
