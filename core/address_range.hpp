#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace meshscope {

// IP addresses with a common prefix: "10.0.0.0/8", "fd00::/8", or one address. An IPv4 address that
// is written as an IPv6 one ("::ffff:10.0.0.1") is the same address.
class AddressRange {
 public:
    static std::optional<AddressRange> parse(std::string_view text);
    // False for what is no address.
    [[nodiscard]] bool contains(std::string_view address) const;

 private:
    using Bytes = std::array<std::uint8_t, 16>;

    Bytes first_{};
    unsigned prefix_ = 128;  // bits
};

// Neither a name, nor with a port or brackets.
[[nodiscard]] bool is_ip_address(std::string_view text);

}  // namespace meshscope
