#include "clients/kubernetes/api_fault.hpp"

#include "tests/unit/kubernetes/api_fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::clients::kubernetes;
using namespace meshscope::test;
using namespace std::chrono_literals;

namespace {

HttpResponse answer(unsigned status, std::string body, std::string type = "application/json") {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.headers = {{"content-type", std::move(type)}};
    return response;
}

std::optional<ApiFault> fault(const HttpResponse& response) {
    return fault_of(response, from_micros(1'763'683'200'000'000));
}

}  // namespace

TEST_CASE("what is a fault and what is data") {
    struct Row {
        const char* name;
        HttpResponse response;
        unsigned http;  // 0: no fault
        std::string reason;
        std::string message;
    };
    const Row rows[] = {
        {"data", answer(200, R"({"kind":"PodList","items":[]})"), 0, "", ""},
        {"a success", answer(200, R"({"kind":"Status","status":"Success"})"), 0, "", ""},
        {"data that speaks of Status",
         answer(200, R"({"kind":"Pod","status":{"kind":"Status"},"x":"Status"})"),
         0,
         "",
         ""},
        {"a failure with 200",
         answer(200, status_body(409, "Conflict", "busy")),
         409,
         "Conflict",
         "busy"},
        {"a failure with 200 and code 0",
         answer(200, R"({"kind":"Status","status":"Failure","code":0})"),
         500,
         "",
         ""},
        {"a Status",
         answer(403, status_body(403, "Forbidden", "pods is forbidden")),
         403,
         "Forbidden",
         "pods is forbidden"},
        {"code 0",
         answer(404, R"({"kind":"Status","status":"Failure","code":0,"message":"m"})"),
         404,
         "",
         "m"},
        {"without a reason", answer(500, R"({"kind":"Status"})"), 500, "", ""},
        {"reason null",
         answer(500, R"({"kind":"Status","reason":null,"message":null})"),
         500,
         "",
         ""},
        {"flow control",
         answer(429, "Too many requests, please try again later.\n", "text/plain"),
         429,
         "",
         "Too many requests, please try again later."},
        {"no such group",
         answer(404, "404 page not found\n", "text/plain"),
         404,
         "",
         "404 page not found"},
        {"broken JSON",
         answer(500, R"({"kind":"Status","mess)"),
         500,
         "",
         R"({"kind":"Status","mess)"},
        {"nothing", answer(503, ""), 503, "", ""},
        {"blanks", answer(503, std::string(64, ' ')), 503, "", ""},
        {"blanks before a Status",
         answer(503, std::string(64, ' ') + R"({"kind":"Status","message":"m"})"),
         503,
         "",
         R"({"kind":"Status","message":"m"})"},
        {"a page", answer(502, "<html><h1>Bad gateway</h1>", "text/html"), 502, "", ""},
        {"a page by another type", answer(502, " <!DOCTYPE html><p>", "text/plain"), 502, "", ""},
    };
    for (const Row& row : rows) {
        INFO(row.name);
        const auto found = fault(row.response);
        REQUIRE(found.has_value() == (row.http != 0));
        if (found) {
            CHECK(found->http == row.http);
            CHECK(found->reason == row.reason);
            CHECK(found->message == row.message);
            CHECK(
                found->is_page ==
                (std::string(row.name).find("page") != std::string::npos && row.http == 502)
            );
        }
    }
}

TEST_CASE("how long to wait, and a server that is behind") {
    HttpResponse response = answer(429, "later", "text/plain");
    CHECK_FALSE(fault(response)->retry_after);
    response.headers.emplace_back("retry-after", "5");
    CHECK(fault(response)->retry_after == 5s);
    response.headers.back().second = "99999999";
    CHECK(fault(response)->retry_after == 60s);
    response = answer(500, R"({"kind":"Status","code":500,"details":{"retryAfterSeconds":7}})");
    CHECK(fault(response)->retry_after == 7s);
    CHECK_FALSE(fault(response)->too_large_version);
    response = answer(
        504,
        R"({"kind":"Status","code":504,"details":{"causes":[{"reason":"x"},{"reason":"ResourceVersionTooLarge","message":"m"}],"retryAfterSeconds":1}})"
    );
    CHECK(fault(response)->too_large_version);
    CHECK(fault(response)->retry_after == 1s);
    CHECK(fault(answer(500, "Too large resource version: 12, current: 3"))->too_large_version);
}

TEST_CASE("what the server says is short, printable and without credentials") {
    const auto found = fault(answer(
        403,
        status_body(
            403,
            "Forbidden",
            "Bearer abcdefghijklmnopqrstuvwxyz0123456789 is\\nno good \\u0007" +
                std::string(2000, 'x')
        )
    ));
    CHECK(found->message.size() <= 500);
    CHECK(found->message.find("abcdefghij") == std::string::npos);
    CHECK(found->message.find('\n') == std::string::npos);
    CHECK(found->message.find('\a') == std::string::npos);
    CHECK(found->message.ends_with("..."));
}

TEST_CASE("each fault is the error of who asked") {
    struct Row {
        unsigned http;
        bool is_status;
        ErrorKind of_caller;
        ErrorKind of_server;
    };
    const Row rows[] = {
        {400, true, ErrorKind::kInvalidArgument, ErrorKind::kInvalidArgument},
        {401, true, ErrorKind::kUnauthenticated, ErrorKind::kUpstreamAuth},
        {401, false, ErrorKind::kUpstreamProtocol, ErrorKind::kUpstreamProtocol},
        {403, true, ErrorKind::kForbidden, ErrorKind::kUpstreamAuth},
        {404, true, ErrorKind::kNotFound, ErrorKind::kNotFound},
        {404, false, ErrorKind::kUpstreamProtocol, ErrorKind::kUpstreamProtocol},
        {405, true, ErrorKind::kUpstreamProtocol, ErrorKind::kUpstreamProtocol},
        {409, true, ErrorKind::kConflict, ErrorKind::kConflict},
        {422, true, ErrorKind::kInvalidArgument, ErrorKind::kInvalidArgument},
        {429, false, ErrorKind::kRateLimited, ErrorKind::kRateLimited},
        {500, true, ErrorKind::kUpstreamUnavailable, ErrorKind::kUpstreamUnavailable},
        {503, false, ErrorKind::kUpstreamUnavailable, ErrorKind::kUpstreamUnavailable},
    };
    for (const Row& row : rows) {
        INFO(row.http);
        ApiFault fault;
        fault.http = row.http;
        fault.is_status = row.is_status;
        fault.message = "its words";
        CHECK(error_of(fault, "/api/v1/x?y", true).kind() == row.of_caller);
        const Error error = error_of(fault, "/api/v1/x?y=secret", false);
        CHECK(error.kind() == row.of_server);
        CHECK(error.upstream() == "kubernetes");
        CHECK(error.detail() == "/api/v1/x: status " + std::to_string(row.http));
    }
    ApiFault forbidden;
    forbidden.http = 403;
    forbidden.is_status = true;
    forbidden.message = "User \"u\" cannot list pods";
    CHECK(error_of(forbidden, "/x", false).message().find("cannot list pods") != std::string::npos);
    CHECK(error_of(forbidden, "/x", false).hint().advice.find("role") != std::string::npos);
}
