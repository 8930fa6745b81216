#include "clients/jaeger/http_v1_plain_tags.hpp"

#include "clients/jaeger/http_v1_decoder.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace meshscope;
using clients::jaeger::read_plain_tags;
using models::Tag;

namespace {

// With the padding that the reader may look at.
struct Padded {
    explicit Padded(std::string_view text) : size(text.size()), bytes(text) {
        bytes.append(64, '"');
    }
    [[nodiscard]] std::string_view text() const { return {bytes.data(), size}; }
    std::size_t size;
    std::string bytes;
};

bool reads(std::string_view text) {
    const Padded padded(text);
    std::vector<Tag> tags;
    return read_plain_tags(padded.text(), tags);
}

constexpr std::string_view kPlain =
    R"([{"key":"component","type":"string","value":"proxy"},{"key":"","type":"string","value":""},)"
    R"({"key":"n","type":"int64","value":1763683200000000},{"key":"z","type":"int64","value":0},)"
    R"({"key":"t","type":"bool","value":true},{"key":"f","type":"bool","value":false}])";

std::string document(std::string_view tags) {
    return R"({"data":[{"traceID":"1","spans":[{"traceID":"1","spanID":"2","operationName":"o","startTime":1,)"
           R"("duration":1,"tags":)" +
           std::string(tags) +
           R"(,"processID":"p1"}],"processes":{"p1":{"serviceName":"s","tags":[]}}}]})";
}

models::TracePtr decoded(std::string_view tags) {
    auto batch = clients::jaeger::decode_traces(document(tags), std::nullopt);
    REQUIRE(batch.has_value());
    REQUIRE(batch->traces.size() == 1);
    return batch->traces[0];
}

}  // namespace

TEST_CASE("tags as Jaeger writes them are read at once", "[jaeger][plain_tags]") {
    const Padded padded(std::string(kPlain) + ",\"processID\":\"p1\"");
    std::vector<Tag> tags;
    REQUIRE(read_plain_tags(padded.text(), tags));
    REQUIRE(tags.size() == 6);
    CHECK(tags[0].key() == "component");
    CHECK(tags[0].text() == "proxy");
    CHECK(tags[0].verbatim());
    CHECK(tags[1].key().empty());
    CHECK(tags[1].text().empty());
    CHECK(tags[2].as_int() == 1'763'683'200'000'000);
    CHECK(tags[3].as_int() == 0);
    CHECK(tags[4].as_bool());
    CHECK_FALSE(tags[5].as_bool());
    CHECK(reads("[]"));
}

TEST_CASE("anything else is left to the walk", "[jaeger][plain_tags]") {
    for (const std::string_view text : {
             R"()",
             R"(null)",
             R"({})",
             R"([)",
             R"([ ])",
             R"([,])",
             R"([{}])",
             R"([null])",
             R"([{"key": "a","type":"string","value":"b"}])",
             R"([{"type":"string","key":"a","value":"b"}])",
             R"([{"key":"a","value":"b"}])",
             R"([{"key":"a\n","type":"string","value":"b"}])",
             R"([{"key":"a","type":"string","value":"b\u0026"}])",
             R"([{"key":"a","type":"string","value":1}])",
             R"([{"key":"a","type":"int64","value":"1"}])",
             R"([{"key":"a","type":"int64","value":-1}])",
             R"([{"key":"a","type":"int64","value":01}])",
             R"([{"key":"a","type":"int64","value":1.0}])",
             R"([{"key":"a","type":"int64","value":1e3}])",
             R"([{"key":"a","type":"int64","value":99999999999999999999}])",
             R"([{"key":"a","type":"int64","value":}])",
             R"([{"key":"a","type":"float64","value":1.5}])",
             R"([{"key":"a","type":"binary","value":"AA=="}])",
             R"([{"key":"a","type":"bool","value":truely}])",
             R"([{"key":"a","type":"string","value":"b"},])",
             R"([{"key":"a","type":"string","value":"b","x":1}])",
             R"([{"key":"a","type":"string","value":"b"} ])",
         }) {
        CAPTURE(text);
        CHECK_FALSE(reads(text));
    }
    for (std::size_t cut = 0; cut < kPlain.size(); ++cut) {
        CHECK_FALSE(reads(kPlain.substr(0, cut)));
    }
}

TEST_CASE("both ways give the same tags", "[jaeger][plain_tags]") {
    std::string spaced;
    for (const char c : kPlain) {
        spaced += c == ',' || c == ':' ? std::string{c, ' '} : std::string{c};
    }
    const auto fast = decoded(kPlain);
    const auto slow = decoded(spaced);
    const auto& a = fast->spans[0].tags;
    const auto& b = slow->spans[0].tags;
    REQUIRE(a.size == b.size);
    for (std::size_t i = 0; i < a.size; ++i) {
        CHECK(a[i].key() == b[i].key());
        CHECK(a[i].type() == b[i].type());
        if (a[i].type() == models::ValueType::kString) {
            CHECK(a[i].text() == b[i].text());
        } else {
            CHECK(a[i].as_int() == b[i].as_int());
        }
        CHECK(a[i].verbatim() == b[i].verbatim());
    }
    CHECK(fast->processes[0].service == "s");  // what follows the tags is read too
}
