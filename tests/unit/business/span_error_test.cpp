#include "business/span_facts.hpp"
#include "tests/unit/business/facts_fixture.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using models::Span;
using models::SpanKind;
using models::StatusCode;
using models::Tag;
using tests::FactsTrace;

namespace {

struct Row {
    std::string_view name;
    std::vector<Tag> tags;
    bool is_error = false;
    std::string_view rule;
    ErrorClass error_class = ErrorClass::kNone;
    StatusCode status = StatusCode::kUnset;
    std::vector<Tag> event = {};  // fields of a log
    Confidence confidence = Confidence::kHigh;
};

ErrorFact judge(const Row& row) {
    FactsTrace build;
    Span& span = build.span(1, 0, {0, 1}, row.tags);
    span.status = row.status;
    if (!row.event.empty()) {
        const std::vector<models::Log> logs{build.log(row.event)};
        span.logs = build.keep(logs);
    }
    const auto trace = build.finish();
    const auto errors = error_facts(*trace);
    REQUIRE(errors.size() == 1);
    const TraceFacts facts = trace_facts(*trace, Masker());
    CHECK(facts.spans[0].error.rule == errors[0].rule);
    CHECK(facts.errors == (errors[0].is_error ? 1 : 0));
    return errors[0];
}

void check(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const ErrorFact error = judge(row);
        CHECK(error.is_error == row.is_error);
        CHECK(error.rule == row.rule);
        CHECK(to_string(error.error_class) == to_string(row.error_class));
        CHECK(error.confidence == row.confidence);
    }
}

Tag text(std::string_view key, std::string_view value) { return Tag::string(key, value); }

const Tag kEnvoy = Tag::string("component", "proxy");
const Tag kKrakend = Tag::string("krakend.stage", "proxy");
const Tag kClient = Tag::string("span.kind", "client");
const Tag kServer = Tag::string("span.kind", "server");

constexpr auto kApplicationError = ErrorClass::kApplication;

}  // namespace

TEST_CASE("error: the native status beats everything", "[facts][error]") {
    check({
        {"nothing said", {}, false, ""},
        {"status", {}, true, "status", kApplicationError, StatusCode::kError},
        {"status against error=false",
         {Tag::boolean("error", false)},
         true,
         "status",
         kApplicationError,
         StatusCode::kError},
        {"status ok decides nothing",
         {text("http.status_code", "500")},
         true,
         "http status 5xx",
         ErrorClass::kServer,
         StatusCode::kOk},
        {"as an attribute",
         {text("otel.status_code", "ERROR"), Tag::boolean("error", false)},
         true,
         "otel.status_code",
         kApplicationError},
        {"as an attribute: ok", {text("otel.status_code", "OK")}, false, ""},
        {"class from HTTP",
         {Tag::integer("http.status_code", 503)},
         true,
         "status",
         ErrorClass::kServer,
         StatusCode::kError},
        {"class from HTTP 4xx",
         {Tag::integer("http.status_code", 404)},
         true,
         "status",
         ErrorClass::kClient,
         StatusCode::kError},
    });
}

TEST_CASE("error: the error tag in all its forms", "[facts][error]") {
    const auto yes = [](std::string_view name, Tag tag) {
        return Row{name, {tag}, true, "error=true", kApplicationError};
    };
    const auto no = [](std::string_view name, Tag tag) {
        return Row{name, {tag}, false, "error=false"};
    };
    const auto none = [](std::string_view name, Tag tag) { return Row{name, {tag}, false, ""}; };
    check({
        yes("bool", Tag::boolean("error", true)),
        yes("true", text("error", "true")),
        yes("True", text("error", "True")),
        yes("TRUE", text("error", "TRUE")),
        yes("1", text("error", "1")),
        yes("number 1", Tag::integer("error", 1)),
        no("bool", Tag::boolean("error", false)),
        no("false", text("error", "false")),
        no("False", text("error", "False")),
        no("0", text("error", "0")),
        no("no", text("error", "NO")),
        no("number 0", Tag::integer("error", 0)),
        none("other number", Tag::integer("error", 7)),
        none("fraction", Tag::number("error", 1.0)),
        none("bytes", Tag::binary("error", "true")),
        none("another key", text("errors", "true")),
        {"text of six", {text("error", "failed")}, true, "error text", kApplicationError},
        {"text of five", {text("error", "bad:x")}, false, ""},
        {"short text of KrakenD",
         {text("error", "EOF"), kKrakend},
         true,
         "error text",
         kApplicationError},
        {"KrakenD's false", {text("error", "false"), kKrakend}, false, "error=false"},
        {"KrakenD's text",
         {text("error", "context deadline exceeded"), kKrakend},
         true,
         "error text",
         kApplicationError},
    });
}

TEST_CASE("error=false beats every clause but the native status", "[facts][error]") {
    const Tag no = Tag::boolean("error", false);
    check({
        {"HTTP", {no, text("http.status_code", "503")}, false, "error=false"},
        {"HTTP 0", {no, text("http.status_code", "0"), kEnvoy}, false, "error=false"},
        {"gRPC", {no, text("grpc.status_code", "14")}, false, "error=false"},
        {"flags", {no, text("response_flags", "UF")}, false, "error=false"},
        {"exception",
         {no},
         false,
         "error=false",
         ErrorClass::kNone,
         StatusCode::kUnset,
         {text("event", "exception"), Tag::boolean("exception.escaped", true)}},
    });
}

TEST_CASE("error: an empty error tag counts on Zipkin's spans only", "[facts][error]") {
    const Tag empty = text("error", "");
    const std::vector<Tag> annotation{text("event", "sr")};
    check({
        {"format zipkin",
         {empty, text("internal.span.format", "zipkin")},
         true,
         "empty error tag",
         kApplicationError,
         StatusCode::kUnset,
         {},
         Confidence::kLow},
        {"annotation",
         {empty},
         true,
         "empty error tag",
         kApplicationError,
         StatusCode::kUnset,
         annotation,
         Confidence::kLow},
        {"nothing of Zipkin", {empty}, false, ""},
        {"format otlp",
         {empty, text("internal.span.format", "otlp")},
         false,
         "",
         ErrorClass::kNone,
         StatusCode::kUnset,
         annotation},
        {"OpenTelemetry scope",
         {empty, text("otel.scope.name", "x")},
         false,
         "",
         ErrorClass::kNone,
         StatusCode::kUnset,
         annotation},
        {"native status", {empty}, false, "", ErrorClass::kNone, StatusCode::kOk, annotation},
    });
}

TEST_CASE("error: HTTP status", "[facts][error]") {
    check({
        {"500",
         {text("http.status_code", "500"), kServer},
         true,
         "http status 5xx",
         ErrorClass::kServer},
        {"599 new name",
         {Tag::integer("http.response.status_code", 599)},
         true,
         "http status 5xx",
         ErrorClass::kServer},
        {"500 at a client",
         {Tag::integer("http.status_code", 500), kClient},
         true,
         "http status 5xx",
         ErrorClass::kServer},
        {"new name wins",
         {Tag::integer("http.status_code", 500), Tag::integer("http.response.status_code", 200)},
         false,
         ""},
        {"404 at a client",
         {text("http.status_code", "404"), kClient},
         true,
         "http status 4xx",
         ErrorClass::kClient},
        {"400 at a client",
         {text("http.status_code", "400"), kClient},
         true,
         "http status 4xx",
         ErrorClass::kClient},
        {"399 at a client", {text("http.status_code", "399"), kClient}, false, ""},
        {"404 at a server", {text("http.status_code", "404"), kServer}, false, ""},
        {"404 inside", {text("http.status_code", "404")}, false, ""},
        {"499 at a server", {text("http.status_code", "499"), kServer}, false, ""},
        {"600 is no status", {text("http.status_code", "600")}, false, ""},
        {"99 is no status", {text("http.status_code", "99"), kClient}, false, ""},
        {"text", {text("http.status_code", "500 Internal")}, false, ""},
        {"0 of Envoy",
         {text("http.status_code", "0"), kEnvoy},
         true,
         "http status 0",
         ErrorClass::kTransport},
        {"0 of a node",
         {text("http.status_code", "0"), text("node_id", "sidecar~1.2.3.4~a.b~d")},
         true,
         "http status 0",
         ErrorClass::kTransport},
        {"0 of an application", {text("http.status_code", "0")}, false, ""},
        {"0 of KrakenD", {Tag::integer("http.response.status_code", 0), kKrakend}, false, ""},
        {"KrakenD says Ok on 500",
         {Tag::integer("http.response.status_code", 500), kKrakend},
         true,
         "http status 5xx",
         ErrorClass::kServer,
         StatusCode::kOk},
    });
}

TEST_CASE("error: gRPC status", "[facts][error]") {
    const auto failed = [](std::string_view key, std::string_view value) {
        return Row{value, {text(key, value)}, true, "grpc status", ErrorClass::kServer};
    };
    const auto fine = [](std::string_view value) {
        return Row{value, {text("grpc.status_code", value)}, false, ""};
    };
    check({
        failed("grpc.status_code", "2"),
        failed("grpc.status_code", "4"),
        failed("grpc.status_code", "8"),
        failed("grpc.status_code", "12"),
        failed("grpc.status_code", "13"),
        failed("grpc.status_code", "14"),
        failed("grpc.status_code", "15"),
        failed("rpc.status_code", "UNAVAILABLE"),
        failed("rpc.response.status_code", "DEADLINE_EXCEEDED"),
        failed("rpc.status_code", "DeadlineExceeded"),
        failed("rpc.connect_rpc.error_code", "data_loss"),
        fine("0"),
        fine("1"),
        fine("3"),
        fine("5"),
        fine("6"),
        fine("7"),
        fine("9"),
        fine("10"),
        fine("11"),
        fine("16"),
        fine("17"),
        fine("-1"),
        fine("OK"),
        fine("Canceled"),
        fine("what"),
        {"number",
         {Tag::integer("rpc.grpc.status_code", 14)},
         true,
         "grpc status",
         ErrorClass::kServer},
        {"HTTP 200 beside it",
         {text("http.status_code", "200"), text("grpc.status_code", "13")},
         true,
         "grpc status",
         ErrorClass::kServer},
    });
}

TEST_CASE("error: response flags count when there is no status", "[facts][error]") {
    check({
        {"no status",
         {text("response_flags", "UF,URX")},
         true,
         "response flags",
         ErrorClass::kTransport},
        {"status 0 of an application",
         {text("response_flags", "UC"), text("http.status_code", "0")},
         true,
         "response flags",
         ErrorClass::kTransport},
        {"other name",
         {text("envoy.response_flags", "UH")},
         true,
         "response flags",
         ErrorClass::kTransport},
        {"status 200", {text("response_flags", "DC"), text("http.status_code", "200")}, false, ""},
        {"dash", {text("response_flags", "-")}, false, ""},
        {"empty", {text("response_flags", "")}, false, ""},
    });
}

TEST_CASE("error: an exception that left the span", "[facts][error]") {
    const Tag event = text("event", "exception");
    const auto row = [](std::string_view name, std::vector<Tag> fields, bool is_error) {
        return Row{
            name,
            {},
            is_error,
            is_error ? "exception event" : "",
            is_error ? kApplicationError : ErrorClass::kNone,
            StatusCode::kUnset,
            std::move(fields)
        };
    };
    check({
        row("escaped", {event, Tag::boolean("exception.escaped", true)}, true),
        row("escaped as text", {event, text("exception.escaped", "True")}, true),
        row("caught", {event, Tag::boolean("exception.escaped", false)}, false),
        row("not said", {event, text("exception.type", "E")}, false),
        row("another event", {text("event", "log"), Tag::boolean("exception.escaped", true)}, false
        ),
    });
}
