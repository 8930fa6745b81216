#pragma once

#include "clients/otlp/collector.hpp"
#include "clients/otlp/span_sender.hpp"
#include "core/clock.hpp"

#include <memory>

namespace meshscope::clients::otlp {

// OTLP over HTTP: POST <path>/v1/traces in protobuf. `clock` outlives the sender.
std::unique_ptr<SpanSender> make_http_sender(Collector collector, const Clock& clock);

}  // namespace meshscope::clients::otlp
