#include "tests/unit/kubernetes/decoding.hpp"

#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::clients::kubernetes;
using test::object;
using test::resource;
using Type = WatchEvent::Type;

namespace {

Result<ListPage> list(const std::string& body, std::string_view plural = "pods") {
    static Interner interner;
    return decode_list(resource(plural), body, interner);
}

Result<WatchEvent> event(std::string json, std::string_view plural = "pods") {
    static Interner interner;
    json.reserve(json.size() + 64);
    return decode_event(resource(plural), json, interner);
}

}  // namespace

TEST_CASE("a page of a list") {
    const auto page = list(
        R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"55","continue":"c2","remainingItemCount":7},
           "items":[)" +
        object(R"("resourceVersion":"9")") + "," + object("") + "]}"
    );
    REQUIRE(page.has_value());
    CHECK(page->resource_version == "55");
    CHECK(page->continue_token == "c2");
    CHECK(page->remaining == 7);
    CHECK(page->dropped == 0);
    REQUIRE(page->items.size() == 2);
    CHECK(page->items[0].meta->resource_version == "9");
    CHECK(std::holds_alternative<models::PodPtr>(page->items[0].object));
}

TEST_CASE("items that cannot be read are left out of a page and counted") {
    const auto page = list(
        R"({"kind":"PodList","metadata":null,"items":[null,5,[],"x",{},{"metadata":null},{"metadata":{}},)" +
        object("") + R"(,{"metadata":{"name":"no-uid"}}]})"
    );
    REQUIRE(page.has_value());
    CHECK(page->dropped == 7);
    REQUIRE(page->items.size() == 2);
    CHECK(page->items[1].meta->name == "no-uid");
    CHECK(page->resource_version.empty());
    CHECK(page->continue_token.empty());
    CHECK_FALSE(page->remaining);
}

TEST_CASE("a list without items is empty") {
    for (const std::string body :
         {R"({"kind":"PodList","items":null})",
          R"({"kind":"PodList","items":[]})",
          R"({"kind":"PodList","metadata":{}})",
          R"({"items":[]})"}) {
        CAPTURE(body);
        const auto page = list(body);
        REQUIRE(page.has_value());
        CHECK(page->items.empty());
    }
}

TEST_CASE("what is no list is refused, with what it begins with") {
    struct Row {
        std::string body;
        std::string said;
    };
    const std::vector<Row> rows = {
        {"", "pods"},
        {"<html>502 Bad Gateway</html>", "502 Bad Gateway"},
        {std::string("k8s\0\n\f\n\2v1\x12\4List", 16), "k8s"},
        {R"({"kind":"Status","status":"Failure","code":0})", "Status"},
        {R"({"kind":"Table","rows":[]})", "Table"},
        {R"({"kind":"PodList","items":[)", "PodList"},
        {R"([])", "[]"},
        {R"({"kind":"PodList","items":[{"metadata":{"name":"a"} "x"}]})", "PodList"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.body);
        const auto page = list(row.body);
        REQUIRE_FALSE(page.has_value());
        CHECK(page.error().kind() == ErrorKind::kUpstreamProtocol);
        CHECK(page.error().message().find(row.said) != std::string::npos);
    }
}

TEST_CASE("lists of every kind give objects of that kind") {
    for (const Resource& one : resources()) {
        CAPTURE(one.plural, one.group);
        Interner interner;
        const auto page = decode_list(
            one, R"({"items":[)" + object("", R"("spec":{},"status":{})") + "]}", interner
        );
        REQUIRE(page.has_value());
        REQUIRE(page->items.size() == 1);
        CHECK(page->items[0].meta->name == "a");
        const Object& decoded = page->items[0].object;
        if (one.kind == "Pod") {
            CHECK(std::holds_alternative<models::PodPtr>(decoded));
        } else if (one.group == "apps" || one.group == "batch" ||
                   one.kind == "ReplicationController") {
            CHECK(std::get<models::ControllerPtr>(decoded)->kind.kind == one.kind);
        } else if (!one.group.empty()) {
            CHECK(std::get<models::MeshObjectPtr>(decoded)->kind.kind == one.kind);
        }
    }
}

TEST_CASE("events of a watch") {
    struct Row {
        std::string type;
        Type expected;
    };
    const std::vector<Row> rows = {
        {"ADDED", Type::kAdded}, {"MODIFIED", Type::kModified}, {"DELETED", Type::kDeleted}
    };
    for (const Row& row : rows) {
        const std::string type = R"("type":")" + row.type + '"';
        const std::string changed = R"("object":)" + object(R"("resourceVersion":"77")");
        for (const std::string& json :
             {"{" + type + "," + changed + "}", "{" + changed + "," + type + "}"}) {
            CAPTURE(json);
            const auto read = event(json);
            REQUIRE(read.has_value());
            CHECK(read->type == row.expected);
            CHECK(read->resource_version == "77");
            REQUIRE(read->object);
            CHECK(read->object->meta->name == "a");
        }
    }
}

TEST_CASE("bookmarks move the version only; those of another kind are not for us") {
    struct Row {
        std::string object;
        Type type;
        std::string version;
        bool initial_end;
    };
    const std::vector<Row> rows = {
        {R"({"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"80","creationTimestamp":null},"spec":{"containers":null}})",
         Type::kBookmark,
         "80",
         false},
        {R"({"kind":"PartialObjectMetadata","metadata":{"resourceVersion":"80"}})",
         Type::kBookmark,
         "80",
         false},
        {R"({"metadata":{"resourceVersion":"80","annotations":{"k8s.io/initial-events-end":"true"}}})",
         Type::kBookmark,
         "80",
         true},
        {R"({"metadata":{"resourceVersion":"80","annotations":{"k8s.io/initial-events-end":"false"}}})",
         Type::kBookmark,
         "80",
         false},
        {R"({"kind":"Pod","metadata":{}})", Type::kBookmark, "", false},
        {R"({"kind":"Service","metadata":{"resourceVersion":"80"}})", Type::kUnknown, "", false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.object);
        const auto read = event(R"({"type":"BOOKMARK","object":)" + row.object + "}");
        REQUIRE(read.has_value());
        CHECK(read->type == row.type);
        CHECK(read->resource_version == row.version);
        CHECK(read->initial_end == row.initial_end);
        CHECK_FALSE(read->object);
    }
}

TEST_CASE("errors in a watch say their code, if they have one") {
    struct Row {
        std::string json;
        unsigned code;
        std::string reason;
    };
    const std::vector<Row> rows = {
        {R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}})",
         410,
         "Expired"},
        {R"({"type":"ERROR","object":{"kind":"Status","code":0}})", 0, ""},
        {R"({"type":"ERROR","object":{"code":-5,"reason":null}})", 0, ""},
        {R"({"type":"ERROR","object":"boom"})", 0, ""},
        {R"({"type":"ERROR","object":null})", 0, ""},
        {R"({"type":"ERROR"})", 0, ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.json);
        const auto read = event(row.json);
        REQUIRE(read.has_value());
        CHECK(read->type == Type::kError);
        CHECK(read->code == row.code);
        CHECK(read->reason == row.reason);
        CHECK(read->resource_version.empty());
    }
}

TEST_CASE("events of an unknown type are passed over; those without their object are refused") {
    for (const std::string json :
         {R"({"type":"RENAMED","object":{"metadata":{"name":"a","resourceVersion":"5"}}})",
          R"({"type":null})",
          R"({"object":{"metadata":{"name":"a"}}})",
          "{}"}) {
        CAPTURE(json);
        const auto read = event(json);
        REQUIRE(read.has_value());
        CHECK(read->type == Type::kUnknown);
        CHECK(read->resource_version.empty());
        CHECK_FALSE(read->object);
    }
    for (const std::string json :
         {R"({"type":"ADDED"})",
          R"({"type":"ADDED","object":null})",
          R"({"type":"MODIFIED","object":{}})",
          R"({"type":"DELETED","object":[{"metadata":{"name":"a"}}]})",
          R"({"type":"ADDED","object":{"metadata":)",
          "[]x",
          "",
          "<html>"}) {
        CAPTURE(json);
        const auto read = event(json);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().kind() == ErrorKind::kUpstreamProtocol);
    }
}
