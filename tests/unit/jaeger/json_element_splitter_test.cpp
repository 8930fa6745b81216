#include "clients/jaeger/json_element_splitter.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

using meshscope::clients::jaeger::JsonElementSplitter;
using State = JsonElementSplitter::State;

namespace {

// All that comes out, as one text: "<0,2>" for an array that begins, "|" ahead of an element.
class Recorder final : public JsonElementSplitter::Sink {
 public:
    void begin(std::span<const std::uint32_t> place) override {
        all += '<';
        for (const std::uint32_t position : place) {
            all += std::to_string(position) + ',';
        }
        all += '>';
    }
    void element(std::string_view json) override { all += '|' + std::string(json); }
    std::string all;
};

struct Split {
    State state = State::kOpen;
    std::string elements;
    std::string skeleton;
    std::size_t open = 0;
    std::uint64_t left_out = 0;

    bool operator==(const Split&) const = default;
};

Split split(
    const std::string& text,
    std::size_t step,
    std::vector<std::string> path = {"data", "spans"},
    JsonElementSplitter::Limits limits = {}
) {
    Recorder recorder;
    JsonElementSplitter splitter(std::move(path), "result", limits, recorder);
    Split out;
    for (std::size_t at = 0; at < text.size(); at += step) {
        std::string piece = text.substr(at, step);
        piece.reserve(piece.size() + 64);
        out.state = splitter.feed(piece);
    }
    auto skeleton = splitter.finish();
    out.elements = recorder.all;
    out.skeleton = std::move(skeleton.json);
    out.open = skeleton.open;
    out.left_out = splitter.left_out();
    return out;
}

struct Row {
    const char* name;
    std::string text;
    State state;
    std::string elements;
    std::string skeleton;
};

std::vector<Row> rows() {
    return {
        {"one array",
         R"({"data":[{"spans":[{"a":1},{"b":[2,{}]}],"p":{}}]})",
         State::kWhole,
         R"(<0,>|{"a":1}|{"b":[2,{}]})",
         R"({"data":[{"spans":[],"p":{}}]})"},
        {"two arrays, one empty",
         R"({"data":[{"spans":[]},{"spans":[{"x":"y"}]}],"total":2})",
         State::kWhole,
         R"(<0,><1,>|{"x":"y"})",
         R"({"data":[{"spans":[]},{"spans":[]}],"total":2})"},
        {"white space",
         " {\n\"data\" : [ { \"spans\" : [ {} , {\"q\": 1 } ] } ] } ",
         State::kWhole,
         "<0,>|{}|{\"q\": 1 }",
         " {\n\"data\" : [ { \"spans\" : [] } ] }"},
        {"a byte order mark",
         "\xEF\xBB\xBF{\"data\":[{\"spans\":[{}]}]}",
         State::kWhole,
         "<0,>|{}",
         "\xEF\xBB\xBF{\"data\":[{\"spans\":[]}]}"},
        {"brackets and escapes in texts",
         R"({"data":[{"spans":[{"a":"}]\"\\"},{"b":"\\\"{["}]}]})",
         State::kWhole,
         R"(<0,>|{"a":"}]\"\\"}|{"b":"\\\"{["})",
         R"({"data":[{"spans":[]}]})"},
        {"the names elsewhere",
         R"({"x":{"data":[{"spans":[{}]}]},"data":[{"y":{"spans":[{}]},"z":"spans"},[{"spans":[{}]}]],"spans":[{}]})",
         State::kWhole,
         "",
         R"({"x":{"data":[{"spans":[{}]}]},"data":[{"y":{"spans":[{}]},"z":"spans"},[{"spans":[{}]}]],"spans":[{}]})"
        },
        {"names with something else in them",
         R"({"data":{"spans":[{}]},"data":[{"spans":{"a":[{}]}}]})",
         State::kWhole,
         "",
         R"({"data":{"spans":[{}]},"data":[{"spans":{"a":[{}]}}]})"},
        {"a text as a value, then a name",
         R"({"a":"data","data":[{"b":"spans","spans":[{}]}]})",
         State::kWhole,
         "<0,>|{}",
         R"({"a":"data","data":[{"b":"spans","spans":[]}]})"},
        {"the same name twice",
         R"({"data":[{"spans":[{"a":1}],"spans":[{"b":2}]}],"data":[{"spans":[{}]}]})",
         State::kWhole,
         R"(<0,>|{"a":1}<0,>|{"b":2}<0,>|{})",
         R"({"data":[{"spans":[],"spans":[]}],"data":[{"spans":[]}]})"},
        {"in the wrapper",
         R"({"result":{"data":[{},{"spans":[{}]}]}})",
         State::kWhole,
         "<1,>|{}",
         R"({"result":{"data":[{},{"spans":[]}]}})"},
        {"in the wrapper's wrapper",
         R"({"result":{"result":{"data":[{"spans":[{}]}]}}})",
         State::kWhole,
         "",
         R"({"result":{"result":{"data":[{"spans":[{}]}]}}})"},
        {"what is no object stays",
         R"({"data":[{"spans":[null,{"a":1},"x,]",[{},[1]],{"b":2},3 ]}]})",
         State::kWhole,
         R"(<0,>|{"a":1}|{"b":2})",
         R"({"data":[{"spans":[null,"x,]",[{},[1]],3 ]}]})"},
        {"something behind the document",
         R"({"data":[]} {"data":[{"spans":[{}]}]})",
         State::kWhole,
         "",
         R"({"data":[]})"},
        {"nothing", "", State::kOpen, "", ""},
        {"an array", R"([{"data":[]}])", State::kBroken, "", ""},
        {"a page", "<html>", State::kBroken, "", ""},
        {"a comma too many",
         R"({"data":[{"spans":[{"a":1},]}]})",
         State::kBroken,
         R"(<0,>|{"a":1})",
         R"({"data":[{"spans":[]}]})"},
        {"a comma too few",
         R"({"data":[{"spans":[{"a":1}{"b":1}]}]})",
         State::kBroken,
         R"(<0,>|{"a":1})",
         R"({"data":[{"spans":[]}]})"},
        {"another bracket",
         R"({"data":[{"spans":[{"a":1}},{}]}]})",
         State::kBroken,
         R"(<0,>|{"a":1})",
         R"({"data":[{"spans":[]}]})"},
        {"another bracket outside",
         R"({"data":[{"spans":[{}]]})",
         State::kBroken,
         "<0,>|{}",
         R"({"data":[{"spans":[]}]})"},
        {"cut in an element",
         R"({"data":[{"t":1,"spans":[{"a":1},{"b)",
         State::kOpen,
         R"(<0,>|{"a":1})",
         R"({"data":[{"t":1,"spans":[]}]})"},
        {"cut in another member",
         R"({"data":[{"spans":[{}],"p":{"p1":{"s":"x"},"p2":{"s":"y)",
         State::kOpen,
         "<0,>|{}",
         R"({"data":[{"spans":[],"p":{"p1":{"s":"x"}}}]})"},
        {"cut in a name",
         R"({"data":[{"spans":[{}]},{"spa)",
         State::kOpen,
         "<0,>|{}",
         R"({"data":[{"spans":[]}]})"},
        {"cut in a value that stays",
         R"({"data":[{"spans":[{},1,"ab)",
         State::kOpen,
         "<0,>|{}",
         R"({"data":[{"spans":[1]}]})"},
    };
}

}  // namespace

TEST_CASE("documents, each in pieces of every size") {
    for (const Row& row : rows()) {
        INFO(row.name);
        const Split whole = split(row.text, row.text.size() + 1);
        CHECK(whole.state == row.state);
        CHECK(whole.elements == row.elements);
        CHECK(whole.skeleton == row.skeleton);
        CHECK((whole.open == 0) == (row.state == State::kWhole || row.skeleton.empty()));
        for (std::size_t step = 1; step < row.text.size(); ++step) {
            if (split(row.text, step) != whole) {
                FAIL_CHECK("in pieces of " << step);
            }
        }
    }
}

TEST_CASE("a path of three names") {
    const std::string text =
        R"({"result":{"resourceSpans":[{"scopeSpans":[{"spans":[{"a":1}]},{"spans":[{"b":2}],"scope":{}}]},)"
        R"({"resource":{},"scopeSpans":[{"spans":[{"c":3}]}]}]}})";
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, text.size()}) {
        const Split out = split(text, step, {"resourceSpans", "scopeSpans", "spans"});
        CHECK(out.elements == R"(<0,0,>|{"a":1}<0,1,>|{"b":2}<1,0,>|{"c":3})");
        CHECK(
            out.skeleton ==
            R"({"result":{"resourceSpans":[{"scopeSpans":[{"spans":[]},{"spans":[],"scope":{}}]},)"
            R"({"resource":{},"scopeSpans":[{"spans":[]}]}]}})"
        );
    }
}

TEST_CASE("elements and skeletons have their limits") {
    JsonElementSplitter::Limits limits;
    limits.element_bytes = 20;
    limits.skeleton_bytes = 100;
    const std::string text =
        R"({"data":[{"spans":[{"a":1},{"long":"0123456789012345678901234"},{"b":2}]}]})";
    for (const std::size_t step : {std::size_t{1}, std::size_t{10}, text.size()}) {
        const Split out = split(text, step, {"data", "spans"}, limits);
        CHECK(out.elements == R"(<0,>|{"a":1}|{"b":2})");
        CHECK(out.left_out == 1);
        CHECK(out.state == State::kWhole);
        const std::string wide = R"({"data":[{"spans":[{"a":1}]},{"x":")" + std::string(200, 'x');
        const Split stopped = split(wide, step, {"data", "spans"}, limits);
        CHECK(stopped.state == State::kTooLarge);
        CHECK(stopped.elements == R"(<0,>|{"a":1})");
        CHECK(stopped.skeleton == R"({"data":[{"spans":[]}]})");
    }
}

TEST_CASE("depth costs nothing") {
    const std::string deep = R"({"x":)" + std::string(200'000, '[') + std::string(200'000, ']') +
                             R"(,"data":[{"spans":[{"y":)" + std::string(200'000, '[') +
                             std::string(200'000, ']') + "}]}]}";
    const Split out = split(deep, 1'000);
    CHECK(out.state == State::kWhole);
    CHECK(out.elements.size() == 4 + 1 + 400'000 + 6);
}
