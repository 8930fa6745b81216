#include "handlers/meta_json.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace meshscope;
using business::Meta;
using nlohmann::json;

namespace {

Meta full_meta() {
    Meta meta;
    meta.asked.limit = 20'000;
    meta.used = {10'000, from_micros(1), from_micros(2)};
    meta.returned = 3;
    meta.scanned = 40;
    meta.stopped_by = clients::StoppedBy::kBytes;
    meta.drop("hidden_spans", 7);
    meta.order = "name:asc";
    meta.covered = TimeRange{from_micros(1), from_micros(2)};
    meta.upstream["jaeger"] = {2, 1, 0, 4096, std::chrono::microseconds(1500)};
    meta.warn("receive_limit", "größer als erlaubt \xF0\x9F\x98\x80");
    return meta;
}

const char* const kExpected = R"({"asked":{"limit":20000},
    "used":{"limit":10000,"startMicros":1,"endMicros":2},"returned":3,"scanned":40,"stoppedBy":"bytes",
    "dropped":[{"reason":"hidden_spans","count":7}],"order":"name:asc",
    "covered":{"startMicros":1,"endMicros":2},
    "upstream":[{"name":"jaeger","calls":2,"joined":1,"cached":0,"bytes":4096,"ms":1.5}],
    "warnings":[{"code":"receive_limit","message":"größer als erlaubt 😀"}]})";

}  // namespace

TEST_CASE("meta as a member says everything", "[meta]") {
    std::string text;
    JsonWriter writer(text);
    handlers::write_meta(writer, full_meta());
    CHECK(json::parse(text) == json::parse(kExpected));
}

TEST_CASE("meta as a header is the same in ASCII", "[meta]") {
    const std::string header = handlers::meta_header(full_meta());
    CHECK(std::all_of(header.begin(), header.end(), [](char c) { return c >= 0x20 && c < 0x7F; }));
    CHECK(json::parse(header) == json::parse(kExpected));
}

TEST_CASE(
    "a header that would be too long loses entries of its longest lists and counts them", "[meta]"
) {
    Meta meta = full_meta();
    for (int i = 0; i < 200; ++i) {
        meta.warn("code_" + std::to_string(i), "a message of some length to fill the header");
    }
    const std::string header = handlers::meta_header(meta);
    CHECK(header.size() <= handlers::kMaxMetaHeader);
    const json value = json::parse(header);
    const auto kept = value["warnings"].size();
    CHECK(kept > 10);
    CHECK(value["cut"] == json{{"warnings", 201 - kept}});
    CHECK(value["warnings"][0]["code"] == "receive_limit");  // the first ones stay
    CHECK(value["dropped"].size() == 1);
    CHECK(value["stoppedBy"] == "bytes");
}

TEST_CASE("meta says how old the cluster's objects are and what is not known of them", "[meta]") {
    using State = clients::KindState::State;
    Meta meta;
    meta.cluster = {"Kubernetes", 3200, true, {}};
    meta.cluster->off.push_back({"gateways.gateway.networking.k8s.io", State::kAbsent, "", {}, 0});
    meta.cluster->off.push_back({"pods", State::kForbidden, "may not list", {"travel"}, 0});
    CHECK(
        json::parse(handlers::meta_header(meta))["cluster"] ==
        json::parse(R"({"name":"Kubernetes","ageMs":3200,"stale":true,"off":[
            {"resource":"gateways.gateway.networking.k8s.io","state":"absent"},
            {"resource":"pods","state":"forbidden","reason":"may not list",
             "forbiddenNamespaces":["travel"]}]})")
    );
    meta.cluster->age_ms.reset();
    meta.cluster->off.assign(100, {"pods", State::kForbidden, std::string(60, 'x'), {}, 0});
    const std::string header = handlers::meta_header(meta);
    CHECK(header.size() <= handlers::kMaxMetaHeader);
    const json value = json::parse(header);
    CHECK(value["cluster"]["ageMs"].is_null());
    CHECK(value["cut"] == json{{"off", 100 - value["cluster"]["off"].size()}});
}

TEST_CASE("one message longer than the header is cut whole", "[meta]") {
    Meta meta;
    meta.warn("long", std::string(5000, 'x'));
    const std::string header = handlers::meta_header(meta);
    CHECK(header.size() <= handlers::kMaxMetaHeader);
    CHECK(json::parse(header)["cut"]["warnings"] == 1);
}

TEST_CASE("what is absent is not written", "[meta]") {
    const json value = json::parse(handlers::meta_header(Meta{}));
    CHECK(value["asked"].empty());
    CHECK_FALSE(value.contains("covered"));
    CHECK_FALSE(value.contains("cut"));
    CHECK(value["stoppedBy"] == "complete");
    CHECK(value["warnings"] == json::array());
}
