#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace meshscope::clients::jaeger {

enum class Cut : std::uint8_t { kNone, kBetweenItems, kInsideItem };

// Closes a document that ends early where it last made sense: behind the last whole value inside at
// most `deepest` containers. Four in Jaeger's envelope {"data":[{"spans":[...],"processes":{...}}]}
// means a trace, a span or a process. kNone, and nothing done, when the text is not open at its end
// or holds no such place.
[[nodiscard]] Cut close_cut_json(std::string& text, std::size_t deepest = 4);
// The same for OTLP: behind a span, or what stands beside spans.
[[nodiscard]] Cut close_cut_otlp(std::string& text);

}  // namespace meshscope::clients::jaeger
