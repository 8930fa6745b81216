#pragma once

#include "clients/jaeger/trace_stream.hpp"

#include <cstddef>
#include <memory>

namespace meshscope::clients::jaeger {

// decode_otlp_traces() for a body that is too long to be kept: spans are decoded one by one, equal
// texts are kept once, and what is around them is decoded at the end. The same traces come out;
// only of a broken body more can be saved here (a span that cannot be read is left out and
// counted).
//
// `memory_limit`, in bytes: when the spans take more, the answer stops there with kBytes.
std::unique_ptr<TraceStream> make_v3_trace_stream(std::size_t memory_limit);

}  // namespace meshscope::clients::jaeger
