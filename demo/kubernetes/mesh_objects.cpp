#include "demo/kubernetes/cluster_objects.hpp"

#include <utility>

namespace meshscope::demo {
namespace {

constexpr std::string_view kIstio = "networking.istio.io";
constexpr std::string_view kGatewayApi = "gateway.networking.k8s.io";

struct Row {
    std::string_view group;
    std::string_view plural;
    std::string_view ns;
    std::string_view name;
    std::string_view spec;
};

constexpr Row kRows[] = {
    {kIstio,
     "gateways",
     "bookinfo",
     "bookinfo-gateway",
     R"({"selector":{"istio":"ingressgateway"},"servers":[{"hosts":["*"],"port":{"name":"http",)"
     R"("number":8080,"protocol":"HTTP"}}]})"},
    {kIstio,
     "virtualservices",
     "bookinfo",
     "bookinfo",
     R"({"gateways":["bookinfo-gateway"],"hosts":["*"],"http":[{"match":[{"uri":{"exact":)"
     R"("/productpage"}}],"route":[{"destination":{"host":"productpage","port":{"number":9080}}}]}]})"
    },
    {kIstio,
     "virtualservices",
     "bookinfo",
     "reviews",
     R"({"hosts":["reviews"],"http":[{"route":[{"destination":{"host":"reviews","subset":"v1"},)"
     R"("weight":34},{"destination":{"host":"reviews","subset":"v2"},"weight":33},{"destination":)"
     R"({"host":"reviews.bookinfo.svc.cluster.local","subset":"v3"},"weight":33}]}]})"},
    {kIstio,
     "destinationrules",
     "bookinfo",
     "reviews",
     R"({"host":"reviews","subsets":[{"labels":{"version":"v1"},"name":"v1"},{"labels":{"version":)"
     R"("v2"},"name":"v2"},{"labels":{"version":"v3"},"name":"v3"}]})"},
    {kIstio,
     "destinationrules",
     "bookinfo",
     "ratings",
     R"({"host":"ratings.bookinfo.svc.cluster.local","trafficPolicy":{"connectionPool":{"http":)"
     R"({"http1MaxPendingRequests":10}}}})"},
    {kIstio,
     "virtualservices",
     "travel-agency",
     "travels",
     R"({"gateways":["bookinfo/bookinfo-gateway"],"hosts":["travels.example.com"],"http":[{"route":)"
     R"([{"destination":{"host":"travels.travel-agency.svc.cluster.local"}}]}]})"},
    {kIstio,
     "serviceentries",
     "travel-agency",
     "fares",
     R"({"endpoints":[{"address":"192.0.2.10"}],"hosts":["fares.example.com"],"location":)"
     R"("MESH_EXTERNAL","ports":[{"name":"https","number":443,"protocol":"TLS"}],"resolution":"STATIC"})"
    },
    {kIstio,
     "serviceentries",
     "travel-agency",
     "bookings",
     R"({"hosts":["bookings.travel-agency.svc.cluster.local"],"location":"MESH_INTERNAL","ports":)"
     R"([{"name":"http","number":8000,"protocol":"HTTP"}],"resolution":"STATIC","workloadSelector":)"
     R"({"labels":{"app":"bookings"}}})"},
    {kIstio,
     "workloadgroups",
     "travel-agency",
     "bookings",
     R"({"metadata":{"labels":{"app":"bookings","version":"v1"}},"template":{"serviceAccount":)"
     R"("bookings"}})"},
    {kIstio,
     "workloadentries",
     "travel-agency",
     "bookings-192.0.2.20",
     R"({"address":"192.0.2.20","labels":{"app":"bookings","version":"v1"},"serviceAccount":)"
     R"("bookings"})"},
    {"security.istio.io",
     "peerauthentications",
     "istio-system",
     "default",
     R"({"mtls":{"mode":"STRICT"}})"},
    {"security.istio.io",
     "authorizationpolicies",
     "bookinfo",
     "ratings",
     R"({"rules":[{"from":[{"source":{"principals":["cluster.local/ns/bookinfo/sa/bookinfo-reviews"]}}]}],)"
     R"("selector":{"matchLabels":{"app":"ratings"}}})"},
    {kGatewayApi,
     "gatewayclasses",
     "",
     "istio",
     R"({"controllerName":"istio.io/gateway-controller"})"},
    {kGatewayApi,
     "gateways",
     "travel-agency",
     "travel-gateway",
     R"({"gatewayClassName":"istio","listeners":[{"name":"http","port":80,"protocol":"HTTP"}]})"},
    {kGatewayApi,
     "httproutes",
     "travel-agency",
     "travels",
     R"({"parentRefs":[{"name":"travel-gateway"}],"rules":[{"backendRefs":[{"name":"travels","port":)"
     R"(8000}]}]})"},
    {kGatewayApi,
     "grpcroutes",
     "travel-agency",
     "discounts",
     R"({"parentRefs":[{"name":"travel-gateway"}],"rules":[{"backendRefs":[{"name":"discounts",)"
     R"("port":8000}]}]})"},
};

}  // namespace

std::vector<Object> mesh_objects(const ClusterObjects& cluster) {
    std::vector<Object> out;
    for (const Row& row : kRows) {
        Object& object = out.emplace_back();
        object.resource = &resource_named(row.group, row.plural);
        object.ns = row.ns;
        object.name = row.name;
        object.uid = uid_of(*object.resource, row.ns, row.name);
        object.created = cluster.created();
        object.generation = 1;
        object.members = "\"spec\":";
        object.members += row.spec;
    }
    return out;
}

void mark(Object& object, const Scenario& scenario) {
    const std::string marker = scenario.marker_of(object.ns.empty() ? object.name : object.ns);
    if (!marker.empty()) {
        object.labels.emplace_back("demo.meshscope.io/marker", marker);
        object.annotations.emplace_back("demo.meshscope.io/note", "note " + marker);
    }
}

}  // namespace meshscope::demo
