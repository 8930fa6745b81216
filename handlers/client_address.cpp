#include "handlers/client_address.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <string_view>

namespace meshscope::handlers {
namespace {

// "10.0.0.1:5", "[fd00::1]:5", "[fd00::1]": without brackets and port.
std::string_view bare(std::string_view hop) {
    hop = trim(hop);
    if (hop.starts_with('[')) {
        return hop.substr(1, std::min(hop.find(']'), hop.size()) - 1);
    }
    const std::size_t colon = hop.find(':');
    const bool one = colon != std::string_view::npos && colon == hop.rfind(':');
    return one ? hop.substr(0, colon) : hop;
}

}  // namespace

std::string client_address(
    const server::Request& request, const std::vector<AddressRange>& trusted
) {
    const auto is_trusted = [&](std::string_view address) {
        return std::ranges::any_of(trusted, [&](const AddressRange& range) {
            return range.contains(address);
        });
    };
    std::string address = request.peer;
    const auto& fields = request.headers.items();
    for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
        if (!iequals(field->first, "X-Forwarded-For")) {
            continue;
        }
        std::string_view hops = field->second;
        while (!hops.empty()) {
            const std::size_t comma = hops.rfind(',');
            const bool first = comma == std::string_view::npos;
            const std::string_view hop = bare(first ? hops : hops.substr(comma + 1));
            hops = first ? std::string_view() : hops.substr(0, comma);
            if (!is_trusted(address) || !is_ip_address(hop)) {
                return address;
            }
            address = hop;
        }
    }
    return address;
}

}  // namespace meshscope::handlers
