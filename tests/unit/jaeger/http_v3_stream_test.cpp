#include "clients/jaeger/http_v3_stream.hpp"

#include "clients/jaeger/otlp/otlp_json_decoder.hpp"
#include "tests/support/trace_text.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::clients::jaeger;

namespace {

constexpr std::size_t kPlenty = 1'000'000'000;

Result<TraceBatch> streamed(
    const std::string& body,
    std::size_t step,
    std::optional<Error> incomplete = std::nullopt,
    std::size_t memory_limit = kPlenty
) {
    const auto stream = make_v3_trace_stream(memory_limit);
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
    return text;
}

std::string span(int id) {
    return R"({"traceId":"0000000000000000000000000000002a","spanId":"00000000000000)" +
           std::to_string(id) +
           R"(","name":"GET \u002fa","kind":2,"startTimeUnixNano":"1763683200000000)" +
           std::to_string(id) + R"(00","endTimeUnixNano":"1763683200000999999","attributes":)" +
           R"([{"key":"k","value":{"stringValue":"}]{["}},{"key":"n","value":{"intValue":"5"}}]})";
}

std::string resource(const std::string& service) {
    return R"("resource":{"attributes":[{"key":"service.name","value":{"stringValue":")" + service +
           R"("}}]})";
}

std::string document() {
    return R"({"result":{"resourceSpans":[{)" + resource("one") +
           R"(,"scopeSpans":[{"scope":{"name":"a"},"spans":[)" + span(10) + "," + span(11) +
           R"(]},{"spans":[)" + span(12) +
           R"(],"scope":{"name":"b"}}]},{"scopeSpans":[{"spans":[)" + span(13) + R"(]}],)" +
           resource("two") + "}]}}";
}

}  // namespace

TEST_CASE("a streamed answer of api_v3 gives what the whole one gives") {
    const std::vector<std::string> documents{
        document(),
        document().substr(10, document().size() - 11),  // plain OTLP
        R"({"result":{}})",
        R"({"error":{"httpCode":404,"message":"No traces found"}})",
        R"({"result":{"resourceSpans":[null,{"scopeSpans":[null,{"spans":[]}]}]}})",
        R"({"other":1})",
    };
    for (const std::string& text : documents) {
        INFO(text.substr(0, 100));
        const std::string whole = text_of(decode_otlp_traces(text, std::nullopt));
        for (std::size_t step = 1; step < text.size() + 1; step += 1 + step / 3) {
            if (const std::string pieces = text_of(streamed(text, step)); pieces != whole) {
                CHECK(pieces == whole);
                FAIL_CHECK("in pieces of " << step);
                break;
            }
        }
    }
}

TEST_CASE("a streamed answer of api_v3 that ends early keeps every whole span, and says so") {
    const std::string text = document();
    const Error lost(ErrorKind::kUpstreamUnavailable, "connection lost");
    std::vector<std::size_t> ends;  // behind each span
    for (const std::string& one : {span(10), span(11), span(12), span(13)}) {
        ends.push_back(text.find(one) + one.size());
    }
    for (std::size_t size = 1; size + 3 < text.size(); ++size) {
        for (const auto& incomplete : {std::optional(lost), std::optional<Error>()}) {
            const auto batch = streamed(text.substr(0, size), 7, incomplete);
            const auto spans = static_cast<std::size_t>(std::count_if(
                ends.begin(), ends.end(), [&](std::size_t end) { return end <= size; }
            ));
            INFO(size);
            REQUIRE(batch.has_value() == (spans > 0));
            if (!batch) {
                continue;
            }
            CHECK(batch->traces.at(0)->spans.size() == spans);
            CHECK(batch->traces.at(0)->processes.at(0).service == "one");
            CHECK(batch->stopped_by == StoppedBy::kBackend);
            CHECK(batch->warnings.size() == 1);
        }
    }
}

TEST_CASE("the memory of a streamed answer of api_v3 has a limit") {
    std::string text =
        R"({"result":{"resourceSpans":[{)" + resource("one") + R"(,"scopeSpans":[{"spans":[)";
    for (int i = 0; i < 20'000; ++i) {
        text += (i == 0 ? "" : ",") + span(10 + i % 80);
    }
    text += "]}]}]}}";
    const auto batch = streamed(text, 10'000, std::nullopt, 1'000'000);
    REQUIRE(batch.has_value());
    CHECK(batch->stopped_by == StoppedBy::kBytes);
    CHECK(batch->warnings.at(0).code == "receive_limit");
}

TEST_CASE("a streamed answer of api_v3 that is no JSON is so, not too large") {
    const Error unwanted(ErrorKind::kTooLarge, "the rest of the body was not wanted");
    const std::string text = document();
    const std::size_t end = text.find(span(12)) + span(12).size();
    for (const std::string behind : {"} ]", ":{}", "]}}}"}) {
        INFO(behind);
        const auto batch = streamed(text.substr(0, end) + behind, 7, unwanted);
        REQUIRE(batch.has_value());
        CHECK(batch->traces.at(0)->spans.size() == 3);
        CHECK(batch->stopped_by == StoppedBy::kBackend);
        CHECK(batch->warnings.at(0).code == "malformed_json");
    }
    const auto none = streamed("no traces here", 1'000, unwanted);
    REQUIRE(none.has_error());
    CHECK(none.error().kind() == ErrorKind::kUpstreamProtocol);
    CHECK(none.error().message().find("no traces here") != std::string::npos);
}

TEST_CASE("a span that is too long for a streamed answer of api_v3 is missing, and it says so") {
    const std::string text = document();
    const std::size_t at = text.find(span(11));
    std::string longer = span(11);
    longer.insert(1, R"("filler":")" + std::string(17UL * 1024 * 1024, 'x') + R"(",)");
    const auto batch =
        streamed(text.substr(0, at) + longer + text.substr(at + span(11).size()), 1'000'000);
    REQUIRE(batch.has_value());
    CHECK(batch->traces.at(0)->spans.size() == 3);
    CHECK(batch->dropped.at(0).reason == "bad_span");
    CHECK(batch->stopped_by == StoppedBy::kBackend);
}

TEST_CASE("a second list of resources never lends its spans to those of the first") {
    const auto list = [](const std::string& service, int id) {
        return R"("resourceSpans":[{)" + resource(service) + R"(,"scopeSpans":[{"spans":[)" +
               span(id) + "]}]}]";
    };
    const auto batch =
        streamed(R"({"result":{)" + list("one", 10) + "," + list("two", 11) + "}}", 7);
    REQUIRE(batch.has_value());
    CHECK(batch->traces.at(0)->spans.size() == 1);
    CHECK(batch->traces.at(0)->processes.at(0).service == "one");
    CHECK(batch->stopped_by == StoppedBy::kBackend);
    CHECK(batch->warnings.at(0).code == "malformed_json");
}
