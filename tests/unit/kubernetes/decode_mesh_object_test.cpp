#include "tests/unit/kubernetes/decoding.hpp"

#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::clients::kubernetes;
using test::decode_as;
using test::object;

namespace {

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) {
        all += text + ' ';
    }
    return all;
}

std::string selector_of(const models::MeshObject& object) {
    std::string all;
    for (const auto& [key, value] : *object.selector) {
        all += key + '=' + value + ' ';
    }
    return all;
}

std::string json_of(const std::string& json) {
    return *decode_as<models::MeshObject>("virtualservices", json).json;
}

}  // namespace

TEST_CASE("what is read of each kind of the mesh") {
    struct Row {
        std::string plural;
        std::string spec;
        std::string hosts, gateways, backends, selector, addresses, account;
    };
    const std::vector<Row> rows = {
        {"serviceentries",
         R"({"hosts":["b.example","a.example"],"endpoints":[{"address":"192.0.2.1"},{"address":"192.0.2.2","labels":{"x":"y"}}],
            "workloadSelector":{"labels":{"app":"db"}},"addresses":["192.0.2.9/32"]})",
         "a.example b.example ",
         "",
         "",
         "app=db ",
         "192.0.2.1 192.0.2.2 ",
         ""},
        {"workloadentries",
         R"({"address":"192.0.2.1","labels":{"app":"db","version":"v1"},"serviceAccount":"db"})",
         "",
         "",
         "",
         "app=db own=label version=v1 ",
         "192.0.2.1 ",
         "db"},
        {"workloadgroups",
         R"({"metadata":{"labels":{"app":"db"},"annotations":{"a":"b"}},"template":{"serviceAccount":"db","ports":{"http":80}}})",
         "",
         "",
         "",
         "app=db ",
         "",
         "db"},
        {"virtualservices",
         R"({"hosts":["reviews"],"gateways":["mesh","shop/gw"],
            "http":[{"match":[{"uri":{"prefix":"/"}}],"route":[{"destination":{"host":"reviews","subset":"v1"},"weight":90},
                     {"destination":{"host":"reviews-canary"}}],"mirror":{"host":"shadow"}},
                    {"mirrors":[{"destination":{"host":"shadow-2"},"percentage":{}}]}],
            "tcp":[{"route":[{"destination":{"host":"db"}}]}],"tls":[{"route":[{"destination":{"host":"db"}}]}]})",
         "reviews ",
         "mesh shop/gw ",
         "db reviews reviews-canary shadow shadow-2 ",
         "",
         "",
         ""},
        {"destinationrules",
         R"({"host":"reviews.shop","subsets":[{"name":"v1","labels":{"version":"v1"}}],
            "workloadSelector":{"matchLabels":{"app":"productpage"}}})",
         "reviews.shop ",
         "",
         "",
         "app=productpage ",
         "",
         ""},
        {"gateways.networking.istio.io",
         R"({"selector":{"istio":"ingressgateway"},"servers":[{"hosts":["*.example","shop/b.example"],"port":{}},{"hosts":["*.example"]}]})",
         "*.example shop/b.example ",
         "",
         "",
         "istio=ingressgateway ",
         "",
         ""},
        {"gateways.gateway.networking.k8s.io",
         R"({"gatewayClassName":"istio","listeners":[{"name":"http","hostname":"a.example"},{"name":"other"}]})",
         "a.example ",
         "",
         "",
         "",
         "",
         ""},
        {"httproutes",
         R"({"hostnames":["a.example"],"parentRefs":[{"name":"gw","namespace":"edge"},{"kind":"Gateway","name":"here"},
              {"kind":"Service","group":"","name":"reviews"},{"kind":"Service","name":"reviews","namespace":"other"}],
             "rules":[{"backendRefs":[{"name":"reviews-v1","port":9080},{"name":"far","namespace":"other"}]},{"filters":[]}]})",
         "a.example reviews reviews.other ",
         "edge/gw here ",
         "far.other reviews-v1 ",
         "",
         "",
         ""},
        {"grpcroutes",
         R"({"parentRefs":[{"name":"gw"}],"rules":[{"backendRefs":[{"name":"cart"},{}]}]})",
         "",
         "gw ",
         "cart ",
         "",
         "",
         ""},
        {"virtualservices",
         R"({"hosts":null,"http":{},"tcp":[null,{"route":5}],"gateways":"x"})",
         "",
         "",
         "",
         "",
         "",
         ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.plural, row.spec);
        const auto read = decode_as<models::MeshObject>(
            row.plural,
            object(
                row.plural == "workloadentries" ? R"("labels":{"own":"label"})" : "",
                R"("spec":)" + row.spec
            )
        );
        CHECK(joined(read.hosts) == row.hosts);
        CHECK(joined(read.gateways) == row.gateways);
        CHECK(joined(read.backends) == row.backends);
        CHECK(selector_of(read) == row.selector);
        CHECK(joined(read.addresses) == row.addresses);
        CHECK(read.service_account == row.account);
        CHECK(read.kind.kind == test::resource(row.plural).kind);
    }
}

TEST_CASE("the labels of a WorkloadEntry go before those of its spec") {
    const auto read = decode_as<models::MeshObject>(
        "workloadentries",
        object(R"("labels":{"app":"own","z":"1"})", R"("spec":{"labels":{"app":"spec","a":"2"}})")
    );
    CHECK(selector_of(read) == "a=2 app=own z=1 ");
}

TEST_CASE("the text of an object is whole but for its managed fields") {
    struct Row {
        std::string json;
        std::string kept;
    };
    const std::string head = R"({"apiVersion":"g/v1beta1","kind":"VirtualService",)";
    const std::vector<Row> rows = {
        {head + R"("metadata":{"managedFields":[{"a":"}"}],"name":"a"},"spec":{}})",
         head + R"("metadata":{"name":"a"},"spec":{}})"},
        {head + R"("metadata":{"name":"a","managedFields":[]},"spec":{}} )",
         head + R"("metadata":{"name":"a"},"spec":{}})"},
        {head + R"("metadata":{"name":"a", "managedFields" : [] , "uid":"u"}})",
         head + R"("metadata":{"name":"a",  "uid":"u"}})"},
        {head + R"("metadata":{"name":"a" , "managedFields":{}
 }})",
         head + R"("metadata":{"name":"a" }})"},
        {head + R"("metadata":{"name":"a","managedFields":null}})",
         head + R"("metadata":{"name":"a"}})"},
        {head + R"("metadata":{"name":"a"},"spec":{"managedFields":[1]}})",
         head + R"("metadata":{"name":"a"},"spec":{"managedFields":[1]}})"},
        {R"({"metadata":{"name":"a"}})",
         R"({"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{"name":"a"}})"
        },
        {R"({"kind":"VirtualService","metadata":{"name":"a"}})",
         R"({"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{"name":"a"}})"
        },
    };
    for (const Row& row : rows) {
        CAPTURE(row.json);
        CHECK(json_of(row.json) == row.kept);
    }
    CHECK(decode_as<models::MeshObject>("virtualservices", rows[0].json).kind.version == "v1beta1");
}

TEST_CASE("objects of the mesh in a list keep their own texts") {
    Interner interner;
    const std::string one = object(R"("managedFields":[{}])", R"("spec":{"hosts":["h"]})");
    const auto page = decode_list(
        test::resource("virtualservices"), R"({"items":[)" + one + " , " + one + "\n]}", interner
    );
    REQUIRE(page.has_value());
    REQUIRE(page->items.size() == 2);
    for (const Decoded& item : page->items) {
        CHECK(
            *std::get<models::MeshObjectPtr>(item.object)->json ==
            R"({"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{"name":"a","namespace":"shop","uid":"u"},"spec":{"hosts":["h"]}})"
        );
    }
}

TEST_CASE("what objects of Istio do to traffic") {
    struct Row {
        std::string plural;
        std::string spec;
        unsigned traits = 0;
    };
    using namespace models;
    const std::vector<Row> rows = {
        {"destinationrules",
         R"({"host":"a","trafficPolicy":{"connectionPool":{"tcp":{}}}})",
         kCircuitBreaker},
        {"destinationrules",
         R"({"host":"a","subsets":[{"name":"b"},{"trafficPolicy":{"outlierDetection":{}}}]})",
         kCircuitBreaker},
        {"destinationrules",
         R"({"host":"a","trafficPolicy":{"tls":{"mode":"DISABLE"},"connectionPool":null}})",
         0},
        {"virtualservices", R"({"http":[{"route":[{"destination":{"host":"a"}}]}]})", 0},
        {"virtualservices",
         R"({"http":[{"match":[{}],"fault":{"abort":{}},"timeout":"2s","mirror":{"host":"b"},"route":[{"destination":{"host":"a"}}]}]})",
         kRequestRouting | kFaultInjection | kRequestTimeout | kMirroring},
        {"virtualservices", R"({"http":[{"mirrors":[{"destination":{"host":"b"}}]}]})", kMirroring},
        {"virtualservices",
         R"({"http":[{"route":[{"destination":{"host":"a"},"weight":1},{"destination":{"host":"b"}}]}]})",
         kTrafficShifting},
        {"virtualservices",
         R"({"tcp":[{"match":[{"port":1}],"route":[{"destination":{"host":"a"}},{"destination":{"host":"b"}}]}]})",
         kTcpTrafficShifting},
        {"virtualservices",
         R"({"tls":[{"route":[{"destination":{"host":"a"}},{"destination":{"host":"b"}}]}]})",
         0},
    };
    for (const Row& row : rows) {
        CAPTURE(row.spec);
        const auto read = decode_as<MeshObject>(row.plural, object("", R"("spec":)" + row.spec));
        CHECK(read.traits == row.traits);
    }
    const auto entry = decode_as<MeshObject>(
        "serviceentries",
        object("", R"("spec":{"hosts":["a"],"location":"MESH_INTERNAL","exportTo":[".","b"]})")
    );
    CHECK(entry.location == "MESH_INTERNAL");
    CHECK(joined(entry.export_to) == ". b ");
}
