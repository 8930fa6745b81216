#pragma once

#include "business/tcp_bytes.hpp"
#include "clients/promql.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace meshscope::business {

// What Istio's metrics tell of an object's traffic, ascending by the name on the wire.
enum class MetricFamily : std::uint8_t {
    kGrpcReceived,
    kGrpcSent,
    kRequestCount,
    kRequestDuration,
    kRequestErrors,
    kRequestSize,
    kRequestThroughput,
    kResponseSize,
    kResponseThroughput,
    kTcpClosed,
    kTcpOpened,
    kTcpReceived,
    kTcpSent,
};
inline constexpr std::size_t kMetricFamilies = 13;

struct FamilySpec {
    enum class Kind : std::uint8_t { kRequests, kErrors, kConnections, kHistogram };
    MetricFamily family;
    clients::promql::Literal name;  // on the wire
    Kind kind;
    // Counters: the metric. Histograms: their buckets.
    clients::promql::Literal metric;
    // Histograms only, else "".
    clients::promql::Literal sum;
    clients::promql::Literal count;
    // What stands in for all of these where proxies write native histograms; "" for other counters.
    clients::promql::Literal native;
};

// Indexed by MetricFamily. Rates are per second, durations in milliseconds, sizes in bytes.
// TCP is sent and received as the client sees it.
inline constexpr std::array<FamilySpec, kMetricFamilies> kFamilies{{
    {MetricFamily::kGrpcReceived,
     "grpc_received",
     FamilySpec::Kind::kRequests,
     "istio_response_messages_total",
     "",
     "",
     ""},
    {MetricFamily::kGrpcSent,
     "grpc_sent",
     FamilySpec::Kind::kRequests,
     "istio_request_messages_total",
     "",
     "",
     ""},
    {MetricFamily::kRequestCount,
     "request_count",
     FamilySpec::Kind::kRequests,
     "istio_requests_total",
     "",
     "",
     ""},
    {MetricFamily::kRequestDuration,
     "request_duration_millis",
     FamilySpec::Kind::kHistogram,
     "istio_request_duration_milliseconds_bucket",
     "istio_request_duration_milliseconds_sum",
     "istio_request_duration_milliseconds_count",
     "istio_request_duration_milliseconds"},
    {MetricFamily::kRequestErrors,
     "request_error_count",
     FamilySpec::Kind::kErrors,
     "istio_requests_total",
     "",
     "",
     ""},
    {MetricFamily::kRequestSize,
     "request_size",
     FamilySpec::Kind::kHistogram,
     "istio_request_bytes_bucket",
     "istio_request_bytes_sum",
     "istio_request_bytes_count",
     "istio_request_bytes"},
    {MetricFamily::kRequestThroughput,
     "request_throughput",
     FamilySpec::Kind::kRequests,
     "istio_request_bytes_sum",
     "",
     "",
     "istio_request_bytes"},
    {MetricFamily::kResponseSize,
     "response_size",
     FamilySpec::Kind::kHistogram,
     "istio_response_bytes_bucket",
     "istio_response_bytes_sum",
     "istio_response_bytes_count",
     "istio_response_bytes"},
    {MetricFamily::kResponseThroughput,
     "response_throughput",
     FamilySpec::Kind::kRequests,
     "istio_response_bytes_sum",
     "",
     "",
     "istio_response_bytes"},
    {MetricFamily::kTcpClosed,
     "tcp_closed",
     FamilySpec::Kind::kConnections,
     "istio_tcp_connections_closed_total",
     "",
     "",
     ""},
    {MetricFamily::kTcpOpened,
     "tcp_opened",
     FamilySpec::Kind::kConnections,
     "istio_tcp_connections_opened_total",
     "",
     "",
     ""},
    {MetricFamily::kTcpReceived,
     "tcp_received",
     FamilySpec::Kind::kConnections,
     kBytesSentToClients,
     "",
     "",
     ""},
    {MetricFamily::kTcpSent,
     "tcp_sent",
     FamilySpec::Kind::kConnections,
     kBytesSentByClients,
     "",
     "",
     ""},
}};

constexpr const FamilySpec& spec_of(MetricFamily family) {
    return kFamilies[static_cast<std::size_t>(family)];
}
constexpr std::string_view to_string(MetricFamily family) { return spec_of(family).name.text(); }

// nullopt: there is no family of that name.
constexpr std::optional<MetricFamily> family_named(std::string_view name) {
    for (const FamilySpec& spec : kFamilies) {
        if (spec.name.text() == name) {
            return spec.family;
        }
    }
    return std::nullopt;
}

}  // namespace meshscope::business
