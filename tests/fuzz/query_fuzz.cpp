#include "server/http_types.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// Any bytes are a query: every pair is either decoded or listed as malformed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const meshscope::server::Query query = meshscope::server::parse_query(text);
    if (query.items.size() + query.malformed.size() > size + 1) {
        __builtin_trap();
    }
    return 0;
}
