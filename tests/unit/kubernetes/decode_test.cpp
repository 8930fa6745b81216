#include "tests/unit/kubernetes/decoding.hpp"

#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::clients::kubernetes;
using test::decode;
using test::decode_as;
using test::object;
using test::resource;
using test::try_decode;

namespace {

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        out += c == '"' || c == '\\' ? "\\" : "";
        out += c;
    }
    return out + '"';
}

std::string text_of(const models::LabelSet& set) {
    std::string text;
    for (const auto& [key, value] : set) {
        text += key + '=' + value + ' ';
    }
    return text;
}

models::ObjectMeta meta(const std::string& members) {
    return *decode("namespaces", object(members)).meta;
}

}  // namespace

TEST_CASE("what is common to all objects") {
    const auto decoded = decode("pods", R"({"kind":"Pod","apiVersion":"v1","metadata":{
        "name":"reviews-v1-5d-x","namespace":"shop","uid":"0-1","resourceVersion":"991",
        "generateName":"reviews-v1-5d-","generation":3,"selfLink":null,
        "creationTimestamp":"2026-07-01T10:00:00Z","deletionTimestamp":"2026-07-01T11:00:00Z",
        "deletionGracePeriodSeconds":30,"labels":{"version":"v1","app":"reviews"},
        "annotations":{"note":"a \"b\" \u00fc"},
        "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"reviews-v1-5d","uid":"0-2",
            "controller":true,"blockOwnerDeletion":true}],
        "managedFields":[{"manager":"m","fieldsV1":{"f:metadata":{"f:labels":{}}}}]}})");
    const models::ObjectMeta& meta = *decoded.meta;
    CHECK(meta.name == "reviews-v1-5d-x");
    CHECK(meta.ns == "shop");
    CHECK(meta.uid == "0-1");
    CHECK(meta.resource_version == "991");
    CHECK(to_micros(meta.created) == 1'782'900'000'000'000);
    CHECK(meta.deleting);
    CHECK(text_of(*meta.labels) == "app=reviews version=v1 ");
    CHECK(text_of(*meta.annotations) == "note=a \"b\" \xC3\xBC ");
    REQUIRE(meta.controller);
    CHECK(meta.controller->kind == models::Kind{"apps", "v1", "ReplicaSet"});
    CHECK(meta.controller->name == "reviews-v1-5d");
    CHECK(meta.controller->uid == "0-2");
    CHECK(std::get<models::PodPtr>(decoded.object)->meta.uid == "0-1");
}

TEST_CASE("what is absent, null or of another type is the default; unknown members are passed over"
) {
    for (const std::string members :
         {"",
          R"("labels":null,"annotations":null,"ownerReferences":null,"creationTimestamp":null,
            "deletionTimestamp":null,"resourceVersion":null,"uid":null)",
          R"("labels":[],"annotations":5,"ownerReferences":{},"creationTimestamp":{},"uid":[1],
            "resourceVersion":{},"new":[{"a":{}}],"newer":{"labels":{"x":"y"}})"}) {
        const models::ObjectMeta plain = meta(members);
        CAPTURE(members);
        CHECK(plain.labels->empty());
        CHECK(plain.annotations->empty());
        CHECK_FALSE(plain.controller);
        CHECK_FALSE(plain.deleting);
        CHECK(plain.created == SystemTime());
        CHECK(plain.resource_version.empty());
    }
    for (const std::string rest :
         {"",
          R"("spec":null,"status":null)",
          R"("spec":[],"status":"x")",
          R"("spec":{},"status":{})",
          R"("spec":{"containers":null,"initContainers":{}},"status":{"podIPs":null,"containerStatuses":1})"
         }) {
        CAPTURE(rest);
        const auto pod = decode_as<models::Pod>("pods", object("", rest));
        CHECK(pod.phase == models::PodPhase::kUnknown);
        CHECK(pod.containers->empty());
        CHECK(pod.ips.empty());
        CHECK_FALSE(pod.counts_as_ready);
        CHECK_FALSE(decode_as<models::Controller>("deployments", object("", rest)).has_template);
        CHECK(decode_as<models::Service>("services", object("", rest)).selector->empty());
        decode("endpoints", object("", rest));
        decode("virtualservices", object("", rest));
    }
}

TEST_CASE("of equal keys the last wins") {
    CHECK(text_of(*meta(R"("labels":{"a":"1","b":"2","a":"3"})").labels) == "a=3 b=2 ");
    CHECK(text_of(*meta(R"("labels":{"a":"1"},"labels":{"b":"2"})").labels) == "b=2 ");
    CHECK(meta(R"("uid":"1","uid":"2")").uid == "2");
    const auto pod = decode_as<models::Pod>(
        "pods", object("", R"("spec":{"containers":[{"name":"a"}],"containers":[{"name":"b"}]})")
    );
    REQUIRE(pod.containers->size() == 1);
    CHECK(pod.containers->front().name == "b");
}

TEST_CASE("labels are ordered, whatever their values are") {
    CHECK(
        text_of(
            *meta(R"("labels":{"z":"","b":true,"a":5,"n":null,"c":{"x":"y"},"\u0061\u0062":"e"})")
                 .labels
        ) == "a=5 ab=e b=true c= n= z= "
    );
    CHECK(meta(R"("labels":{"app":""})").labels->size() == 1);
}

TEST_CASE("annotations that are large or of no use are kept only for who wants all") {
    const std::string largest(4'096, 'x');
    std::string json = object(
        R"("annotations":{"cni.projectcalico.org/podIP":"10.0.0.1/32",
            "kubectl.kubernetes.io/last-applied-configuration":"{}","fits":")" +
        largest + R"(","large":")" + largest +
        R"(x","short":"s","sidecar.istio.io/status":"{\"containers\":[]}"})"
    );
    json.reserve(json.size() + 64);
    Interner interner;
    const auto keys = [&](Annotations annotations) {
        std::string all;
        const auto decoded = decode_object(resource("pods"), json, interner, annotations);
        for (const auto& [key, value] : *decoded->meta->annotations) {
            all += key + ' ';
        }
        return all;
    };
    CHECK(keys(Annotations::kUseful) == "fits short ");
    CHECK(
        keys(Annotations::kAll) ==
        "cni.projectcalico.org/podIP fits kubectl.kubernetes.io/last-applied-configuration large "
        "short "
        "sidecar.istio.io/status "
    );
}

TEST_CASE("the owner that counts is the first with controller=true") {
    struct Row {
        std::string owners;
        std::string owner;
    };
    const std::vector<Row> rows = {
        {"[]", "-"},
        {R"([{"kind":"A","name":"a","apiVersion":"g/v1"}])", "-"},
        {R"([{"kind":"A","name":"a","apiVersion":"g/v1","controller":false}])", "-"},
        {R"([{"kind":"A","name":"a","controller":false},{"kind":"B","name":"b","controller":true}])",
         "//B b"},
        {R"([{"controller":true,"apiVersion":"g/v1","kind":"A","name":"a"},
             {"controller":true,"apiVersion":"g/v1","kind":"B","name":"b"}])",
         "g/v1/A a"},
        {R"([{"controller":true,"apiVersion":"v1","kind":"A","name":"a"}])", "/v1/A a"},
        {R"([{"controller":true,"apiVersion":"v1","kind":"A"}])", "-"},
        {R"([{"controller":true,"apiVersion":"v1","name":"a"}])", "-"},
        {R"([null,5,{"controller":true,"kind":"A","name":"a"}])", "//A a"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.owners);
        const auto owner = meta(R"("ownerReferences":)" + row.owners).controller;
        const std::string text = owner ? owner->kind.group + '/' + owner->kind.version + '/' +
                                             owner->kind.kind + ' ' + owner->name
                                       : "-";
        CHECK(text == row.owner);
    }
}

TEST_CASE("times of Kubernetes") {
    struct Row {
        std::string text;
        std::int64_t micros;
    };
    const std::vector<Row> rows = {
        {"1970-01-01T00:00:01Z", 1'000'000},
        {"2026-02-28T23:59:59.123456789Z", 1'772'323'199'123'456},
        {"2024-02-29T00:00:00+02:30", 1'709'155'800'000'000},
        {"2024-02-29T00:00:00-02:30", 1'709'173'800'000'000},
        {"2023-02-29T00:00:00Z", 0},
        {"2024-02-29T00:00:00", 0},
        {"2024-02-29T00:00Z", 0},
        {"2024-02-29", 0},
        {"yesterday", 0},
        {"-024-02-29T00:00:00Z", 0},
        {"2024-02-29T00:00:00Zx", 0},
        {"", 0},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(to_micros(meta(R"("creationTimestamp":")" + row.text + '"').created) == row.micros);
    }
}

TEST_CASE("a pod whole") {
    const auto pod = decode_as<models::Pod>(
        "pods",
        object(
            R"("annotations":{"ambient.istio.io/redirection":"enabled"})",
            R"("spec":{"volumes":[{"name":"v"}],"containers":[
            {"name":"main","image":"example/main:1","env":[{"name":"A","value":"B"}],
             "resources":{"limits":{"cpu":"1"}}},{"name":"side","image":"example/side:1"}],
           "initContainers":[{"name":"once","image":"i"},{"name":"stays","image":"i","restartPolicy":"Always"}],
           "nodeName":"node-1","serviceAccountName":"reviews","serviceAccount":"old","hostNetwork":true},
           "status":{"phase":"Running","reason":"R","message":"M","hostIP":"192.0.2.1","podIP":"10.0.0.1",
           "podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}],
           "containerStatuses":[{"name":"side","ready":true},{"name":"main","ready":true}],
           "initContainerStatuses":[{"name":"once","ready":false},{"name":"stays","ready":true}]})"
        )
    );
    CHECK(pod.node == "node-1");
    CHECK(pod.service_account == "reviews");
    CHECK(pod.host_network);
    CHECK(pod.phase == models::PodPhase::kRunning);
    CHECK(pod.status_reason == "R");
    CHECK(pod.status_message == "M");
    CHECK(pod.ips == std::vector<std::string>{"10.0.0.1", "fd00::1"});
    CHECK(pod.ambient);
    CHECK(pod.counts_as_ready);
    std::string containers;
    for (const models::Container& one : *pod.containers) {
        containers += one.name + ' ' + one.image + (one.init ? " init" : "") +
                      (one.always ? " always" : "") + (one.ready ? " ready" : "") + "; ";
    }
    CHECK(
        containers ==
        "once i init; stays i init always ready; main example/main:1 ready; side example/side:1 "
        "ready; "
    );
}

TEST_CASE("addresses: the pod's first, those of the list behind it") {
    struct Row {
        std::string status;
        std::vector<std::string> ips;
    };
    const std::vector<Row> rows = {
        {R"({})", {}},
        {R"({"podIP":"","podIPs":[]})", {}},
        {R"({"podIP":"10.0.0.1"})", {"10.0.0.1"}},
        {R"({"podIPs":[{"ip":"10.0.0.1"}]})", {"10.0.0.1"}},
        {R"({"podIPs":[{"ip":"fd00::1"},{"ip":"10.0.0.1"}],"podIP":"10.0.0.1"})",
         {"10.0.0.1", "fd00::1"}},
        {R"({"podIPs":[{},{"ip":null},{"ip":""},5]})", {}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.status);
        CHECK(
            decode_as<models::Pod>("pods", object("", R"("status":)" + row.status)).ips == row.ips
        );
    }
}

TEST_CASE("a pod counts as ready when it runs, stays, and all that runs on in it is ready") {
    using models::PodPhase;
    struct Row {
        std::string meta;
        std::string phase;
        std::string states;
        PodPhase expected;
        bool ready;
    };
    const std::string ready = R"([{"name":"c","ready":true}])";
    const std::vector<Row> rows = {
        {"", "Running", ready, PodPhase::kRunning, true},
        {"", "Running", R"([{"name":"c","ready":false}])", PodPhase::kRunning, false},
        {"", "Running", R"([{"name":"other","ready":true}])", PodPhase::kRunning, false},
        {R"("deletionTimestamp":"2026-01-01T00:00:00Z")",
         "Running",
         ready,
         PodPhase::kRunning,
         false},
        {"", "Pending", "null", PodPhase::kPending, false},
        {"", "Succeeded", ready, PodPhase::kSucceeded, false},
        {"", "Failed", ready, PodPhase::kFailed, false},
        {"", "Unknown", ready, PodPhase::kUnknown, false},
        {"", "Dreaming", ready, PodPhase::kUnknown, false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.phase, row.meta, row.states);
        const auto pod = decode_as<models::Pod>(
            "pods",
            object(
                row.meta,
                R"("spec":{"initContainers":[{"name":"once"}],"containers":[{"name":"c"}]},"status":{"phase":")" +
                    row.phase + R"(","containerStatuses":)" + row.states + "}"
            )
        );
        CHECK(pod.phase == row.expected);
        CHECK(pod.counts_as_ready == row.ready);
    }
}

TEST_CASE("containers that the mesh has put into a pod") {
    struct Row {
        std::string what;
        std::string annotation;  // "" none
        std::string expected;
    };
    const std::string huge = R"({"containers":["main"],"x":")" + std::string(70'000, 'x') + R"("})";
    const std::vector<Row> rows = {
        {"none", "", "native-less"},
        {"named",
         R"({"containers":["istio-proxy"],"initContainers":["istio-init"]})",
         "istio-init istio-proxy "},
        {"other names", R"({"initContainers":null,"containers":["main"]})", "main "},
        {"nobody", "{}", ""},
        {"no JSON", "{", "istio-init istio-proxy "},
        {"a list", "[]", "istio-init istio-proxy "},
        {"empty", " ", "istio-init istio-proxy "},
        {"too long", huge, "istio-init istio-proxy "},
        {"longer than what is kept of annotations",
         R"({"containers":["istio-proxy"],"x":")" + std::string(5'000, 'x') + R"("})",
         "istio-proxy "},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const auto pod = decode_as<models::Pod>(
            "pods",
            object(
                row.annotation.empty()
                    ? ""
                    : R"("annotations":{"sidecar.istio.io/status":)" + quoted(row.annotation) + "}",
                R"("spec":{"initContainers":[{"name":"istio-init"}],"containers":[{"name":"main"},{"name":"istio-proxy"}]})"
            )
        );
        std::string names;
        for (const models::Container& one : *pod.containers) {
            names += one.injected ? one.name + ' ' : "";
        }
        CHECK(names == (row.expected == "native-less" ? "" : row.expected));
    }
    const auto native = decode_as<models::Pod>(
        "pods",
        object(
            "", R"("spec":{"initContainers":[
        {"name":"istio-validation"},{"name":"istio-proxy","restartPolicy":"Always"}],"containers":[{"name":"main"}]})"
        )
    );
    REQUIRE(native.containers->size() == 3);
    CHECK_FALSE(native.containers->at(0).injected);
    CHECK(native.containers->at(1).injected);
    CHECK_FALSE(native.containers->at(2).injected);
}

TEST_CASE("controllers: template and numbers of each kind") {
    const std::string spec =
        R"("spec":{"replicas":3,"template":{"metadata":{"labels":{"app":"a"},"annotations":{"k":"v"}},
           "spec":{"containers":[{"name":"c"}]}}},)";
    struct Row {
        std::string plural;
        std::string spec;
        std::string status;
        std::string numbers;
    };
    const std::string replicas =
        R"("status":{"replicas":2,"readyReplicas":4,"availableReplicas":1})";
    const std::vector<Row> rows = {
        {"deployments", spec, replicas, "3 2 1"},
        {"deployments", R"("spec":{"replicas":null,"template":{}},)", R"("status":{})", "1 0 0"},
        {"deployments", R"("spec":{"replicas":0,"template":{}},)", R"("status":null)", "0 0 0"},
        {"deployments",
         R"("spec":{"template":{}},)",
         R"("status":{"replicas":99999999999})",
         "1 2147483647 0"},
        {"replicasets", spec, replicas, "3 2 1"},
        {"replicationcontrollers", spec, replicas, "3 2 1"},
        {"statefulsets", spec, replicas, "3 2 4"},
        {"daemonsets",
         spec,
         R"("status":{"desiredNumberScheduled":5,"currentNumberScheduled":4,"numberAvailable":3})",
         "5 4 3"},
        {"jobs", spec, R"("status":{"active":1,"succeeded":2,"failed":4})", "7 7 3"},
        {"jobs",
         spec,
         R"("status":{"active":2147483647,"succeeded":2147483647})",
         "1000000000 1000000000 1000000000"},
        {"cronjobs",
         R"("spec":{"schedule":"* * * * *","jobTemplate":{"metadata":{},"spec":{"template":{"metadata":{"labels":{"app":"a"}}}}}},)",
         R"("status":{"active":[{"name":"a"},{"name":"b"}]})",
         "2 2 2"},
        {"deployments", "", replicas, "0 0 0"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.plural, row.spec, row.status);
        const auto controller =
            decode_as<models::Controller>(row.plural, object("", row.spec + row.status));
        CHECK(controller.kind.kind == resource(row.plural).kind);
        CHECK(
            std::to_string(controller.desired) + ' ' + std::to_string(controller.current) + ' ' +
                std::to_string(controller.available) ==
            row.numbers
        );
        CHECK(controller.has_template == !row.spec.empty());
        if (row.spec == spec) {
            CHECK(text_of(*controller.template_labels) == "app=a ");
            CHECK(text_of(*controller.template_annotations) == "k=v ");
        }
    }
}

TEST_CASE("whole objects come where metadata was asked for, and the other way about") {
    const std::string whole =
        R"("spec":{"replicas":1,"template":{"metadata":{"labels":{"app":"a"}}}},"status":{"replicas":1})";
    const std::string owned =
        R"("ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"d","controller":true}])";
    CHECK(decode_as<models::Controller>("replicasets", object("", whole)).has_template);
    const auto led = decode_as<models::Controller>("replicasets", object(owned, whole));
    CHECK_FALSE(led.has_template);
    CHECK(led.template_labels->empty());
    CHECK(led.desired == 0);
    const auto partial = decode_as<models::Controller>(
        "deployments",
        R"({"kind":"PartialObjectMetadata","metadata":{"name":"a","namespace":"shop"}})"
    );
    CHECK_FALSE(partial.has_template);
    CHECK(partial.kind.kind == "Deployment");
}

TEST_CASE("services and endpoints") {
    const auto service = decode_as<models::Service>("services", object("", R"("spec":{
        "type":"ClusterIP","clusterIP":"10.96.0.1","clusterIPs":["10.96.0.1","fd00::96"],
        "ipFamilies":["IPv4","IPv6"],"selector":{"version":"v1","app":"reviews"},"externalName":"e.example",
        "ports":[{"name":"http","port":9080,"targetPort":"web"},{"port":53,"protocol":"UDP"}]})"));
    CHECK(service.type == "ClusterIP");
    CHECK(service.external_name == "e.example");
    CHECK(service.ips == std::vector<std::string>{"10.96.0.1", "fd00::96"});
    CHECK(service.ip_families == std::vector<std::string>{"IPv4", "IPv6"});
    CHECK(text_of(*service.selector) == "app=reviews version=v1 ");
    REQUIRE(service.ports.size() == 2);
    CHECK(service.ports[0].name == "http");
    CHECK(service.ports[0].protocol == "TCP");
    CHECK(service.ports[0].port == 9080);
    CHECK(service.ports[1].protocol == "UDP");
    const auto old =
        decode_as<models::Service>("services", object("", R"("spec":{"clusterIP":"None"})"));
    CHECK(old.ips == std::vector<std::string>{"None"});

    const auto endpoints = decode_as<models::Endpoints>("endpoints", object("", R"("subsets":[
        {"addresses":[{"ip":"10.0.0.1","nodeName":"n","targetRef":{"kind":"Pod","name":"p","namespace":"shop"}},
                      {"ip":"192.0.2.9"}],
         "notReadyAddresses":[{"ip":"10.0.0.2"}],"ports":[{"name":"http","port":9080,"protocol":"TCP"}]},
        {"addresses":null,"ports":null}])"));
    CHECK(endpoints.service == "a");
    REQUIRE(endpoints.subsets.size() == 2);
    REQUIRE(endpoints.subsets[0].addresses.size() == 2);
    CHECK(endpoints.subsets[0].addresses[0].kind == "Pod");
    CHECK(endpoints.subsets[0].addresses[0].name == "p");
    CHECK(endpoints.subsets[0].addresses[1].ip == "192.0.2.9");
    CHECK(endpoints.subsets[0].ports[0].port == 9080);
    CHECK(endpoints.subsets[1].addresses.empty());
}

TEST_CASE("what is no object with a name is refused") {
    for (const std::string text :
         {"",
          " ",
          "null",
          "5",
          "[]",
          "{",
          "{}",
          R"({"metadata":null})",
          R"({"metadata":{}})",
          R"({"metadata":{"name":""}})",
          R"({"metadata":{"name":null}})",
          "<html>",
          "k8s\0\x0A"}) {
        CAPTURE(text);
        const auto decoded = try_decode("pods", text);
        REQUIRE_FALSE(decoded.has_value());
        CHECK(decoded.error().kind() == ErrorKind::kUpstreamProtocol);
        CHECK(decoded.error().message().find("pods") != std::string::npos);
    }
}

TEST_CASE("an object as large as there are, most of it managed fields") {
    std::string fields = "[";
    while (fields.size() < 1'500'000) {
        fields += R"({"manager":"m","fieldsV1":{"f:spec":{"f:a":{"k:{\"b\":1}":{".":{}}}}}},)";
    }
    fields.back() = ']';
    const auto pod = decode_as<models::Pod>(
        "pods",
        object(
            R"("managedFields":)" + fields + R"(,"labels":{"app":"a"})",
            R"("spec":{"nodeName":"n"})"
        )
    );
    CHECK(text_of(*pod.meta.labels) == "app=a ");
    CHECK(pod.node == "n");
}

TEST_CASE("what pods of one maker have alike is kept once") {
    Interner interner;
    const auto pod = [&](const std::string& name, const std::string& maker, bool ready) {
        std::string json =
            R"({"metadata":{"name":")" + name +
            R"(","ownerReferences":[{"kind":"ReplicaSet","controller":true,"name":")" + maker +
            R"("}]},"spec":{"containers":[{"name":"main","image":"i"}]},)" +
            R"("status":{"containerStatuses":[{"name":"main","ready":)" +
            (ready ? "true" : "false") + "}]}}";
        json.reserve(json.size() + 64);
        return std::get<models::PodPtr>(
            decode_object(resource("pods"), json, interner).value().object
        );
    };
    const auto first = pod("a", "r-1", true);
    const auto second = pod("b", "r-1", true);
    const auto other = pod("c", "r-2", false);
    CHECK(first->containers == second->containers);
    CHECK(first->meta.controller == second->meta.controller);
    CHECK(other->containers != first->containers);
    CHECK_FALSE(other->containers->front().ready);
    CHECK(other->meta.controller->name == "r-2");
    CHECK(decode_as<models::Pod>("pods", object("")).containers == models::no_containers());
}

TEST_CASE("equal sets of labels are kept once, until nobody holds them") {
    Interner interner;
    const models::LabelSet set = {{"app", "a"}, {"version", "v1"}};
    const auto first = interner.labels(set);
    CHECK(interner.labels(set) == first);
    CHECK(interner.labels(models::LabelSet{{"app", "a"}}) != first);
    CHECK(interner.labels(models::LabelSet{}) == models::no_labels());
    CHECK(interner.labels(LabelViews{{"app", "a"}, {"version", "v1"}}) == first);
    CHECK(*interner.labels(LabelViews{{"app", "new"}}) == models::LabelSet{{"app", "new"}});
    std::weak_ptr<const models::LabelSet> gone = interner.labels(models::LabelSet{{"app", "b"}});
    CHECK_FALSE(gone.expired());
    interner.sweep();
    CHECK(gone.expired());
    CHECK(interner.labels(set) == first);
    std::weak_ptr<const models::LabelSet> early = interner.labels(models::LabelSet{{"n", "early"}});
    for (int i = 0; i < 3'000; ++i) {
        interner.labels(models::LabelSet{{"n", std::to_string(i)}});
    }
    CHECK(early.expired());  // it sweeps by itself
}
