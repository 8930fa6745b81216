#include "business/service_name.hpp"

#include <catch2/catch.hpp>

using namespace meshscope::business;

TEST_CASE("what the store calls an application of namespace shop", "[service_name]") {
    struct Row {
        bool selector;
        const char* app;
        const char* expected;
    };
    const Row rows[] = {
        {true, "cart", "cart.shop"},
        {false, "cart", "cart"},
        {true, "ghost", "ghost.shop"},
        {true, "cart.shop.svc.cluster.local", "cart.shop.svc.cluster.local"},
        {false, "cart.svc.cluster.local", "cart.svc.cluster.local"},
        {true, "cart.svc.cluster.local.example", "cart.svc.cluster.local.example.shop"},
        {true, "mysvc.cluster.local", "mysvc.cluster.local.shop"},
        {true, "svc.cluster.local", "svc.cluster.local.shop"},
    };
    for (const Row& row : rows) {
        INFO(row.app << ", selector " << row.selector);
        NamingRule rule;
        rule.namespace_selector = row.selector;
        CHECK(store_service(resolve_app("shop", row.app), rule) == row.expected);
    }
}

TEST_CASE("the namespace added is that of the object that answers", "[service_name]") {
    const ResolvedName waypoint{"cart", "wp", "infra"};
    CHECK(store_service(waypoint, {}) == "wp.infra");
}

TEST_CASE("the identity domain counts at the end and at a label boundary only", "[service_name]") {
    CHECK(has_identity_domain("cart.shop.svc.cluster.local", "svc.cluster.local"));
    CHECK(has_identity_domain("cart.shop.svc.cluster.local", ".svc.cluster.local"));
    CHECK_FALSE(has_identity_domain("cart.svc.cluster.local.eu", "svc.cluster.local"));
    CHECK_FALSE(has_identity_domain("cart.mysvc.cluster.local", "svc.cluster.local"));
    CHECK_FALSE(has_identity_domain("svc.cluster.local", "svc.cluster.local"));
    CHECK_FALSE(has_identity_domain(".svc.cluster.local", "svc.cluster.local"));
    CHECK_FALSE(has_identity_domain("cart", ""));
}

TEST_CASE("no name becomes a bare namespace", "[service_name]") {
    CHECK_FALSE(store_service(resolve_app("shop", "cart"), {}).starts_with('.'));
    CHECK(resolve_app("shop", "cart").lookup == "cart");
}
