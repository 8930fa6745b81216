#pragma once

#include "core/ids.hpp"

#include <cstdint>
#include <string>

namespace meshscope {

// From a generator of the calling thread, seeded by the operating system. Unique, not secret.
std::uint64_t random_bits();

SpanId random_span_id();          // never zero
std::string random_request_id();  // 32 lower-case hex digits

}  // namespace meshscope
