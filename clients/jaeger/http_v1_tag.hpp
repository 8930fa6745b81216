#pragma once

#include "models/trace.hpp"

#include <cstdint>
#include <string_view>

namespace meshscope::clients::jaeger {

// The tag that {"key", "type", "value"} of Jaeger's JSON means. `type` may be empty or unknown and
// `value` a token of another kind than it says: integers are tried before floating point, numbers
// that fit neither and whatever has no better form stay text as it came. `value` empty: there was
// none. `bad_binary` counts binary values that are no base64 (kept as text).
[[nodiscard]] models::Tag make_tag(
    std::string_view key,
    std::string_view type,
    std::string_view value,
    models::Storage& storage,
    std::uint64_t& bad_binary
);

}  // namespace meshscope::clients::jaeger
