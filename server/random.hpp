#pragma once

#include <cstdint>
#include <string>

namespace meshscope::server {

// From a generator of the calling thread, seeded by the operating system. Unique, not secret.
std::uint64_t random_bits();

std::string random_request_id();  // 32 lower-case hex digits

}  // namespace meshscope::server
