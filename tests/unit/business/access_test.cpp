#include "business/access.hpp"

#include <catch2/catch.hpp>

#include <memory>

namespace meshscope::business {

TEST_CASE("the default caller is nobody: sees nothing and may call nothing", "[access]") {
    const CallerAccess access;
    const Caller nobody;
    CHECK(nobody.name.empty());
    CHECK(nobody.credentials == nullptr);
    CHECK_FALSE(access.sees_all(nobody));
    CHECK_FALSE(access.visible(nobody, "shop"));
    CHECK_FALSE(access.visible(nobody, ""));
    CHECK_FALSE(RequestContext().caller.cluster_wide);
}

TEST_CASE("anonymous callers see all and act with the server's account", "[access]") {
    const CallerAccess access;
    const Caller caller = anonymous_caller();
    CHECK(access.sees_all(caller));
    CHECK(access.visible(caller, "shop"));
    CHECK(access.visible(caller, ""));
    REQUIRE(caller.credentials);
    CHECK(caller.credentials->server_account);
    CHECK(caller.credentials->token.empty());
    CHECK(caller.credentials->key.size() == 64);
}

TEST_CASE("a caller with rights to some namespaces sees those by their exact name", "[access]") {
    const CallerAccess access;
    auto visible = std::make_shared<VisibleNamespaces>();
    visible->names = {"bookinfo", "shop"};
    Caller caller;
    caller.name = "viewer";
    caller.visible = visible;
    CHECK_FALSE(access.sees_all(caller));
    CHECK(access.visible(caller, "bookinfo"));
    CHECK(access.visible(caller, "shop"));
    for (const char* other : {"", "sho", "shop2", "Shop", "travel", "*"}) {
        INFO(other);
        CHECK_FALSE(access.visible(caller, other));
    }
    visible->names = {""};  // a namespace without a name opens nothing
    CHECK_FALSE(access.visible(caller, ""));
}

TEST_CASE("a refusal tells nothing but the name that was asked for", "[access]") {
    const CallerAccess access;
    const auto refused = refuse_namespace(access, {}, "shop");
    REQUIRE(refused);
    CHECK(refused->kind() == ErrorKind::kForbidden);
    CHECK(refused->message() == "namespace 'shop' is not accessible to you");
    CHECK(refused->detail().empty());
    CHECK_FALSE(refuse_namespace(access, anonymous_caller(), "shop"));
}

}  // namespace meshscope::business
