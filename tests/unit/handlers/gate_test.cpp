#include "handlers/gate.hpp"

#include "business/access.hpp"
#include "handlers/bind.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>

namespace meshscope::handlers {

namespace {

// Tells who came through.
Awaitable<server::Response> who(
    const Parts& /*parts*/, RequestContext context, const server::Request& /*request*/
) {
    const std::string name = context.caller.name.empty() ? "nobody" : context.caller.name;
    co_return server::Response::json(name + (context.caller.cluster_wide ? " sees all" : ""));
}

server::Response call(const Parts& parts, Entry entry, RequestContext context = {}) {
    const server::Handler handler = bind(parts, entry, who);
    const server::Request request;
    context.request_id = "request-7";
    return test::run_coroutine<server::Response>([&] { return handler(context, request); });
}

std::string text(const server::Response& response) { return std::get<std::string>(response.body); }

}  // namespace

TEST_CASE("what a route's entry lets in", "[gate]") {
    struct Row {
        const char* what;
        bool anonymous;  // nobody logs in; else nobody is let in
        Entry entry;
        unsigned status;
        const char* caller;  // of who came through
    };
    const Row row = GENERATE_COPY(values<Row>({
        {"open, anonymous", true, Entry::kOpen, 200, "nobody"},
        {"optional, anonymous", true, Entry::kOptional, 200, "anonymous sees all"},
        {"signed in, anonymous", true, Entry::kSignedIn, 200, "anonymous sees all"},
        {"open, nobody", false, Entry::kOpen, 200, "nobody"},
        {"optional, nobody", false, Entry::kOptional, 200, "nobody"},
        {"signed in, nobody", false, Entry::kSignedIn, 401, ""},
    }));
    INFO(row.what);
    Parts parts;
    if (row.anonymous) {
        parts.everybody = business::anonymous_caller();
    }
    const server::Response response = call(parts, row.entry);
    CHECK(response.status == row.status);
    if (row.status == 200) {
        CHECK(text(response) == row.caller);
    } else {
        CHECK(text(response).find("\"code\":\"unauthenticated\"") != std::string::npos);
        CHECK(text(response).find("request-7") != std::string::npos);
    }
}

TEST_CASE("the gate alone says who calls", "[gate]") {
    RequestContext forged;
    forged.caller = business::anonymous_caller();
    CHECK(call({}, Entry::kSignedIn, forged).status == 401);
    CHECK(text(call({}, Entry::kOptional, forged)) == "nobody");
}

}  // namespace meshscope::handlers
