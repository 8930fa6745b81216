#pragma once

#include "clients/promql.hpp"

// Bytes over TCP. The metrics are named as the called one's proxy sees them: what it received is
// what the client sent. Here they are turned, and nowhere else.
namespace meshscope::business {

inline constexpr clients::promql::Literal kBytesSentByClients = "istio_tcp_received_bytes_total";
inline constexpr clients::promql::Literal kBytesSentToClients = "istio_tcp_sent_bytes_total";

}  // namespace meshscope::business
