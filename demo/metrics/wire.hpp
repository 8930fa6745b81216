#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace meshscope::demo {

// The words of Prometheus' files, appended to `out`.
void put_varint(std::string& out, std::uint64_t value);
void put_signed_varint(std::string& out, std::int64_t value);  // zigzag
void put_u32(std::string& out, std::uint32_t value);           // big-endian
void put_u64(std::string& out, std::uint64_t value);

// CRC-32C (Castagnoli).
std::uint32_t checksum_of(std::string_view bytes);

}  // namespace meshscope::demo
