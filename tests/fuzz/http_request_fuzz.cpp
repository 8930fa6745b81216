// Raw bytes of a connection: whatever they are, the reader must take the same requests out of them
// whole and cut into pieces, and never more bytes than it was given.
#include "server/request_reader.hpp"
#include "server/server.hpp"
#include "server/target.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace meshscope::server;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

Limits small_limits() {
    Limits limits;
    limits.max_target_bytes = 256;
    limits.max_header_bytes = 1024;
    limits.max_header_fields = 16;
    limits.max_body_bytes = 512;
    return limits;
}

std::string describe(const Request& request) {
    std::string text = std::string(to_string(request.method)) + " " + request.target;
    for (const auto& [name, value] : request.headers.items()) {
        text += "\n" + name + ":" + value;
    }
    return text + "\n\n" + request.body;
}

// Every request found, and how it ended: "more" or "refused". `step` bytes become visible at a
// time.
std::vector<std::string> read_all(std::string_view bytes, std::size_t step) {
    static const Limits kLimits = small_limits();
    RequestReader reader(kLimits);
    std::vector<std::string> found;
    Request request;
    std::size_t begin = 0;
    std::size_t end = 0;
    for (;;) {
        const RequestReader::Step result =
            reader.advance(bytes.substr(begin, end - begin), request);
        require(reader.consumed() <= end - begin);
        begin += reader.consumed();
        if (result == RequestReader::Step::kRefused) {
            require(reader.refusal().status >= 400);
            found.emplace_back("refused");
            return found;
        }
        if (result == RequestReader::Step::kComplete) {
            require(request.body.size() <= kLimits.max_body_bytes);
            found.push_back(describe(request));
            parse_target(request.target);
            request = {};
            reader.reset();
        } else if (result == RequestReader::Step::kNeedMore) {
            if (end == bytes.size()) {
                found.emplace_back("more");
                return found;
            }
            end = std::min(bytes.size(), end + step);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::vector<std::string> whole = read_all(bytes, size + 1);
    require(read_all(bytes, 1) == whole);
    require(read_all(bytes, 7) == whole);
    return 0;
}
