#include "core/address_range.hpp"

#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <string>

namespace meshscope {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr unsigned kMappedBits = 96;  // in front of an IPv4 address

struct Address {
    Bytes bytes{};
    bool v4 = false;
};

std::optional<Address> read(std::string_view text) {
    const std::string terminated(text);
    Address address;
    if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) {
        return address;
    }
    address.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    address.v4 = inet_pton(AF_INET, terminated.c_str(), &address.bytes[kMappedBits / 8]) == 1;
    return address.v4 ? std::optional(address) : std::nullopt;
}

bool same_prefix(const Bytes& a, const Bytes& b, unsigned bits) {
    const unsigned whole = bits / 8;
    if (std::memcmp(a.data(), b.data(), whole) != 0) {
        return false;
    }
    const unsigned rest = bits % 8;
    return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = read(text.substr(0, slash));
    if (!address) {
        return std::nullopt;
    }
    AddressRange range;
    range.first_ = address->bytes;
    if (slash == std::string_view::npos) {
        return range;
    }
    const std::string_view digits = text.substr(slash + 1);
    const unsigned most = address->v4 ? 32 : 128;
    unsigned bits = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() || bits > most) {
        return std::nullopt;
    }
    range.prefix_ = bits + (address->v4 ? kMappedBits : 0);
    return range;
}

bool AddressRange::contains(std::string_view address) const {
    const auto read_address = read(address);
    return read_address && same_prefix(read_address->bytes, first_, prefix_);
}

bool is_ip_address(std::string_view text) { return read(text).has_value(); }

}  // namespace meshscope
