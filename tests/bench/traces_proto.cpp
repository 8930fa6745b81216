#include "tests/bench/traces_proto.hpp"

#include <string>

namespace meshscope::bench {

namespace {

namespace api = jaeger::api_v2;

constexpr std::size_t kSpansPerChunk = 100;

std::string big_endian(std::uint64_t value) {
    std::string out(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) {
        out[7 - i] = static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
    }
    return out;
}

void fill_tag(const BenchTag& tag, api::KeyValue& out) {
    out.set_key(tag.key);
    if (tag.is_number) {
        out.set_v_type(api::INT64);
        out.set_v_int64(std::stoll(tag.value));
    } else {
        out.set_v_str(tag.value);
    }
}

void fill_span(const BenchTrace& trace, const BenchSpan& span, api::Span& out) {
    const std::string trace_id = big_endian(trace.id_high) + big_endian(trace.id_low);
    out.set_trace_id(trace_id);
    out.set_span_id(big_endian(span.id));
    out.set_operation_name(span.operation);
    if (span.parent != 0) {
        api::SpanRef& reference = *out.add_references();
        reference.set_trace_id(trace_id);
        reference.set_span_id(big_endian(span.parent));
    }
    out.mutable_start_time()->set_seconds(static_cast<std::int64_t>(span.start_us / 1'000'000));
    out.mutable_start_time()->set_nanos(static_cast<std::int32_t>(span.start_us % 1'000'000 * 1000)
    );
    out.mutable_duration()->set_nanos(static_cast<std::int32_t>(span.duration_us * 1000));
    for (const BenchTag& tag : span.tags) {
        fill_tag(tag, *out.add_tags());
    }
    const BenchProcess& process = trace.processes[span.process];
    out.mutable_process()->set_service_name(process.service);
    for (const BenchTag& tag : process.tags) {
        fill_tag(tag, *out.mutable_process()->add_tags());
    }
}

}  // namespace

std::vector<api::SpansResponseChunk> to_chunks(const std::vector<BenchTrace>& traces) {
    std::vector<api::SpansResponseChunk> chunks;
    for (const BenchTrace& trace : traces) {
        for (std::size_t i = 0; i < trace.spans.size(); ++i) {
            if (i % kSpansPerChunk == 0) {
                chunks.emplace_back();
            }
            fill_span(trace, trace.spans[i], *chunks.back().add_spans());
        }
    }
    return chunks;
}

}  // namespace meshscope::bench
