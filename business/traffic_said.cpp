#include "business/traffic_said.hpp"

namespace meshscope::business {

namespace {

using models::Protocol;
using models::TrafficRates;

constexpr std::string_view kNoResponse = "-";

bool is_status(std::string_view code, char first) {
    return code.size() == 3 && code.front() == first;
}

}  // namespace

TrafficSayings::TrafficSayings(TrafficTexts& texts)
    : texts_(texts),
      none_(texts.number("")),
      grpc_(texts.number("grpc")),
      tcp_(texts.number("tcp")),
      no_response_(texts.number(kNoResponse)) {}

TrafficSaid TrafficSayings::of(
    TrafficMetric metric, const TrafficRow& row, const GraphRequest& request
) const {
    using Kind = TrafficSaid::Kind;
    const std::uint32_t flags = row[TrafficLabel::kFlags];
    switch (metric) {
        case TrafficMetric::kMessagesSent:
        case TrafficMetric::kMessagesReceived:
            return {Kind::kTraffic, grpc_, none_, none_};
        case TrafficMetric::kBytesSent:
        case TrafficMetric::kBytesReceived:
            return {flags == none_ ? Kind::kMissingLabels : Kind::kTraffic, tcp_, none_, flags};
        case TrafficMetric::kRequests:
            break;
    }
    return of_request(row, request);
}

TrafficSaid TrafficSayings::of_request(const TrafficRow& row, const GraphRequest& request) const {
    using Kind = TrafficSaid::Kind;
    const std::uint32_t http = row[TrafficLabel::kHttpCode];
    TrafficSaid said{Kind::kTraffic, row[TrafficLabel::kProtocol], http, row[TrafficLabel::kFlags]};
    if (said.protocol == none_ || said.flags == none_ || http == none_) {
        said.kind = Kind::kMissingLabels;
        return said;
    }
    const bool is_grpc = said.protocol == grpc_;
    const bool is_http = !is_grpc && texts_.text(said.protocol) == "http";
    if ((is_grpc && request.grpc != TrafficRate::kRequests) ||
        (is_http && request.http != TrafficRate::kRequests)) {
        said.kind = Kind::kNotAskedFor;
        return said;
    }
    // The status of gRPC where there is one and HTTP did not fail.
    const std::string_view text = texts_.text(http);
    const std::uint32_t status = row[TrafficLabel::kGrpcStatus];
    if (text == "0") {
        said.code = no_response_;
    } else if (is_grpc && status != none_ && !is_status(text, '4') && !is_status(text, '5')) {
        said.code = status;
    }
    return said;
}

std::uint32_t TrafficSayings::shown(std::uint32_t code, Protocol protocol) const {
    return protocol == Protocol::kTcp || code == none_ ? no_response_ : code;
}

TrafficRates rates_of(Protocol protocol, std::string_view code, double rate) {
    TrafficRates rates;
    rates.total = rate;
    if (protocol == Protocol::kTcp) {
        return rates;
    }
    if (code == kNoResponse) {
        rates.no_response = rate;
    } else if (protocol == Protocol::kGrpc) {
        const bool http = code.size() == 3;
        const bool failed =
            http ? code.front() == '4' || code.front() == '5' : !code.empty() && code != "0";
        rates.errors = failed ? rate : 0;
    } else if (code.starts_with('3')) {
        rates.status_3xx = rate;
    } else if (code.starts_with('4')) {
        rates.status_4xx = rate;
    } else if (code.starts_with('5')) {
        rates.status_5xx = rate;
    }
    return rates;
}

}  // namespace meshscope::business
