#include "clients/jaeger/otlp/otlp_proto_decoder.hpp"

#include "clients/jaeger/otlp/chunk_reader.hpp"
#include "clients/jaeger/otlp/otlp_proto_span.hpp"
#include "clients/jaeger/otlp/otlp_span.hpp"
#include "core/proto_reader.hpp"

#include <limits>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

// The first field 1 (a Resource of ResourceSpans, a scope of ScopeSpans), which may stand behind
// what belongs to it. Faults are found by whoever walks the whole.
std::optional<std::string_view> first_field(std::string_view bytes) {
    ProtoReader reader(bytes);
    while (reader.next()) {
        if (reader.tag() == ProtoReader::bytes(1)) {
            return reader.text();
        }
    }
    return std::nullopt;
}

}  // namespace

struct OtlpProtoDecoder::Impl {
    std::shared_ptr<models::Storage> storage = std::make_shared<models::Storage>();
    OtlpSpans spans{storage};
    OtlpProtoSpan decode{spans};
    std::size_t memory_limit = std::numeric_limits<std::size_t>::max();
    bool full = false;

    [[nodiscard]] std::size_t memory_bytes() const {
        return storage->memory_bytes() + spans.groups().span_count() * sizeof(models::Span);
    }
    bool span(std::string_view bytes, std::uint32_t resource, std::uint32_t scope) {
        full = memory_bytes() > memory_limit;
        return !full && decode.span(bytes, resource, scope);
    }

    bool resource_spans(std::string_view bytes);
    bool scope_spans(std::string_view bytes, std::uint32_t resource);
    bool resource_spans(ChunkReader& in, std::size_t end);
    bool scope_spans(ChunkReader& in, std::size_t end, std::uint32_t resource);
};

bool OtlpProtoDecoder::Impl::resource_spans(std::string_view bytes) {
    std::uint32_t number = 0;
    if (!decode.resource(first_field(bytes).value_or(std::string_view()), number)) {
        return false;
    }
    ProtoReader reader(bytes);
    while (reader.next()) {
        if (reader.tag() == ProtoReader::bytes(2) && !scope_spans(reader.text(), number)) {
            return false;
        }
    }
    return !reader.failed();
}

bool OtlpProtoDecoder::Impl::scope_spans(std::string_view bytes, std::uint32_t resource) {
    std::uint32_t number = 0;
    if (!decode.scope(first_field(bytes).value_or(std::string_view()), number)) {
        return false;
    }
    ProtoReader reader(bytes);
    while (reader.next()) {
        if (reader.tag() == ProtoReader::bytes(2) && !span(reader.text(), resource, number)) {
            return false;
        }
    }
    return !reader.failed();
}

// In one pass, so that a Resource behind its spans describes a number that they have already.
bool OtlpProtoDecoder::Impl::resource_spans(ChunkReader& in, std::size_t end) {
    std::optional<std::uint32_t> number;
    bool described = false;
    while (in.next(end)) {
        std::string_view bytes;
        bool sound = true;
        if (in.tag() == ProtoReader::bytes(1) && !described) {
            described = true;
            sound = in.take(bytes) && (number ? decode.describe_resource(bytes, *number)
                                              : decode.resource(bytes, number.emplace()));
        } else if (in.tag() == ProtoReader::bytes(2)) {
            number = number ? number : spans.add_resource();
            sound = scope_spans(in, in.end(), *number);
        } else if (in.holds_bytes()) {
            sound = in.skip();
        }
        if (!sound) {
            return false;
        }
    }
    return !in.failed();
}

bool OtlpProtoDecoder::Impl::scope_spans(ChunkReader& in, std::size_t end, std::uint32_t resource) {
    std::optional<std::uint32_t> number;
    bool described = false;
    while (in.next(end)) {
        std::string_view bytes;
        bool sound = true;
        if (in.tag() == ProtoReader::bytes(1) && !described) {
            described = true;
            sound = in.take(bytes) && (number ? decode.describe_scope(bytes, *number)
                                              : decode.scope(bytes, number.emplace()));
        } else if (in.tag() == ProtoReader::bytes(2)) {
            number = number ? number : spans.add_scope();
            sound = in.take(bytes) && span(bytes, resource, *number);
        } else if (in.holds_bytes()) {
            sound = in.skip();
        }
        if (!sound) {
            return false;
        }
    }
    return !in.failed();
}

OtlpProtoDecoder::OtlpProtoDecoder() : impl_(std::make_unique<Impl>()) {}
OtlpProtoDecoder::~OtlpProtoDecoder() = default;

void OtlpProtoDecoder::set_memory_limit(std::size_t bytes) { impl_->memory_limit = bytes; }

bool OtlpProtoDecoder::full() const { return impl_->full; }

bool OtlpProtoDecoder::add(std::string message) {
    impl_->decode.copy_texts(false);
    ProtoReader reader(impl_->storage->adopt(std::move(message)));
    while (reader.next()) {
        if (reader.tag() == ProtoReader::bytes(1) && !impl_->resource_spans(reader.text())) {
            return false;
        }
    }
    return !reader.failed();
}

bool OtlpProtoDecoder::add(ByteChunks& message) {
    impl_->decode.copy_texts(true);
    ChunkReader in(message);
    while (in.next(in.size())) {
        const bool sound = in.tag() == ProtoReader::bytes(1) ? impl_->resource_spans(in, in.end())
                                                             : !in.holds_bytes() || in.skip();
        if (!sound) {
            return false;
        }
    }
    return !in.failed();
}

std::size_t OtlpProtoDecoder::trace_count() const { return impl_->spans.groups().trace_count(); }

std::size_t OtlpProtoDecoder::span_count() const { return impl_->spans.groups().span_count(); }

std::uint64_t OtlpProtoDecoder::dropped() const { return impl_->spans.groups().dropped(); }

std::size_t OtlpProtoDecoder::memory_bytes() const { return impl_->memory_bytes(); }

std::vector<models::TracePtr> OtlpProtoDecoder::finish(bool cut) {
    return impl_->spans.finish(cut);
}

std::optional<std::vector<std::string>> decode_v3_services(std::string_view message) {
    std::vector<std::string> names;
    ProtoReader reader(message);
    while (reader.next()) {
        if (reader.tag() == ProtoReader::bytes(1)) {
            names.emplace_back(reader.text());
        }
    }
    if (reader.failed()) {
        return std::nullopt;
    }
    return names;
}

std::optional<std::vector<Operation>> decode_v3_operations(std::string_view message) {
    std::vector<Operation> operations;
    ProtoReader reader(message);
    while (reader.next()) {
        if (reader.tag() != ProtoReader::bytes(1)) {
            continue;
        }
        Operation& operation = operations.emplace_back();
        ProtoReader fields(reader.text());
        while (fields.next()) {
            if (fields.tag() == ProtoReader::bytes(1)) {
                operation.name = fields.text();
            } else if (fields.tag() == ProtoReader::bytes(2)) {
                operation.span_kind = fields.text();
            }
        }
        if (fields.failed()) {
            return std::nullopt;
        }
    }
    if (reader.failed()) {
        return std::nullopt;
    }
    return operations;
}

}  // namespace meshscope::clients::jaeger
