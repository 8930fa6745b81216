#include "clients/http/safe_address.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace meshscope::clients {

namespace {

namespace ip = boost::asio::ip;

// Metadata of clouds outside of 169.254.0.0/16.
constexpr std::array<std::uint32_t, 3> kMetadata{
    0x646464C8,         // 100.100.100.200
    0xA83F8110,         // 168.63.129.16
    0xC0000000 | 0xC0,  // 192.0.0.192
};

bool is_safe(const ip::address_v4& address) {
    const std::uint32_t bits = address.to_uint();
    const bool link_local = (bits >> 16U) == 0xA9FE;
    const bool unspecified = (bits >> 24U) == 0;
    const bool reserved = (bits >> 28U) == 0xF;  // broadcast among them
    return !address.is_loopback() && !link_local && !unspecified && !reserved &&
           !address.is_multicast() &&
           std::find(kMetadata.begin(), kMetadata.end(), bits) == kMetadata.end();
}

// The IPv4 address in the last four bytes.
ip::address_v4 last_four(const ip::address_v6::bytes_type& bytes) {
    return ip::address_v4({bytes[12], bytes[13], bytes[14], bytes[15]});
}

bool begins_with(
    const ip::address_v6::bytes_type& bytes, std::initializer_list<std::uint8_t> prefix
) {
    return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

bool is_safe(const ip::address_v6& address) {
    const auto bytes = address.to_bytes();
    const bool mapped = begins_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF});
    const bool translated = begins_with(bytes, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0});
    const bool compatible = begins_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    if (mapped || translated) {
        return is_safe(last_four(bytes));
    }
    if (begins_with(bytes, {0x20, 0x02})) {  // 6to4
        return is_safe(ip::address_v4({bytes[2], bytes[3], bytes[4], bytes[5]}));
    }
    const bool metadata = begins_with(bytes, {0xFD, 0x00, 0x0E, 0xC2});
    return !compatible && !metadata && !address.is_loopback() && !address.is_unspecified() &&
           !address.is_link_local() && !address.is_multicast();
}

}  // namespace

bool is_safe_address(const std::string& text) {
    boost::system::error_code failed;
    const ip::address address = ip::make_address(text, failed);
    if (failed) {
        return false;
    }
    return address.is_v4() ? is_safe(address.to_v4()) : is_safe(address.to_v6());
}

}  // namespace meshscope::clients
