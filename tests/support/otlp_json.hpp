#pragma once

#include "opentelemetry/proto/trace/v1/trace.pb.h"

#include <string>

namespace meshscope::test {

// The OTLP/JSON of a message as Jaeger's HTTP api_v3 writes it: compact, ids in hex, 64-bit numbers
// as text, enums as numbers, empty fields left out. {"resourceSpans":[...]}, without "result".
// Texts must be UTF-8.
std::string to_otlp_json(const opentelemetry::proto::trace::v1::TracesData& data);

}  // namespace meshscope::test
