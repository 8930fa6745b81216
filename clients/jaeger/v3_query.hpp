#pragma once

#include "clients/trace_store.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace meshscope::clients::jaeger {

// What api_v3 wants over gRPC and HTTP alike.

// The same window, but never empty: the start must lie before the end.
inline TimeRange v3_window(TimeRange window) {
    return {window.start, std::max(window.end, window.start + std::chrono::microseconds(1))};
}

// Always 32 digits.
inline std::string v3_trace_id(TraceId id) {
    std::string out(32, '0');
    write_hex16(id.high, out.data());
    write_hex16(id.low, out.data() + 16);
    return out;
}

}  // namespace meshscope::clients::jaeger
