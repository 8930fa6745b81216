#include "clients/otlp/export_answer.hpp"

#include "clients/otlp/proto_writer.hpp"
#include "core/text.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace meshscope::test {
namespace {

using namespace std::chrono_literals;
using namespace clients::otlp;

std::string partial_success(std::uint64_t rejected, const std::string& message) {
    std::string partial;
    ProtoWriter writer(partial);
    writer.number(1, rejected);
    writer.bytes(2, message);
    std::string answer;
    ProtoWriter(answer).message(1, partial);
    return answer;
}

std::string rpc_status(
    std::uint64_t code, const std::string& message, const std::string& any = ""
) {
    std::string status;
    ProtoWriter writer(status);
    writer.number(1, code);
    writer.bytes(2, message);
    writer.bytes(3, any);
    return status;
}

TEST_CASE("a partial success is read in both forms", "[otlp]") {
    struct Row {
        std::string name;
        std::string body;
        std::int64_t rejected;
        std::string message;
    };
    for (const Row& row : std::vector<Row>{
             {"empty", "", 0, ""},
             {"protobuf", partial_success(3, "too old"), 3, "too old"},
             {"a warning only", partial_success(0, "look out"), 0, "look out"},
             {"below zero", partial_success(~std::uint64_t{0}, ""), 0, ""},
             {"JSON", R"({"partialSuccess":{"rejectedSpans":"7","errorMessage":"no"}})", 7, "no"},
             {"JSON number", R"({"partialSuccess":{"rejectedSpans":7}})", 7, ""},
             {"JSON without", "{}", 0, ""},
             {"JSON of another shape", R"({"partialSuccess":[1]})", 0, ""},
             {"a page", "<html>fine</html>", 0, ""},
             {"a word", "OK", 0, ""},
             {"a bad byte", partial_success(1, "a\xFF"), 1, "a\xEF\xBF\xBD"},
             {"cut", partial_success(3, "too old").substr(0, 5), 0, ""}
         }) {
        INFO(row.name);
        const ExportAnswer answer = accepted_answer(row.body);
        CHECK(answer.verdict == Verdict::kAccepted);
        CHECK(answer.rejected == row.rejected);
        CHECK(answer.message == row.message);
    }
}

TEST_CASE("an error body is put into words", "[otlp]") {
    struct Row {
        std::string body;
        std::string type;
        std::string text;
    };
    for (const Row& row : std::vector<Row>{
             {rpc_status(3, "bad trace id"), "application/x-protobuf", "bad trace id"},
             {R"({"code":3,"message":"bad trace id"})", "application/json", "bad trace id"},
             {R"({"code":3,"message":"as text"})", "text/plain", "as text"},
             {"<html><title>502</title>", "text/html; charset=utf-8", ""},
             {"  <!doctype html>", "", ""},
             {"plain\nwords", "text/plain", "plain words"},
             {"", "", ""},
             {std::string("\x0A\xFF\xFF", 3), "application/x-protobuf", ""}
         }) {
        INFO(row.body);
        CHECK(error_text(row.body, row.type) == row.text);
    }
    const std::string longer = error_text(std::string(100'000, 'x'), "text/plain");
    CHECK(longer.size() <= 300);
    CHECK(is_valid_utf8(error_text(std::string(500, '\xC3'), "")));
}

TEST_CASE("Retry-After is seconds or a date", "[otlp]") {
    const SystemTime now = from_micros(1'763'683'200'000'000);  // Fri, 21 Nov 2025 00:00:00 GMT
    CHECK(retry_after("3600", now) == 1h);
    CHECK(retry_after(" 0 ", now) == 0s);
    CHECK(retry_after("-5", now) == 0s);
    CHECK(retry_after("Fri, 21 Nov 2025 00:01:30 GMT", now) == 90s);
    CHECK(retry_after("Thu, 20 Nov 2025 00:00:00 GMT", now) == 0s);
    CHECK(retry_after("99999999999999", now) == std::chrono::hours(365 * 24));
    for (const char* text : {"", "soon", "1.5", "99999999999999999999999", "Fri, 21 Nov 2025"}) {
        INFO(text);
        CHECK_FALSE(retry_after(text, now));
    }
}

TEST_CASE("RetryInfo is found among the details", "[otlp]") {
    std::string duration;
    ProtoWriter(duration).number(1, 2);
    ProtoWriter(duration).number(2, 500'000'000);
    std::string info;
    ProtoWriter(info).message(1, duration);
    const auto any = [](const std::string& type, const std::string& value) {
        std::string text;
        ProtoWriter(text).bytes(1, type);
        ProtoWriter(text).bytes(2, value);
        return text;
    };
    const std::string type = "type.googleapis.com/google.rpc.RetryInfo";
    CHECK(retry_info(rpc_status(8, "slow down", any(type, info))) == 2500ms);
    CHECK(retry_info(rpc_status(8, "slow down", any(type, ""))) == 0ms);
    CHECK_FALSE(retry_info(rpc_status(8, "slow down", any("x/google.rpc.Help", info))));
    CHECK_FALSE(retry_info(rpc_status(8, "slow down")));
    CHECK_FALSE(retry_info(""));
    CHECK_FALSE(retry_info("\xFF\xFF"));
}

}  // namespace
}  // namespace meshscope::test
