#include "clients/jaeger/http_v1_decoder.hpp"
#include "clients/jaeger/plain_scanner.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

using namespace meshscope;
using clients::jaeger::PlainScanner;
using models::Slice;
using models::Tag;
using models::ValueType;

namespace {

// A reader with the bytes that it may look at behind the text.
struct Reader {
    explicit Reader(std::string_view text)
        : bytes(std::string(text) + std::string(64, '"')),
          scanner({bytes.data(), text.size()}, storage) {}
    std::string bytes;
    models::Storage storage;
    PlainScanner scanner;
};

bool reads_tags(std::string_view text) {
    Reader reader(text);
    std::vector<Tag> tags;
    return read_plain_tags(reader.scanner, tags) && reader.scanner.at_end();
}

constexpr std::string_view kTags =
    R"([{"key":"component","type":"string","value":"proxy"},{"key":"","type":"string","value":""},)"
    R"({"key":"n","type":"int64","value":1763683200000000},{"key":"z","type":"int64","value":-1},)"
    R"({"key":"x\"y","type":"string","value":"a\u0026b\\"},{"key":"d","type":"float64","value":-1.5e3},)"
    R"({"key":"t","type":"bool","value":true},{"key":"f","type":"bool","value":false}])";

std::string span(std::string_view id, std::string_view references, std::string_view tags) {
    return R"({"traceID":"00000000000000aa","spanID":")" + std::string(id) +
           R"(","flags":1,"operationName":"GET \/a","references":)" + std::string(references) +
           R"(,"startTime":1763683200000001,"duration":7,"tags":)" + std::string(tags) +
           R"(,"logs":[{"timestamp":1763683200000003,"fields":[{"key":"event","type":"string","value":"b"}]},)"
           R"({"timestamp":1763683200000002,"fields":[]}],"processID":"p1","warnings":null})";
}

std::string document() {
    const std::string parent =
        R"([{"refType":"CHILD_OF","traceID":"00000000000000aa","spanID":"0000000000000001"},)"
        R"({"refType":"FOLLOWS_FROM","traceID":"00000000000000bb","spanID":"0000000000000009"}])";
    return R"({"data":[{"traceID":"00000000000000aa","spans":[)" +
           span("0000000000000001", "[]", kTags) + "," + span("0000000000000002", parent, "[]") +
           R"(],"processes":{"p1":{"serviceName":"s.n","tags":[{"key":"ip","type":"string","value":"10.0.0.1"}]}},"warnings":null},)"
           R"({"traceID":"00000000000000bb","spans":[],"processes":{},"warnings":null}],"total":0,"limit":0,"offset":0,"errors":null})"
           "\n";
}

// With white space where it means nothing: what the plain reader does not take.
std::string spaced(std::string_view json) {
    std::string out;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        out.push_back(json[i]);
        if (in_string && json[i] == '\\') {
            out.push_back(json[++i]);
        } else if (json[i] == '"') {
            in_string = !in_string;
        } else if (!in_string && (json[i] == ',' || json[i] == ':')) {
            out.push_back(' ');
        }
    }
    return out;
}

void check_same(const Slice<Tag>& a, const Slice<Tag>& b) {
    REQUIRE(a.size == b.size);
    for (std::size_t i = 0; i < a.size; ++i) {
        CAPTURE(i);
        CHECK(a[i].key() == b[i].key());
        REQUIRE(a[i].type() == b[i].type());
        CHECK(a[i].verbatim() == b[i].verbatim());
        switch (a[i].type()) {
            case ValueType::kString:
            case ValueType::kBinary:
                CHECK(a[i].text() == b[i].text());
                break;
            case ValueType::kFloat64:
                CHECK(a[i].as_double() == b[i].as_double());
                break;
            case ValueType::kBool:
            case ValueType::kInt64:
                CHECK(a[i].as_int() == b[i].as_int());
                break;
        }
    }
}

void check_same(const models::Trace& a, const models::Trace& b) {
    CHECK(a.id == b.id);
    CHECK(a.warnings == b.warnings);
    REQUIRE(a.spans.size() == b.spans.size());
    for (std::size_t i = 0; i < a.spans.size(); ++i) {
        const models::Span& left = a.spans[i];
        const models::Span& right = b.spans[i];
        CHECK(left.id == right.id);
        CHECK(left.start_ns == right.start_ns);
        CHECK(left.duration_ns == right.duration_ns);
        CHECK(left.operation == right.operation);
        CHECK(left.flags == right.flags);
        CHECK(left.parent == right.parent);
        CHECK(left.process == right.process);
        REQUIRE(left.references.size == right.references.size);
        for (std::size_t r = 0; r < left.references.size; ++r) {
            CHECK(left.references[r].trace == right.references[r].trace);
            CHECK(left.references[r].span == right.references[r].span);
            CHECK(left.references[r].type == right.references[r].type);
        }
        check_same(left.tags, right.tags);
        REQUIRE(left.logs.size == right.logs.size);
        for (std::size_t l = 0; l < left.logs.size; ++l) {
            CHECK(left.logs[l].time_ns == right.logs[l].time_ns);
            check_same(left.logs[l].fields, right.logs[l].fields);
        }
    }
    REQUIRE(a.processes.size() == b.processes.size());
    for (std::size_t i = 0; i < a.processes.size(); ++i) {
        CHECK(a.processes[i].service == b.processes[i].service);
        check_same(a.processes[i].tags, b.processes[i].tags);
    }
}

void check_both_ways(const std::string& json) {
    const auto plain = clients::jaeger::decode_traces(json, std::nullopt);
    const auto walked = clients::jaeger::decode_traces(spaced(json), std::nullopt);
    REQUIRE(plain.has_value() == walked.has_value());
    if (!plain) {
        return;
    }
    CHECK(plain->stopped_by == walked->stopped_by);
    CHECK(plain->warnings.size() == walked->warnings.size());
    CHECK(plain->dropped.size() == walked->dropped.size());
    REQUIRE(plain->traces.size() == walked->traces.size());
    for (std::size_t i = 0; i < plain->traces.size(); ++i) {
        check_same(*plain->traces[i], *walked->traces[i]);
    }
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("tags as Jaeger writes them", "[jaeger][plain]") {
    Reader reader(kTags);
    std::vector<Tag> tags;
    REQUIRE(read_plain_tags(reader.scanner, tags));
    REQUIRE(tags.size() == 8);
    CHECK(tags[0].text() == "proxy");
    CHECK(tags[0].verbatim());
    CHECK(tags[2].as_int() == 1'763'683'200'000'000);
    CHECK(tags[3].as_int() == -1);
    CHECK(tags[4].key() == "x\"y");
    CHECK(tags[4].text() == "a&b\\");
    CHECK_FALSE(tags[4].verbatim());
    CHECK(tags[5].as_double() == -1500.0);
    CHECK(tags[6].as_bool());
    CHECK_FALSE(tags[7].as_bool());
    CHECK(reads_tags("[]"));
}

TEST_CASE("tags written in another way are left to the walk", "[jaeger][plain]") {
    for (const std::string_view text : {
             R"()",
             R"(null)",
             R"({})",
             R"([)",
             R"([ ])",
             R"([,])",
             R"([{}])",
             R"([null])",
             R"([]])",
             R"([{"key": "a","type":"string","value":"b"}])",
             R"([{"type":"string","key":"a","value":"b"}])",
             R"([{"key":"a","value":"b"}])",
             R"([{"key":"a","type":"string","value":1}])",
             R"([{"key":"a","type":"int64","value":"1"}])",
             R"([{"key":"a","type":"int64","value":01}])",
             R"([{"key":"a","type":"int64","value":-}])",
             R"([{"key":"a","type":"int64","value":1.}])",
             R"([{"key":"a","type":"int64","value":1e}])",
             R"([{"key":"a","type":"int64","value":.5}])",
             R"([{"key":"a","type":"int64","value":99999999999999999999}])",
             R"([{"key":"a","type":"int64","value":}])",
             R"([{"key":"a","type":"float64","value":"NaN"}])",
             R"([{"key":"a","type":"float64","value":1e999}])",
             R"([{"key":"a","type":"binary","value":"AA=="}])",
             R"([{"key":"a","type":"bool","value":truely}])",
             R"([{"key":"a","type":"string","value":"b"},])",
             R"([{"key":"a","type":"string","value":"b","x":1}])",
             R"([{"key":"a","type":"string","value":"b"} ])",
             "[{\"key\":\"a\",\"type\":\"string\",\"value\":\"b\nc\"}]",
             "[{\"key\":\"a\",\"type\":\"string\",\"value\":\"b\\\nc\"}]",
         }) {
        CAPTURE(text);
        CHECK_FALSE(reads_tags(text));
    }
    for (std::size_t cut = 0; cut < kTags.size(); ++cut) {
        CHECK_FALSE(reads_tags(kTags.substr(0, cut)));
    }
}

TEST_CASE("both ways give the same traces", "[jaeger][plain]") {
    const auto batch = clients::jaeger::decode_traces(document(), std::nullopt);
    REQUIRE(batch.has_value());
    REQUIRE(batch->traces.size() == 1);
    REQUIRE(batch->traces[0]->spans.size() == 2);
    CHECK(batch->traces[0]->spans[1].parent == 0);
    check_both_ways(document());
}

TEST_CASE(
    "a document that changes its ways half through is read whole by the other", "[jaeger][plain]"
) {
    const std::string json = document();
    check_both_ways(replaced(json, R"("logs":[{)", R"("extra":[1,{"a":"]"}],"logs":[{)"));
    check_both_ways(replaced(json, R"("warnings":null})", R"("warnings":["odd"]})"));
    check_both_ways(replaced(json, R"("errors":null)", R"("errors":[{"code":500,"msg":"m"}])"));
    check_both_ways(replaced(json, R"("p1":{)", R"("p2":{)"));
    check_both_ways(
        replaced(json, R"("startTime":1763683200000001)", R"("startTime":"1763683200000001")")
    );
    check_both_ways(replaced(json, R"("duration":7)", R"("duration":18446744073709551615)"));
    check_both_ways(replaced(json, R"("spanID":"0000000000000001")", R"("spanID":"zz")"));
    check_both_ways(
        replaced(json, R"({"traceID":"00000000000000aa","spans")", R"({"traceID":"","spans")")
    );
    check_both_ways(replaced(json, R"("total":0,)", ""));
    check_both_ways(replaced(json, "proxy", "pro\xFFxy"));
}

TEST_CASE("a plain document that ends early is said to", "[jaeger][plain]") {
    const std::string json = document();
    for (std::size_t cut = 0; cut + 2 < json.size(); cut += 7) {
        CAPTURE(cut);
        const auto batch = clients::jaeger::decode_traces(json.substr(0, cut), std::nullopt);
        CHECK((!batch || batch->stopped_by != clients::StoppedBy::kComplete));
    }
}
