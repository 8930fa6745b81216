#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::business {

// The parts of a store's URL that suggestions change. Userinfo is left out: it is never shown.
struct StoreUrl {
    bool https = false;
    std::string host;        // no brackets around IPv6
    std::uint16_t port = 0;  // 0: not given
    std::string path;        // "" or "/jaeger"; no trailing slash

    [[nodiscard]] std::uint16_t port_or_default() const {
        return port != 0 ? port : static_cast<std::uint16_t>(https ? 443 : 80);
    }
    [[nodiscard]] std::string to_string() const;
    // Scheme, host and port, as given or by default, are those of `other`.
    [[nodiscard]] bool same_place(const StoreUrl& other) const;
    friend bool operator==(const StoreUrl&, const StoreUrl&) = default;
};

// nullopt: no http or https URL with a host, or with a query or fragment.
[[nodiscard]] std::optional<StoreUrl> read_store_url(std::string_view text);

}  // namespace meshscope::business
