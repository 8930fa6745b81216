#include "clients/kubernetes/list_pages.hpp"

#include "clients/kubernetes/discovery.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace meshscope;
using namespace meshscope::clients::kubernetes;

namespace {

using Then = ListPages::Then;

const Resource& resource_of(std::string_view plural, std::string_view group = "") {
    for (const Resource& resource : resources()) {
        if (resource.plural == plural && resource.group == group) {
            return resource;
        }
    }
    throw std::logic_error("no such resource");
}

ListPage page_of(std::size_t items, std::string token, std::string version = "100") {
    ListPage page;
    page.items.resize(items);
    page.continue_token = std::move(token);
    page.resource_version = std::move(version);
    page.dropped = 1;
    return page;
}

}  // namespace

TEST_CASE("paths and forms of lists") {
    const Resource& pods = resource_of("pods");
    CHECK(list_path(pods, "v1", "") == "/api/v1/pods");
    CHECK(list_path(pods, "v1", "team-a") == "/api/v1/namespaces/team-a/pods");
    CHECK(
        list_path(resource_of("gateways", "networking.istio.io"), "v1beta1", "") ==
        "/apis/networking.istio.io/v1beta1/gateways"
    );
    CHECK(list_accept(Detail::kWhole) == "application/json");
    CHECK(
        list_accept(Detail::kMetadata).starts_with("application/json;as=PartialObjectMetadataList;")
    );
    CHECK(object_accept(Detail::kMetadata).starts_with("application/json;as=PartialObjectMetadata;")
    );
    CHECK(list_accept(Detail::kMetadata).ends_with(",application/json"));
}

TEST_CASE(
    "a list is asked for in pages, the first without a version, the others with the token only"
) {
    Patience patience;
    ListPages pages("/api/v1/pods", patience);
    CHECK(pages.target() == "/api/v1/pods?limit=500");
    CHECK(pages.take(page_of(2, "a/b=")) == Then::kMore);
    CHECK(pages.target() == "/api/v1/pods?limit=500&continue=a%2Fb%3D");
    CHECK(pages.take(page_of(3, "c")) == Then::kMore);
    CHECK(pages.take(page_of(1, "")) == Then::kDone);
    CHECK(pages.resource_version() == "100");
    CHECK(pages.dropped() == 3);
    CHECK(pages.take_items().size() == 6);
}

TEST_CASE("pages that expire: from the beginning, then without pages, then not any more") {
    Patience patience;
    ListPages pages("/p", patience);
    pages.take(page_of(2, "a"));
    CHECK(pages.expire() == Then::kMore);
    CHECK(pages.target() == "/p?limit=500");
    pages.take(page_of(2, "a"));
    CHECK(pages.expire() == Then::kMore);
    CHECK(pages.target() == "/p");
    SECTION("and then it comes") {
        CHECK(pages.take(page_of(5, "", "200")) == Then::kDone);
        CHECK(pages.take_items().size() == 5);
        CHECK(pages.resource_version() == "200");
    }
    SECTION("and again") {
        CHECK(pages.expire() == Then::kMore);
        CHECK(pages.expire() == Then::kFailed);
        CHECK(pages.problem().find("expires") != std::string::npos);
    }
}

TEST_CASE("pages that never end, and a list that cannot be watched from, are failures") {
    Patience patience;
    patience.most_pages = 10;
    ListPages pages("/p", patience);
    SECTION("the same token again") {
        CHECK(pages.take(page_of(1, "a")) == Then::kMore);
        CHECK(pages.take(page_of(1, "a")) == Then::kFailed);
    }
    SECTION("always another token") {
        Then then = Then::kMore;
        int count = 0;
        for (; then == Then::kMore && count < 100; ++count) {
            then = pages.take(page_of(1, "t" + std::to_string(count)));
        }
        CHECK(then == Then::kFailed);
        CHECK(count == 10);
    }
    SECTION("no version") { CHECK(pages.take(page_of(1, "", "")) == Then::kFailed); }
    CHECK_FALSE(pages.problem().empty());
    CHECK(pages.take_items().empty());
}

TEST_CASE("versions of a group, the favourite first") {
    CHECK(
        served_versions(
            R"({"kind":"APIGroup","name":"g","versions":[{"groupVersion":"g/v1","version":"v1"},)"
            R"({"version":"v1beta1"},{"version":"v1"},{"version":"../x"},{"version":"V2"},{}],)"
            R"("preferredVersion":{"groupVersion":"g/v1beta1","version":"v1beta1"}})"
        ) == std::vector<std::string>{"v1beta1", "v1"}
    );
    for (const char* body :
         {"", "404 page not found", "{}", R"({"kind":"Status","versions":[{"version":"v1"}]})"}) {
        CHECK(served_versions(body).empty());
    }
}

TEST_CASE("the page behind is known from the head of the one before, or not at all") {
    const Patience patience;
    const ListPages pages("/p", patience);
    struct Row {
        std::string body;
        std::string target;
    };
    const Row rows[] = {
        {R"({"metadata":{"resourceVersion":"1","continue":"a/b="},"items":[]})",
         "/p?limit=500&continue=a%2Fb%3D"},
        {R"({"metadata":{"continue":""},"items":[]})", ""},
        {R"({"metadata":{},"items":[{"continue":"of-an-item"}]})", ""},
        {R"({"items":[],"metadata":{"continue":"late"}})", ""},
        {R"({"metadata":{"continue":"with\"escape"},"items":[]})", ""},
        {R"({"metadata":{"continue":"cut off)", ""},
        {std::string(9'000, ' ') + R"({"metadata":{"continue":"far"},"items":[]})", ""},
        {"", ""},
    };
    for (const Row& row : rows) {
        INFO(row.body.substr(0, 80));
        CHECK(pages.target_behind(row.body) == row.target);
    }
}
