#pragma once

#include "business/graph_request.hpp"
#include "business/traffic_rows.hpp"
#include "models/graph_parts.hpp"

#include <cstdint>
#include <string_view>

namespace meshscope::business {

// What a question of traffic counts. The names of TCP's metrics say whose bytes the proxy of the
// destination saw: what a client sends is what its destination has received.
enum class TrafficMetric : std::uint8_t {
    kRequests,
    kMessagesSent,
    kMessagesReceived,
    kBytesSent,
    kBytesReceived,
};

// By which protocol a row's traffic went, and how it was answered: numbers of texts.
struct TrafficSaid {
    enum class Kind : std::uint8_t { kTraffic, kNotAskedFor, kMissingLabels };
    Kind kind = Kind::kTraffic;
    std::uint32_t protocol = 0;
    std::uint32_t code = 0;   // of requests; "-": no response, "": of none
    std::uint32_t flags = 0;  // of Envoy
};

// Reads what rows say besides their two ends. The texts outlive it.
class TrafficSayings {
 public:
    explicit TrafficSayings(TrafficTexts& texts);

    [[nodiscard]] TrafficSaid of(
        TrafficMetric metric, const TrafficRow& row, const GraphRequest& request
    ) const;
    // How a code is shown on an edge of that protocol.
    [[nodiscard]] std::uint32_t shown(std::uint32_t code, models::Protocol protocol) const;

 private:
    [[nodiscard]] TrafficSaid of_request(const TrafficRow& row, const GraphRequest& request) const;

    const TrafficTexts& texts_;
    std::uint32_t none_, grpc_, tcp_, no_response_;
};

// The rates of one row on its edge and on the node it reaches. `code` "-": no response.
models::TrafficRates rates_of(models::Protocol protocol, std::string_view code, double rate);

}  // namespace meshscope::business
