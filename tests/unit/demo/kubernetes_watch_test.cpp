#include "demo/kubernetes/object_store.hpp"
#include "tests/unit/demo/kubernetes_fixture.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <memory>

using namespace meshscope;
using namespace meshscope::demo;
using nlohmann::json;

namespace {

Object object_named(std::string name) {
    Object out;
    out.resource = &resource_named("", "pods");
    out.ns = "n";
    out.name = std::move(name);
    return out;
}

std::string path_of(const Resource& resource) {
    return (resource.group.empty() ? "/api/" : "/apis/") + resource.api_version() + "/" +
           std::string(resource.plural);
}

// Of who may read every kind.
HttpReply ask_as_admin(Kubernetes& kubernetes, const std::string& target) {
    return kubernetes.ask(target, "application/json", "demo-admin-token");
}

// Objects by uid as JSON, from a list.
std::map<std::string, json> listed(
    Kubernetes& kubernetes, const Resource& resource, json& version
) {
    std::map<std::string, json> out;
    const json list = json::parse(ask_as_admin(kubernetes, path_of(resource)).body);
    version = list["metadata"]["resourceVersion"];
    for (const auto& item : list["items"]) {
        out[item["metadata"]["uid"]] = item["metadata"];
    }
    return out;
}

}  // namespace

TEST_CASE("the store knows what was there") {
    const Resource& pods = resource_named("", "pods");
    std::int64_t now = 100;
    ObjectStore store([&now] { return now; });
    const auto names_at = [&](std::int64_t version) {
        std::string out;
        for (const ObjectPtr& object : store.at(pods, version).value()) {
            out += object->name + " ";
        }
        return out;
    };
    const std::int64_t empty = store.version();
    store.put(object_named("b"));
    store.put(object_named("a"));
    const std::int64_t both = store.version();
    CHECK(both == 102);  // the clock stood still
    now = 500;
    store.put(object_named("b"));
    CHECK(store.find(pods, "n", "b")->version == 500);
    store.remove(pods, "n", "a");
    store.remove(pods, "n", "never-there");
    CHECK(names_at(store.version()) == "b ");
    CHECK(names_at(both) == "a b ");
    CHECK(names_at(empty).empty());
    const auto changes = store.since(pods, both);
    REQUIRE(changes->size() == 2);
    CHECK(changes->at(0).before->version == 101);
    CHECK(changes->at(1).deleted);
    CHECK(changes->at(1).now->version == 501);
    CHECK(store.since(pods, 501)->empty());
    CHECK(store.since(resource_named("", "services"), both)->empty());
    CHECK(store.since(pods, 502).error().kind() == ErrorKind::kInvalidArgument);
    CHECK(store.since(pods, 99).error().kind() == ErrorKind::kNotFound);

    store.forget_changes();
    CHECK(store.since(pods, 501).error().kind() == ErrorKind::kNotFound);
    CHECK(store.since(pods, store.version())->empty());
    const std::int64_t old = store.version();
    for (std::size_t i = 0; i <= ObjectStore::kMostChanges; ++i) {
        store.put(object_named("c"));
    }
    CHECK(store.since(pods, old).error().kind() == ErrorKind::kNotFound);
    CHECK(store.since(pods, old + 1)->size() == ObjectStore::kMostChanges);
}

TEST_CASE("who watches every kind from a list on knows what a later list says") {
    Kubernetes kubernetes;
    struct Followed {
        const Resource* resource;
        std::map<std::string, json> objects;
        std::unique_ptr<Reading> reading;
    };
    std::vector<Followed> all;
    for (const Resource& resource : resources()) {
        json version;
        auto objects = listed(kubernetes, resource, version);
        const std::string target =
            path_of(resource) + "?watch=1&resourceVersion=" + version.get<std::string>();
        all.push_back(
            {&resource,
             std::move(objects),
             std::make_unique<Reading>(ask_as_admin(kubernetes, target))}
        );
    }
    std::size_t events = 0;
    for (int seconds = 0; seconds < 190; seconds += 5) {
        kubernetes.clock.advance(std::chrono::seconds(5));
        if (seconds == 100) {
            REQUIRE(kubernetes.cluster.roll_out("productpage-v1").has_value());
            REQUIRE(kubernetes.cluster.roll_out("reviews-v2").has_value());
            REQUIRE_FALSE(kubernetes.cluster.roll_out("nope").has_value());
        }
        for (Followed& each : all) {
            for (const json& event : each.reading->events()) {
                ++events;
                const json& metadata = event["object"]["metadata"];
                const bool known = each.objects.count(metadata["uid"]) != 0;
                CHECK(known == (event["type"] != "ADDED"));
                if (event["type"] == "DELETED") {
                    each.objects.erase(metadata["uid"]);
                } else {
                    each.objects[metadata["uid"]] = metadata;
                }
            }
        }
    }
    CHECK(events > 60);
    for (Followed& each : all) {
        INFO(each.resource->plural);
        json version;
        CHECK(each.objects == listed(kubernetes, *each.resource, version));
    }
}

TEST_CASE("a rollout has another set, another pod and the old set at zero") {
    Kubernetes kubernetes;
    const std::string before =
        kubernetes.names("/api/v1/namespaces/bookinfo/pods?labelSelector=app%3Dratings").front();
    REQUIRE(kubernetes.cluster.roll_out("ratings-v1").has_value());
    const json pods =
        kubernetes.json("/api/v1/namespaces/bookinfo/pods?labelSelector=app%3Dratings")["items"];
    REQUIRE(pods.size() == 1);
    CHECK(pods[0]["metadata"]["name"] != before);
    const json& owner = pods[0]["metadata"]["ownerReferences"][0];
    const std::string sets = "/apis/apps/v1/namespaces/bookinfo/replicasets/";
    const json set = kubernetes.json(sets + owner["name"].get<std::string>());
    CHECK(set["metadata"]["uid"] == owner["uid"]);
    CHECK(set["spec"]["replicas"] == 1);
    CHECK(kubernetes.json(sets + before.substr(0, before.rfind('-')))["spec"]["replicas"] == 0);
    const json endpoints = kubernetes.json("/api/v1/namespaces/bookinfo/endpoints/ratings");
    CHECK(endpoints["subsets"][0]["addresses"][0]["ip"] == pods[0]["status"]["podIP"]);
}

TEST_CASE("pods come, run, end and go") {
    Kubernetes kubernetes;
    const auto version = kubernetes.json("/api/v1/pods")["metadata"]["resourceVersion"];
    Reading reading(kubernetes.ask(
        "/api/v1/namespaces/bookinfo/"
        "pods?watch=true&labelSelector=app%3Dloadtest&resourceVersion=" +
        version.get<std::string>()
    ));
    CHECK(reading.events().empty());
    kubernetes.clock.advance(std::chrono::seconds(60));
    std::string told;
    for (const json& event : reading.events()) {
        told += event["type"].get<std::string>() + " " +
                event["object"]["status"]["phase"].get<std::string>() + ", ";
    }
    // The last one is that of the round before.
    CHECK(told == "ADDED Pending, MODIFIED Running, MODIFIED Succeeded, DELETED Succeeded, ");
    CHECK(reading.more);
}

TEST_CASE("a watch without a version begins with what is there; its table says its columns once") {
    Kubernetes kubernetes;
    const char* path = "/api/v1/namespaces/bookinfo/pods?watch=1&fieldSelector=metadata.name%3D";
    Reading reading(kubernetes.ask(path + std::string("debug"), kTable));
    CHECK(reading.events().empty());
    kubernetes.clock.advance(std::chrono::seconds(45));
    const auto events = reading.events();
    REQUIRE(events.size() == 2);
    CHECK(events[0]["type"] == "ADDED");
    CHECK(events[0]["object"]["columnDefinitions"].size() == 9);
    CHECK(events[1]["object"]["columnDefinitions"].is_null());
    CHECK(events[1]["object"]["rows"][0]["cells"][2] == "Terminating");

    Reading again(kubernetes.ask(path + std::string("ratings-db-0"), kMetadata));
    const auto there = again.events();
    REQUIRE(there.size() == 1);
    CHECK(there[0]["type"] == "ADDED");
    CHECK(there[0]["object"]["kind"] == "PartialObjectMetadata");
}

TEST_CASE("bookmarks carry the version and nothing else; a watch ends in time with one") {
    KubernetesOptions options;
    options.bookmark_every = std::chrono::milliseconds(0);
    Kubernetes kubernetes("normal", options);
    Reading reading(
        kubernetes.ask("/api/v1/services?watch=1&allowWatchBookmarks=true&timeoutSeconds=1000&"
                       "fieldSelector=metadata.name%3Dnope")
    );
    const auto events = reading.events();
    REQUIRE(events.size() == 1);
    CHECK(events[0]["type"] == "BOOKMARK");
    const json list = kubernetes.json("/api/v1/services");
    CHECK(events[0]["object"]["kind"] == "Service");
    CHECK(
        events[0]["object"]["metadata"]["resourceVersion"] == list["metadata"]["resourceVersion"]
    );
    CHECK(reading.more);
    Reading ended(kubernetes.ask(
        "/api/v1/services?watch=1&allowWatchBookmarks=true&timeoutSeconds=0&"
        "resourceVersion=" +
        list["metadata"]["resourceVersion"].get<std::string>()
    ));
    CHECK(ended.events().size() == 1);
    CHECK_FALSE(ended.more);
}

TEST_CASE("a running watch whose versions are forgotten ends with an error event") {
    Kubernetes kubernetes;
    const auto version = kubernetes.json("/api/v1/pods")["metadata"]["resourceVersion"];
    const std::string target = "/api/v1/pods?watch=1&resourceVersion=" + version.get<std::string>();
    Reading reading(kubernetes.ask(target));
    CHECK(reading.events().empty());
    kubernetes.cluster.forget_changes();
    const auto events = reading.events();
    REQUIRE(events.size() == 1);
    CHECK(events[0]["type"] == "ERROR");
    CHECK(events[0]["object"]["kind"] == "Status");
    CHECK(events[0]["object"]["code"] == 410);
    CHECK_FALSE(reading.more);
    CHECK(kubernetes.ask(target).status == 410);
}

TEST_CASE("a watch ends when its server closes") {
    Kubernetes kubernetes;
    const auto version = kubernetes.json("/api/v1/pods")["metadata"]["resourceVersion"];
    Reading reading(
        kubernetes.ask("/api/v1/pods?watch=1&resourceVersion=" + version.get<std::string>())
    );
    reading.leaving.stop();
    CHECK(reading.next().empty());
    CHECK_FALSE(reading.more);
}
