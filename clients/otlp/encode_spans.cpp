#include "clients/otlp/encode_spans.hpp"

#include "clients/otlp/proto_writer.hpp"

#include <array>
#include <cstdint>
#include <variant>

namespace meshscope::clients::otlp {

namespace {

using telemetry::SpanAttribute;
using telemetry::SpanRecord;

void write_value(std::string& out, const telemetry::SpanValue& value) {
    ProtoWriter writer(out);
    if (const auto* text = std::get_if<std::string>(&value)) {
        writer.message(1, *text);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
        writer.present_number(2, *flag ? 1 : 0);
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        writer.present_number(3, static_cast<std::uint64_t>(*integer));
    } else {
        writer.fixed64(4, std::get<double>(value));
    }
}

void write_attributes(
    std::string& out, std::uint32_t field, const std::vector<SpanAttribute>& attributes
) {
    std::string value;
    std::string pair;
    for (const SpanAttribute& attribute : attributes) {
        value.clear();
        write_value(value, attribute.value);
        pair.clear();
        ProtoWriter writer(pair);
        writer.bytes(1, attribute.key);
        writer.message(2, value);
        ProtoWriter(out).message(field, pair);
    }
}

std::string big_endian(std::uint64_t number) {
    std::string bytes(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[i] = static_cast<char>(static_cast<unsigned char>(number >> (56 - 8 * i)));
    }
    return bytes;
}

std::uint32_t flags_of(const SpanRecord& span) {
    constexpr std::uint32_t kSampled = 0x1;
    constexpr std::uint32_t kKnowsWhetherRemote = 0x100;
    constexpr std::uint32_t kRemote = 0x200;
    return kSampled | kKnowsWhetherRemote | (span.remote_parent ? kRemote : 0U);
}

void write_span(std::string& out, const SpanRecord& span) {
    ProtoWriter writer(out);
    writer.message(1, big_endian(span.trace.high) + big_endian(span.trace.low));
    writer.message(2, big_endian(span.id.value));
    writer.bytes(3, span.trace_state);
    if (!span.parent.is_zero()) {
        writer.message(4, big_endian(span.parent.value));
    }
    writer.bytes(5, span.name);
    writer.number(6, static_cast<std::uint64_t>(span.kind));
    writer.fixed64(7, static_cast<std::uint64_t>(span.start_ns));
    writer.fixed64(8, static_cast<std::uint64_t>(span.end_ns));
    write_attributes(out, 9, span.attributes);
    writer.number(10, span.dropped_attributes);
    if (span.status != telemetry::SpanStatus::kUnset) {
        std::string status;
        ProtoWriter status_writer(status);
        status_writer.bytes(2, span.status_message);
        status_writer.number(3, static_cast<std::uint64_t>(span.status));
        writer.message(15, status);
    }
    writer.fixed32(16, flags_of(span));
}

}  // namespace

SpanEncoder::SpanEncoder(const SpanSource& source) {
    write_attributes(resource_, 1, source.resource);
    ProtoWriter scope(scope_);
    scope.bytes(1, source.scope_name);
    scope.bytes(2, source.scope_version);
}

std::string SpanEncoder::encode(std::span<const telemetry::SpanPtr> spans) const {
    constexpr std::size_t kUsualSpan = 700;
    std::string scope_spans;
    scope_spans.reserve(spans.size() * kUsualSpan);
    ProtoWriter writer(scope_spans);
    writer.message(1, scope_);
    std::string encoded;
    for (const telemetry::SpanPtr& span : spans) {
        encoded.clear();
        write_span(encoded, *span);
        writer.message(2, encoded);
    }
    std::string resource_spans;
    resource_spans.reserve(scope_spans.size() + resource_.size() + 16);
    ProtoWriter(resource_spans).message(1, resource_);
    ProtoWriter(resource_spans).message(2, scope_spans);
    std::string request;
    request.reserve(resource_spans.size() + 8);
    ProtoWriter(request).message(1, resource_spans);
    return request;
}

}  // namespace meshscope::clients::otlp
