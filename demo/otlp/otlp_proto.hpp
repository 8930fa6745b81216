#pragma once

#include "demo/otlp/received.hpp"

#include <string>
#include <string_view>

namespace meshscope::demo {

// Reads an ExportTraceServiceRequest in protobuf. kInvalidArgument when it is none.
Result<Received> decode_otlp_proto(std::string_view body);

// An ExportTraceServiceResponse; empty when nothing was rejected.
std::string otlp_response_proto(std::int64_t rejected, const std::string& why);

}  // namespace meshscope::demo
