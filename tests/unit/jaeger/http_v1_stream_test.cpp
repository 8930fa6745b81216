#include "clients/jaeger/http_v1_stream.hpp"

#include "clients/jaeger/http_v1_decoder.hpp"
#include "tests/support/trace_text.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::clients::jaeger;

namespace {

constexpr std::size_t kPlenty = 1'000'000'000;

std::string read_data(const std::string& name) {
    std::ifstream file(std::string(MESHSCOPE_SOURCE_DIR) + "/tests/data/jaeger/" + name);
    REQUIRE(file.is_open());
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

Result<TraceBatch> streamed(
    const std::string& body,
    std::size_t step,
    std::optional<Error> incomplete = std::nullopt,
    std::size_t memory_limit = kPlenty
) {
    const auto stream = make_v1_trace_stream(memory_limit);
    for (std::size_t at = 0; at < body.size(); at += step) {
        std::string piece = body.substr(at, step);
        piece.reserve(piece.size() + 64);
        if (!stream->add(piece)) {
            break;
        }
    }
    return stream->finish(incomplete);
}

std::string text_of(const Result<TraceBatch>& batch) {
    if (!batch) {
        return "error: " + batch.error().message();
    }
    std::string text = test::traces_text(batch->traces);
    text += "stopped by " + std::to_string(static_cast<int>(batch->stopped_by)) + "\n";
    for (const StoreWarning& warning : batch->warnings) {
        text += warning.code + ": " + warning.message + "\n";
    }
    for (const StoreError& error : batch->errors) {
        text += std::to_string(error.code) + " " + error.message + "\n";
    }
    for (const Dropped& dropped : batch->dropped) {
        text += dropped.reason + " " + std::to_string(dropped.count) + "\n";
    }
    return text;
}

std::string tag(const std::string& key, const std::string& value) {
    return R"({"key":")" + key + R"(","type":"string","value":")" + value + R"("})";
}

// As Jaeger writes it.
std::string plain_span(int id, int parent, const std::string& process) {
    std::string references = "[]";
    if (parent != 0) {
        references = R"([{"refType":"CHILD_OF","traceID":"2a","spanID":")" +
                     std::to_string(parent) + R"("}])";
    }
    return R"({"traceID":"2a","spanID":")" + std::to_string(id) +
           R"(","operationName":"GET \u002fa","references":)" + references + R"(,"startTime":)" +
           std::to_string(1'763'683'200'000'000 + id) + R"(,"duration":7,"tags":[)" +
           tag("component", "proxy") + "," + tag("guid", "g" + std::to_string(id)) + "," +
           tag("text", R"(a \"quoted\" {[\\)") +
           R"(,{"key":"n","type":"int64","value":5}],"logs":[{"timestamp":1,"fields":[)" +
           tag("event", "e") + R"(]}],"processID":")" + process + R"(","warnings":null})";
}

std::string processes() {
    return R"("processes":{"p1":{"serviceName":"one","tags":[)" + tag("ip", "10.0.0.1") +
           R"(]},"p2":{"serviceName":"two","tags":[]}})";
}

std::string two_traces() {
    return R"({"data":[{"traceID":"2a","spans":[)" + plain_span(1, 0, "p1") + "," +
           plain_span(2, 1, "p2") + "," + plain_span(3, 1, "p9") + "]," + processes() +
           R"(,"warnings":null},{"traceID":"2b","spans":[)" + plain_span(4, 0, "p2") + "]," +
           processes() + R"(,"warnings":["odd"]}],"total":0,"limit":0,"offset":0,"errors":null})";
}

// Tags that repeat from span to span in one place, change there, and look alike.
std::string repeating_tags() {
    const std::vector<std::string> tags{
        tag("a", "1"),
        tag("a", "12"),
        tag("a", "long enough to be looked for"),
        tag("a", R"(\u00e9 \"}],)"),
        tag("a", ""),
        R"({"key":"a","type":"int64","value":1})",
        R"({"key":"a","type":"int64","value":12})",
        R"({"key":"a","type":"float64","value":1.5})",
        R"({"key":"a","type":"bool","value":true})",
        tag("b", "1"),
    };
    std::string spans;
    for (std::size_t i = 0; i < 120; ++i) {
        spans += i == 0 ? "" : ",";
        spans += R"({"traceID":"2a","spanID":")" + std::to_string(i + 1) +
                 R"(","operationName":"o","references":[],"startTime":1,"duration":7,"tags":[)" +
                 tags[i / 3 % tags.size()] + "," + tags[i * 7 % 11 % tags.size()] + "," +
                 tag("guid", "a value of its own " + std::to_string(i)) +
                 (i % 4 == 0 ? "," + tags[i % tags.size()] : "") +
                 R"(],"logs":[],"processID":"p1","warnings":null})";
    }
    return R"({"data":[{"traceID":"2a","spans":[)" + spans + "]," + processes() +
           R"(,"warnings":null}],"total":0,"limit":0,"offset":0,"errors":null})";
}

std::vector<std::string> documents() {
    std::vector<std::string> out{
        two_traces(),
        repeating_tags(),
        read_data("bookinfo_mixer_trace.json"),
        R"({"data":[]})",
        R"({"data":null,"errors":[{"code":500,"msg":"storage","traceID":"2a"}]})",
        // the trace around the spans says the rest, in any order
        R"({"errors":[{"code":1,"msg":"m"}],"data":[{"processes":{"p":{"serviceName":"s"}},"spans":[)"
        R"({"spanID":"1","traceID":"7","processID":"p","tags":[{"key":"b","type":"binary","value":"aGk="}]},)"
        R"({"spanID":"2","parentSpanID":"1","process":{"serviceName":"inline"},"warnings":["w\u00e4"]}]},)"
        R"({"traceID":"8","spans":[]},{"spans":[{"spanID":"9"}]}]})",
        R"({"data":[{"traceID":"1","spans":[{"spanID":"1"}],"spans":[{"spanID":"2"},null]}]})",
        R"({"data":[{"traceID":"1","spans":[{"spanID":"1"}]}],"data":[{"traceID":"2","spans":[{"spanID":"2"}]}]})",
        R"({"data":[{"traceID":"1","spans":null},{"traceID":"2","spans":[{"spanID":"1"}]}]})",
        "{\"data\":[{\"traceID\":\"1\",\"spans\":[{\"spanID\":\"1\",\"operationName\":\"\xFF "
        "b\"}]}]}",
        "{\"data\":[{\"traceID\":\"1\",\"spans\":[{\"spanID\":\"1\",\"processID\":\"p\"}],"
        "\"processes\":{\"p\":{\"serviceName\":\"\xFF\"}}}]}",
        "\xEF\xBB\xBF{ \"data\" : [ { \"traceID\" : \"1\" , \"spans\" : [ {\"spanID\": \"1\"} ] } "
        "] }",
        R"({"other":1})",
    };
    return out;
}

}  // namespace

TEST_CASE("a streamed answer gives what the whole one gives, however it is cut into pieces") {
    for (const std::string& document : documents()) {
        INFO(document.substr(0, 200));
        const std::string whole = text_of(decode_traces(document, std::nullopt));
        const std::size_t least = document.size() > 10'000 ? 61 : 1;
        for (std::size_t step = least; step < document.size() + least; step += 1 + step / 3) {
            if (const std::string pieces = text_of(streamed(document, step)); pieces != whole) {
                CHECK(pieces == whole);
                FAIL_CHECK("in pieces of " << step);
                break;
            }
        }
    }
}

TEST_CASE("what is no trace JSON at all is the same error when it is streamed") {
    for (const std::string document : {"<html>", "", " ", "[\"data\"]"}) {
        INFO(document);
        CHECK(text_of(streamed(document, 1'000)) == text_of(decode_traces(document, std::nullopt)));
    }
}

TEST_CASE("a streamed answer that ends early gives what was whole, and says so") {
    const std::string document = two_traces();
    const Error lost(ErrorKind::kUpstreamUnavailable, "connection lost");
    for (std::size_t size = 0; size < document.size(); ++size) {
        const std::string cut = document.substr(0, size);
        const std::string whole = text_of(decode_traces(cut, lost));
        for (const std::size_t step : {std::size_t{7}, cut.size() + 1}) {
            if (const std::string pieces = text_of(streamed(cut, step, lost)); pieces != whole) {
                CHECK(pieces == whole);
                FAIL_CHECK("cut at " << size << ", in pieces of " << step);
            }
        }
    }
}

TEST_CASE("a span that cannot be read is left out of a streamed answer and counted") {
    const auto batch = streamed(
        R"({"data":[{"traceID":"1","spans":[{"spanID":"1"},{"spanID":"2","tags":[1 2]},{"spanID":"3"}]}]})",
        10
    );
    REQUIRE(batch.has_value());
    REQUIRE(batch->traces.size() == 1);
    CHECK(batch->traces[0]->spans.size() == 2);
    CHECK(batch->stopped_by == StoppedBy::kBackend);
    REQUIRE(batch->dropped.size() == 1);
    CHECK(batch->dropped[0].reason == "bad_span");
    CHECK(batch->dropped[0].count == 1);
    CHECK(batch->warnings.at(0).code == "malformed_json");
}

TEST_CASE("a streamed answer that breaks keeps the spans before it") {
    const std::string spans = R"({"spanID":"1"},{"spanID":"2"})";
    for (const std::string behind : {"]]", "} ]", ",]", ":{}", "] , nonsense }"}) {
        INFO(behind);
        const Error unwanted(ErrorKind::kTooLarge, "the rest of the body was not wanted");
        const auto batch =
            streamed(R"({"data":[{"traceID":"1","spans":[)" + spans + behind, 5, unwanted);
        REQUIRE(batch.has_value());
        REQUIRE(batch->traces.size() == 1);
        CHECK(batch->traces[0]->spans.size() == 2);
        CHECK(batch->stopped_by == StoppedBy::kBackend);
        CHECK_FALSE(batch->warnings.empty());
    }
    const Error unwanted(ErrorKind::kTooLarge, "the rest of the body was not wanted");
    const auto none = streamed("<html>", 1'000, unwanted);
    REQUIRE(none.has_error());
    CHECK(none.error().kind() == ErrorKind::kUpstreamProtocol);
}

TEST_CASE("spans without a trace id are counted in a streamed answer that is broken, too") {
    const auto batch = streamed(
        R"({"data":[{"processes":{"p":{"tags":[1 2]}},"spans":[{"spanID":"1","traceID":"1"}]},)"
        R"({"spans":[{"spanID":"2"},{"spanID":"3"}]}]})",
        7
    );
    REQUIRE(batch.has_value());
    REQUIRE(batch->dropped.size() == 1);
    CHECK(batch->dropped[0].reason == "bad_trace_id");
    CHECK(batch->dropped[0].count == 2);
}

TEST_CASE("traces without spans count for the memory of a streamed answer") {
    std::string document = R"({"data":[{"traceID":"2a","spans":[{"spanID":"1"}]})";
    for (int i = 0; i < 50'000; ++i) {
        document += R"(,{"spans":[]})";
    }
    document += "]}";
    const auto batch = streamed(document, 10'000, std::nullopt, 2'000'000);
    REQUIRE(batch.has_value());
    CHECK(batch->stopped_by == StoppedBy::kBytes);
}

TEST_CASE("the memory of a streamed answer has a limit, and is that of its spans") {
    std::string document = R"({"data":[{"traceID":"2a","spans":[)";
    constexpr int kSpans = 20'000;
    for (int i = 1; i <= kSpans; ++i) {
        document += (i == 1 ? "" : ",") + plain_span(i, i / 2, i % 2 == 0 ? "p1" : "p2");
    }
    document +=
        "]," + processes() + R"(,"warnings":null}],"total":0,"limit":0,"offset":0,"errors":null})";
    const auto all = streamed(document, 100'000);
    REQUIRE(all.has_value());
    REQUIRE(all->traces.size() == 1);
    CHECK(all->traces[0]->spans.size() == kSpans);
    CHECK(all->stopped_by == StoppedBy::kComplete);
    CHECK(all->traces[0]->memory_bytes() < kSpans * 420);

    const auto capped = streamed(document, 100'000, std::nullopt, 4'000'000);
    REQUIRE(capped.has_value());
    REQUIRE(capped->traces.size() == 1);
    CHECK(capped->traces[0]->spans.size() > 5'000);
    CHECK(capped->traces[0]->spans.size() < 15'000);
    CHECK(capped->stopped_by == StoppedBy::kBytes);
    CHECK(capped->warnings.at(0).code == "receive_limit");
    CHECK(capped->traces[0]->warnings.size() >= 1);
}
