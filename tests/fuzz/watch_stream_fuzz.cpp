#include "clients/kubernetes/watch_scanner.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// However a stream is cut into pieces, the same objects come out of it; and of a stream that ends
// early the first of them. The first byte says how long the pieces are, the second where it ends.
namespace {

using meshscope::clients::kubernetes::WatchScanner;

constexpr std::size_t kLargest = 1'000;

class Recorder final : public WatchScanner::Sink {
 public:
    void object(std::string_view json) override {
        // What stands behind it may be anything, but it can be read.
        unsigned sum = 0;
        for (std::size_t i = 0; i < 64; ++i) {
            sum += static_cast<unsigned char>(json.data()[json.size() + i]);
        }
        behind = sum;
        objects.emplace_back(json);
    }
    std::vector<std::string> objects;
    volatile unsigned behind = 0;
};

struct Scan {
    std::vector<std::string> objects;
    WatchScanner::State state = WatchScanner::State::kOpen;
    bool inside = false;
};

Scan scan(const std::string& stream, std::size_t piece) {
    Recorder recorder;
    WatchScanner scanner(recorder, kLargest);
    Scan result;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
        const std::string copy = stream.substr(at, piece);
        result.state = scanner.feed(copy);
    }
    result.inside = scanner.inside();
    result.objects = std::move(recorder.objects);
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const std::string stream(reinterpret_cast<const char*>(data) + 2, size - 2);
    const Scan whole = scan(stream, stream.size() + 1);
    const Scan pieces = scan(stream, 1 + data[0] % 64);
    if (whole.objects != pieces.objects || whole.state != pieces.state) {
        __builtin_trap();
    }
    if (whole.state == WatchScanner::State::kOpen && whole.inside != pieces.inside) {
        __builtin_trap();
    }
    const Scan part = scan(stream.substr(0, stream.size() * data[1] / 256), 16);
    if (part.objects.size() > whole.objects.size() ||
        !std::equal(part.objects.begin(), part.objects.end(), whole.objects.begin())) {
        __builtin_trap();
    }
    return 0;
}
