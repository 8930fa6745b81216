#pragma once

#include "clients/trace_store.hpp"
#include "core/byte_chunks.hpp"
#include "models/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::clients::jaeger {

// opentelemetry.proto.trace.v1.TracesData (what jaeger.api_v3 streams) to models, straight from the
// bytes. Pure; one thread. What a span becomes is told in otlp_span.hpp, the same for JSON.
//
// The traces of one answer share one Storage. Spans are grouped by trace id however messages and
// resources cut and mix them. Spans whose trace id is not 8 or 16 bytes, or is zero, are dropped
// and counted. Bytes that are not UTF-8 never lose a span.
class OtlpProtoDecoder {
 public:
    OtlpProtoDecoder();
    ~OtlpProtoDecoder();

    // Beyond so many bytes of memory no more spans are taken: add() then gives false, and full()
    // says why.
    void set_memory_limit(std::size_t bytes);
    [[nodiscard]] bool full() const;

    // One message. The Storage keeps it and texts are slices of it. False when it is malformed: the
    // whole spans before the fault are kept.
    bool add(std::string message);
    // The same for a message too large to keep: read piece by piece, texts are copied once each.
    bool add(ByteChunks& message);

    [[nodiscard]] std::size_t trace_count() const;
    [[nodiscard]] std::size_t span_count() const;
    [[nodiscard]] std::uint64_t dropped() const;  // spans without a usable trace id
    [[nodiscard]] std::size_t memory_bytes() const;

    // The traces in the order of their first spans. `cut`: the answer ended early, so the trace
    // that got the last span comes last and says that it may lack spans. Call once.
    std::vector<models::TracePtr> finish(bool cut);

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// GetServicesResponse, as sent; nullopt when malformed.
std::optional<std::vector<std::string>> decode_v3_services(std::string_view message);
// GetOperationsResponse, as sent; nullopt when malformed.
std::optional<std::vector<Operation>> decode_v3_operations(std::string_view message);

}  // namespace meshscope::clients::jaeger
