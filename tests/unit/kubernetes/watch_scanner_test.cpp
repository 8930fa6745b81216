#include "clients/kubernetes/watch_scanner.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using meshscope::clients::kubernetes::WatchScanner;
using State = WatchScanner::State;

namespace {

class Recorder final : public WatchScanner::Sink {
 public:
    void object(std::string_view json) override { objects.emplace_back(json); }
    std::vector<std::string> objects;
};

struct Scan {
    State state = State::kOpen;
    bool inside = false;
    std::vector<std::string> objects;
    friend bool operator==(const Scan&, const Scan&) = default;
};

Scan scan(const std::vector<std::string>& pieces, std::size_t largest = 8UL << 20U) {
    Recorder recorder;
    WatchScanner scanner(recorder, largest);
    Scan result;
    for (const std::string& piece : pieces) {
        // A copy of just that size: a look behind its end is seen by the sanitizer.
        const std::vector<char> bytes(piece.begin(), piece.end());
        result.state = scanner.feed({bytes.data(), bytes.size()});
    }
    result.inside = scanner.inside();
    result.objects = std::move(recorder.objects);
    return result;
}

const std::string kAdded = R"({"type":"ADDED","object":{"a":[{"b":"}{\"\\"},[]],"ü":"\u007d"}})";
const std::string kEmpty = "{}";

}  // namespace

TEST_CASE("objects of a stream are found whatever stands between them") {
    struct Row {
        std::string between;
    };
    for (const std::string between : {"", "\n", "\r\n", " \t\n\n"}) {
        CAPTURE(between);
        const Scan result = scan({kAdded + between + kEmpty + between + kAdded + between});
        CHECK(result.state == State::kOpen);
        CHECK_FALSE(result.inside);
        CHECK(result.objects == std::vector{kAdded, kEmpty, kAdded});
    }
}

TEST_CASE("a stream may be cut at every byte") {
    const std::string stream = kAdded + "\n" + kEmpty + kAdded + "\r\n" + kAdded;
    const Scan whole = scan({stream});
    REQUIRE(whole.objects.size() == 4);
    for (std::size_t first = 0; first <= stream.size(); ++first) {
        for (std::size_t second = first; second <= stream.size(); second += 7) {
            CAPTURE(first, second);
            REQUIRE(
                scan(
                    {stream.substr(0, first),
                     stream.substr(first, second - first),
                     stream.substr(second)}
                ) == whole
            );
        }
    }
    std::vector<std::string> bytes;
    for (const char c : stream) {
        bytes.emplace_back(1, c);
    }
    CHECK(scan(bytes) == whole);
}

TEST_CASE("an object that has not ended is discarded with the stream") {
    const std::string stream = kAdded + kAdded;
    for (std::size_t end = kAdded.size() + 1; end < stream.size(); ++end) {
        const Scan result = scan({stream.substr(0, end)});
        REQUIRE(result.objects == std::vector{kAdded});
        REQUIRE(result.inside);
        REQUIRE(result.state == State::kOpen);
    }
}

TEST_CASE("what is no object breaks the stream behind the objects before it") {
    for (const std::string text : {"[", "x", "}", "\"", "0", "\xEF\xBB\xBF{}", "<html>"}) {
        CAPTURE(text);
        const Scan result = scan({kAdded + text, kAdded});
        CHECK(result.state == State::kBroken);
        CHECK(result.objects == std::vector{kAdded});
        CHECK(scan({kAdded, text, kAdded}) == result);
    }
}

TEST_CASE("an object beyond the bound ends the stream, one of just that size does not") {
    const std::string object = "{\"a\":\"" + std::string(100, 'x') + "\"}";
    const std::string stream = kEmpty + object + kEmpty;
    const Scan fits = scan({stream}, object.size());
    CHECK(fits.objects == std::vector{kEmpty, object, kEmpty});
    const Scan too_large = scan({stream}, object.size() - 1);
    CHECK(too_large.state == State::kTooLarge);
    CHECK(too_large.objects == std::vector{kEmpty});
    for (std::size_t cut = 0; cut < stream.size(); ++cut) {
        CAPTURE(cut);
        const Scan in_pieces = scan({stream.substr(0, cut), stream.substr(cut)}, object.size() - 1);
        CHECK(in_pieces.state == too_large.state);
        CHECK(in_pieces.objects == too_large.objects);
    }
    CHECK(scan({"{", std::string(200, ' ')}, 100).state == State::kTooLarge);
}

TEST_CASE("nesting without end costs no stack") {
    const std::size_t deep = 1'000'000;
    const std::string open(deep, '{');
    const std::string close(deep, '}');
    CHECK(scan({open, close}).objects.size() == 1);
    CHECK(scan({open}).inside);
}
