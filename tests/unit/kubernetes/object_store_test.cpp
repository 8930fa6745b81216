#include "clients/kubernetes/object_store.hpp"

#include "tests/unit/kubernetes/decoding.hpp"

#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::clients::kubernetes;
using test::decode;
using test::resource;

namespace {

SystemTime at(std::int64_t seconds) {
    return from_micros(1'000'000'000'000'000 + seconds * 1'000'000);
}

struct Row {
    std::string name;
    std::string version = "1";
    std::string uid = {};  // "" uid-<name>
    std::string ns = "shop";
    std::string meta = {};
    std::string rest = {};
};

Decoded make(std::string_view plural, const Row& row) {
    return decode(
        plural,
        R"({"metadata":{"name":")" + row.name + R"(","namespace":")" + row.ns + R"(","uid":")" +
            (row.uid.empty() ? "uid-" + row.name : row.uid) + R"(","resourceVersion":")" +
            row.version + R"(","creationTimestamp":"1990-01-01T00:00:00Z")" + row.meta + "}" +
            row.rest + "}"
    );
}

Row running(const std::string& name, const std::string& ip, const std::string& uid = {}) {
    Row row{.name = name};
    row.uid = uid;
    row.rest = R"(,"status":{"phase":"Running","podIP":")" + ip + R"("})";
    return row;
}

class Store {
 public:
    void put(std::string_view plural, const Row& row, SystemTime now = at(0)) {
        store.put(resource(plural), make(plural, row), now);
    }
    void remove(std::string_view plural, const Row& row, SystemTime now = at(0)) {
        store.remove(resource(plural), *make(plural, row).meta, now);
    }
    void replace(
        std::string_view plural,
        const std::vector<Row>& rows,
        std::string_view ns = {},
        SystemTime now = at(0)
    ) {
        std::vector<Decoded> items;
        for (const Row& row : rows) {
            items.push_back(make(plural, row));
        }
        store.replace(resource(plural), ns, std::move(items), now);
    }
    // "shop: a b; travel: c": the pods of each namespace.
    std::string pods(SystemTime now = at(0)) {
        last = store.publish(now);
        std::string text;
        for (const auto& view : last->namespaces) {
            text += (text.empty() ? "" : "; ") + view->object.meta.name + ':';
            for (const auto& pod : view->pods) {
                text += ' ' + pod->meta.name;
            }
        }
        return text;
    }

    ObjectStore store{models::DiscoveryRules{}};
    models::ClusterSnapshotPtr last;
};

std::string uid_at(const Store& store, const std::string& ip, SystemTime time) {
    const models::Pod* pod = store.last->pod_at(ip, time);
    return pod == nullptr ? "-" : pod->meta.uid;
}

}  // namespace

TEST_CASE("objects come, change and go by events, in whatever order") {
    Store store;
    CHECK_FALSE(store.store.changed());
    store.put("pods", {.name = "b"});
    store.put("pods", {.name = "b", .version = "2"});  // there already
    store.put("pods", {.name = "a"});
    store.remove("pods", {.name = "never"});
    store.remove("services", {.name = "a"});
    CHECK(store.store.changed());
    CHECK(store.pods() == "shop: a b");
    CHECK(store.last->namespaces[0]->pods[1]->meta.resource_version == "2");
    CHECK_FALSE(store.store.changed());
    store.remove("pods", {.name = "a", .uid = "another"});
    CHECK_FALSE(store.store.changed());
    CHECK(store.pods() == "shop: a b");
    store.remove("pods", {.name = "a"});
    CHECK(store.pods() == "shop: b");
    store.remove("pods", {.name = "b"});
    CHECK(store.pods().empty());
}

TEST_CASE("a list replaces all of its kind and nothing else") {
    Store store;
    store.replace("pods", {{.name = "a"}, {.name = "b"}, {.name = "c", .ns = "travel"}});
    store.replace("services", {{.name = "s"}});
    CHECK(store.pods() == "shop: a b; travel: c");
    store.replace("pods", {{.name = "b"}, {.name = "d"}});  // a deletion was missed
    CHECK(store.pods() == "shop: b d");
    CHECK(store.last->find("shop")->find_service("s") != nullptr);
    store.replace("pods", {{.name = "b", .version = "0"}});  // an older version is a version
    CHECK(store.pods() == "shop: b");
    CHECK(store.last->namespaces[0]->pods[0]->meta.resource_version == "0");
    store.replace("pods", {});
    CHECK(store.pods() == "shop:");
}

TEST_CASE("a list of one namespace replaces that one only") {
    Store store;
    store.replace("pods", {{.name = "a"}, {.name = "c", .ns = "travel"}});
    store.replace("pods", {{.name = "b"}, {.name = "stray", .ns = "travel"}}, "shop");
    CHECK(store.pods() == "shop: b; travel: c");
    store.replace("pods", {}, "shop");
    CHECK(store.pods() == "travel: c");
}

TEST_CASE("only what has changed is built again") {
    Store store;
    store.replace("pods", {{.name = "a"}, {.name = "c", .ns = "travel"}});
    store.pods();
    const auto before = store.last;
    store.replace("pods", {{.name = "a"}, {.name = "c", .ns = "travel"}});
    CHECK_FALSE(store.store.changed());
    store.replace("pods", {{.name = "a"}, {.name = "c", .version = "2", .ns = "travel"}});
    store.pods();
    CHECK(store.last->namespaces[0] == before->namespaces[0]);
    CHECK(store.last->namespaces[1] != before->namespaces[1]);
    CHECK(store.last->generation > before->generation);
}

TEST_CASE("a pod made again under its name is another one") {
    Store store;
    store.put("pods", running("a", "10.0.0.1", "first"));
    store.pods();
    store.put("pods", running("a", "10.0.0.2", "second"), at(10));
    store.pods();
    CHECK(uid_at(store, "10.0.0.1", at(5)) == "first");
    CHECK(uid_at(store, "10.0.0.1", at(15)) == "-");
    CHECK(uid_at(store, "10.0.0.2", at(15)) == "second");
    CHECK(store.last->pod_by_uid("first") != nullptr);
    // The late deletion of the first one does not take the second one away.
    store.remove("pods", {.name = "a", .uid = "first"}, at(20));
    CHECK(store.pods() == "shop: a");
}

TEST_CASE("pods that went are remembered an hour, however they went") {
    struct Way {
        std::string what;
        void (*go)(Store&);
    };
    const std::vector<Way> ways = {
        {"deleted", [](Store& store) { store.remove("pods", running("a", "10.0.0.1"), at(10)); }},
        {"missing in a list", [](Store& store) { store.replace("pods", {}, {}, at(10)); }},
        {"missing in a list of its namespace",
         [](Store& store) { store.replace("pods", {}, "shop", at(10)); }},
        {"with its namespace",
         [](Store& store) { store.remove("namespaces", {.name = "shop", .ns = ""}, at(10)); }},
        {"ended",
         [](Store& store) {
             Row ended = running("a", "10.0.0.1");
             ended.version = "2";
             ended.rest = R"(,"status":{"phase":"Succeeded"})";
             store.put("pods", ended, at(10));
         }},
        {"ended, then deleted",
         [](Store& store) {
             Row ended = running("a", "10.0.0.1");
             ended.version = "2";
             ended.rest = R"(,"status":{"phase":"Failed","podIP":"10.0.0.1"})";
             store.put("pods", ended, at(10));
             store.remove("pods", ended, at(50));
         }},
    };
    for (const Way& way : ways) {
        CAPTURE(way.what);
        Store store;
        store.put("namespaces", {.name = "shop", .ns = ""});
        store.put("pods", running("a", "10.0.0.1"));
        way.go(store);
        store.pods(at(60));
        CHECK(uid_at(store, "10.0.0.1", at(9)) == "uid-a");
        CHECK(uid_at(store, "10.0.0.1", at(10)) == "-");
        REQUIRE(store.last->pod_by_uid("uid-a") != nullptr);
        store.pods(at(3'700));
        CHECK(uid_at(store, "10.0.0.1", at(9)) == "-");
    }
}

TEST_CASE("a pod that had ended before it was first seen has no address") {
    Store store;
    Row ended = running("job", "10.0.0.1");
    ended.rest = R"(,"status":{"phase":"Succeeded","podIP":"10.0.0.1"})";
    store.put("pods", ended);
    store.put("pods", running("heir", "10.0.0.1"));
    store.remove("pods", ended, at(10));
    store.pods();
    CHECK(uid_at(store, "10.0.0.1", at(5)) == "uid-heir");
}

TEST_CASE("a namespace that goes takes what is in it along; what comes later is new") {
    Store store;
    store.replace("namespaces", {{.name = "shop", .ns = "", .meta = R"(,"labels":{"a":"b"})"}});
    store.put("pods", {.name = "a"});
    store.put("services", {.name = "s"});
    CHECK(store.pods() == "shop: a");
    CHECK(models::label(*store.last->find("shop")->object.meta.labels, "a") == "b");
    store.remove("namespaces", {.name = "shop", .ns = ""});
    CHECK(store.pods().empty());
    store.remove("pods", {.name = "a"});  // its own deletion comes behind
    CHECK_FALSE(store.store.changed());
    store.put("namespaces", {.name = "shop", .version = "9", .uid = "again", .ns = ""});
    CHECK(store.pods() == "shop:");
    CHECK(store.last->find("shop")->services.empty());
}

TEST_CASE("a kind that is not there any more is dropped, the rest stays") {
    Store store;
    store.put("pods", {.name = "a"});
    store.put("virtualservices", {.name = "v"});
    store.put("gateways.networking.istio.io", {.name = "g"});
    store.put("gateways.gateway.networking.k8s.io", {.name = "g"});
    store.pods();
    CHECK(store.last->namespaces[0]->mesh_objects.size() == 3);
    store.store.drop_kind(resource("virtualservices"));
    store.store.drop_kind(resource("gateways.networking.istio.io"));
    store.store.drop_kind(resource("grpcroutes"));
    CHECK(store.pods() == "shop: a");
    REQUIRE(store.last->namespaces[0]->mesh_objects.size() == 1);
    CHECK(store.last->namespaces[0]->mesh_objects[0]->kind.group == "gateway.networking.k8s.io");
}

TEST_CASE("endpoints are found by their service") {
    Store store;
    store.put(
        "endpoints",
        {.name = "reviews", .rest = R"(,"subsets":[{"addresses":[{"ip":"10.0.0.1"}]}])"}
    );
    store.pods();
    const models::NamespaceView* shop = store.last->find("shop");
    CHECK(shop->find_endpoints("ratings") == nullptr);
    const models::Endpoints* endpoints = shop->find_endpoints("reviews");
    REQUIRE(endpoints != nullptr);
    CHECK(endpoints->subsets[0].addresses[0].ip == "10.0.0.1");
    store.remove("endpoints", {.name = "reviews"});
    CHECK(store.pods().empty());
}

TEST_CASE("controllers without owner are asked for whole, and keep what was known of them") {
    Store store;
    const std::string owned =
        R"(,"ownerReferences":[{"kind":"Deployment","name":"d","controller":true}])";
    const std::string whole =
        R"(,"spec":{"replicas":2,"template":{"metadata":{"labels":{"app":"alone"}}}},"status":{"replicas":2})";
    store.replace(
        "replicasets", {{.name = "owned", .meta = owned}, {.name = "alone"}, {.name = "other"}}
    );
    store.replace("jobs", {{.name = "job"}});
    CHECK(store.store.take_orphans(resource("jobs"), 10).empty());  // left out of workloads
    const auto first = store.store.take_orphans(resource("replicasets"), 1);
    REQUIRE(first.size() == 1);
    CHECK(first[0].name == "alone");
    CHECK(first[0].ns == "shop");
    CHECK(store.store.take_orphans(resource("replicasets"), 10).size() == 1);
    CHECK(store.store.take_orphans(resource("replicasets"), 10).empty());
    CHECK(store.pods() == "shop:");
    CHECK(store.last->find_workload("shop", "alone") == nullptr);  // no pods and nothing else known
    store.put("replicasets", {.name = "alone", .rest = whole});
    CHECK(store.store.take_orphans(resource("replicasets"), 10).empty());
    store.put("replicasets", {.name = "alone", .version = "2"});  // what the watch says
    store.pods();
    REQUIRE(store.last->find_workload("shop", "alone") != nullptr);
    CHECK(store.last->find_workload("shop", "alone")->app == "alone");
    CHECK(store.last->find_workload("shop", "alone")->resource_version == "2");
    CHECK(store.store.take_orphans(resource("replicasets"), 10).size() == 1);
    store.put("replicasets", {.name = "alone", .version = "3", .uid = "again"});
    store.remove("replicasets", {.name = "alone", .uid = "again"});
    CHECK(store.store.take_orphans(resource("replicasets"), 10).empty());
}

TEST_CASE("texts of the mesh's objects are bounded for the cluster") {
    Store store;
    const std::string large(4UL << 20U, 'x');
    const auto put = [&](const std::string& name) {
        store.put(
            "virtualservices", {.name = name, .rest = R"(,"spec":{"hosts":[")" + large + R"("]})"}
        );
    };
    const auto with_text = [&] {
        store.pods();
        std::string names;
        for (const auto& object : store.last->namespaces[0]->mesh_objects) {
            names += object->json ? object->meta.name : "";
        }
        return names;
    };
    for (const char name : std::string("abcdefghi")) {
        put(std::string(1, name));
    }
    CHECK(with_text() == "abcdefg");
    put("g");  // in place of itself
    CHECK(with_text() == "abcdefg");
    store.remove("virtualservices", {.name = "a"});
    put("h");
    CHECK(with_text() == "bcdefgh");
    store.store.drop_kind(resource("virtualservices"));
    put("i");
    CHECK(with_text() == "i");
}

TEST_CASE("objects without a namespace where there must be one are not kept") {
    Store store;
    store.put("pods", {.name = "a", .ns = ""});
    store.replace("pods", {{.name = "b", .ns = ""}});
    CHECK(store.pods().empty());
}

TEST_CASE("the snapshot carries the cluster's name") {
    Store store;
    store.pods();
    CHECK(store.last->cluster == "Kubernetes");
    store.store.set_cluster("east");
    store.pods();
    CHECK(store.last->cluster == "east");
}
