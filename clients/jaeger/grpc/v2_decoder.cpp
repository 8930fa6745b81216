#include "clients/jaeger/grpc/v2_decoder.hpp"

#include "core/proto_reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

using models::Log;
using models::Process;
using models::Reference;
using models::ReferenceType;
using models::Tag;

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

// The parts of a KeyValue; which one counts is decided when all are known.
struct KeyValue {
    enum Part : unsigned { kString = 1, kBool = 2, kInt = 4, kDouble = 8, kBinary = 16 };

    std::string_view key;
    std::uint64_t type = 0;
    unsigned present = 0;
    std::string_view string;
    std::string_view binary;
    bool boolean = false;
    std::int64_t integer = 0;
    double number = 0;

    [[nodiscard]] bool has(Part part) const { return (present & part) != 0; }

    [[nodiscard]] Tag as(Part part) const {
        switch (part) {
            case kBool:
                return Tag::boolean(key, boolean);
            case kInt:
                return Tag::integer(key, integer);
            case kDouble:
                return Tag::number(key, number);
            case kBinary:
                return Tag::binary(key, binary);
            default:
                return Tag::string(key, string);
        }
    }

    // By its type; a zero value is not on the wire. A value under another type than said, or under
    // a type that is not known, is taken as what it is.
    [[nodiscard]] Tag tag() const {
        constexpr Part kParts[] = {kString, kBool, kInt, kDouble, kBinary};
        const Part said = type < std::size(kParts) ? kParts[type] : kString;
        if (present == 0 || has(said)) {
            return as(said);
        }
        return as(*std::find_if(std::begin(kParts), std::end(kParts), [this](Part part) {
            return has(part);
        }));
    }
};

std::int64_t saturated_nanos(std::int64_t seconds, std::int64_t nanos, bool& saturated) {
    std::int64_t out = 0;
    if (__builtin_mul_overflow(seconds, kNanosPerSecond, &out) ||
        __builtin_add_overflow(out, nanos, &out)) {
        saturated = true;
        return seconds < 0 ? std::numeric_limits<std::int64_t>::min()
                           : std::numeric_limits<std::int64_t>::max();
    }
    return out;
}

}  // namespace

V2SpanDecoder::V2SpanDecoder() = default;

bool V2SpanDecoder::add(std::string message) {
    copy_texts_ = false;
    return decode_message(storage_->adopt(std::move(message)));
}

bool V2SpanDecoder::add(ByteChunks& message) {
    copy_texts_ = true;
    message_.clear();
    message_.reserve(message.size());
    while (const auto piece = message.next()) {
        message_.append(*piece);
    }
    return decode_message(message_);
}

bool V2SpanDecoder::decode_message(std::string_view bytes) {
    ProtoReader reader(bytes);
    while (reader.next()) {
        if (reader.tag() != ProtoReader::bytes(1)) {
            continue;
        }
        full_ = memory_bytes() > memory_limit_;
        if (full_ || !decode_span(reader.text())) {
            return false;
        }
    }
    return !reader.failed();
}

bool V2SpanDecoder::decode_span(std::string_view bytes) {
    SpanParts parts;
    if (!collect(bytes, parts)) {
        return false;
    }
    const std::optional<TraceId> id = TraceId::from_bytes(parts.trace_id);
    if (!id || id->is_zero()) {
        groups_.drop();
        return true;
    }
    for (Reference& reference : references_) {
        reference.trace = reference.trace.is_zero() ? *id : reference.trace;
    }
    parts.span.references = storage_->copy(references_);
    parts.span.tags = storage_->copy(tags_);
    parts.span.logs = storage_->copy(logs_);
    parts.span.warnings = storage_->copy(warnings_);
    if (const auto span_id = SpanId::from_bytes(parts.span_id)) {
        parts.span.id = *span_id;
    }
    oddities_.bad_span_id += parts.span.id.is_zero() ? 1U : 0U;
    oddities_.no_process += parts.has_process ? 0U : 1U;
    if (!process_number(parts, parts.span.process)) {
        return false;
    }
    groups_.add(*id, parts.span, oddities_);
    return true;
}

bool V2SpanDecoder::collect(std::string_view bytes, SpanParts& parts) {
    tags_.clear();
    logs_.clear();
    references_.clear();
    warnings_.clear();
    oddities_ = {};
    ProtoReader reader(bytes);
    bool sound = true;
    while (sound && reader.next()) {
        const std::string_view text = reader.text();
        switch (reader.tag()) {
            case ProtoReader::bytes(1):
                parts.trace_id = text;
                break;
            case ProtoReader::bytes(2):
                parts.span_id = text;
                break;
            case ProtoReader::bytes(3):
                parts.span.operation = keep(text);
                break;
            case ProtoReader::bytes(4):
                sound = decode_reference(text);
                break;
            case ProtoReader::varint(5):
                parts.span.flags = static_cast<std::uint32_t>(reader.number());
                break;
            case ProtoReader::bytes(6):
                sound = decode_time(text, parts.span.start_ns);
                break;
            case ProtoReader::bytes(7):
                sound = decode_time(text, parts.span.duration_ns);
                break;
            case ProtoReader::bytes(8):
                sound = decode_tag(text, tags_);
                break;
            case ProtoReader::bytes(9):
                sound = decode_log(text);
                break;
            case ProtoReader::bytes(10):
                parts.process = text;
                parts.has_process = true;
                break;
            case ProtoReader::bytes(12):
                warnings_.push_back(keep(text));
                break;
            default:
                break;
        }
    }
    sort_by_time(logs_);
    return sound && !reader.failed();
}

bool V2SpanDecoder::decode_tag(std::string_view bytes, std::vector<Tag>& out) {
    models::TagInterner& interner = &out == &fields_ ? log_fields_ : span_tags_;
    Tag known;
    if (copy_texts_ && interner.match(out.size(), bytes, known) == bytes.size() && !bytes.empty()) {
        out.push_back(known);
        return true;
    }
    KeyValue pair;
    ProtoReader reader(bytes);
    while (reader.next()) {
        switch (reader.tag()) {
            case ProtoReader::bytes(1):
                pair.key = reader.text();
                break;
            case ProtoReader::varint(2):
                pair.type = reader.number();
                break;
            case ProtoReader::bytes(3):
                pair.string = reader.text();
                pair.present |= KeyValue::kString;
                break;
            case ProtoReader::varint(4):
                pair.boolean = reader.number() != 0;
                pair.present |= KeyValue::kBool;
                break;
            case ProtoReader::varint(5):
                pair.integer = reader.signed_number();
                pair.present |= KeyValue::kInt;
                break;
            case ProtoReader::fixed64(6):
                pair.number = reader.as_double();
                pair.present |= KeyValue::kDouble;
                break;
            case ProtoReader::bytes(7):
                pair.binary = reader.text();
                pair.present |= KeyValue::kBinary;
                break;
            default:
                break;
        }
    }
    if (copy_texts_) {
        const bool sound = !reader.failed();
        out.push_back(interner.intern(out.size(), pair.tag(), sound ? bytes : std::string_view()));
    } else {
        out.push_back(pair.tag());
    }
    return !reader.failed();
}

bool V2SpanDecoder::decode_log(std::string_view bytes) {
    Log log;
    fields_.clear();
    ProtoReader reader(bytes);
    bool sound = true;
    while (sound && reader.next()) {
        if (reader.tag() == ProtoReader::bytes(1)) {
            sound = decode_time(reader.text(), log.time_ns);
        } else if (reader.tag() == ProtoReader::bytes(2)) {
            sound = decode_tag(reader.text(), fields_);
        }
    }
    log.fields = storage_->copy(fields_);
    logs_.push_back(log);
    return sound && !reader.failed();
}

bool V2SpanDecoder::decode_reference(std::string_view bytes) {
    std::string_view trace_id;
    std::string_view span_id;
    std::uint64_t type = 0;
    ProtoReader reader(bytes);
    while (reader.next()) {
        switch (reader.tag()) {
            case ProtoReader::bytes(1):
                trace_id = reader.text();
                break;
            case ProtoReader::bytes(2):
                span_id = reader.text();
                break;
            case ProtoReader::varint(3):
                type = reader.number();
                break;
            default:
                break;
        }
    }
    const auto trace = trace_id.empty() ? TraceId{} : TraceId::from_bytes(trace_id);
    const auto span = SpanId::from_bytes(span_id);
    if (trace && span) {
        references_.push_back(
            {*trace, *span, type == 0 ? ReferenceType::kChildOf : ReferenceType::kFollowsFrom}
        );
    } else {
        ++oddities_.bad_reference;
    }
    return !reader.failed();
}

// A Timestamp or a Duration: seconds and nanoseconds.
bool V2SpanDecoder::decode_time(std::string_view bytes, std::int64_t& nanos) {
    std::int64_t seconds = 0;
    std::int64_t rest = 0;
    ProtoReader reader(bytes);
    while (reader.next()) {
        if (reader.tag() == ProtoReader::varint(1)) {
            seconds = reader.signed_number();
        } else if (reader.tag() == ProtoReader::varint(2)) {
            rest = reader.signed_number();
        }
    }
    bool odd = rest <= -kNanosPerSecond || rest >= kNanosPerSecond;
    nanos = saturated_nanos(seconds, rest, odd);
    oddities_.bad_time += odd ? 1U : 0U;
    return !reader.failed();
}

bool V2SpanDecoder::decode_process(std::string_view bytes, Process& out) {
    fields_.clear();
    ProtoReader reader(bytes);
    bool sound = true;
    while (sound && reader.next()) {
        if (reader.tag() == ProtoReader::bytes(1)) {
            out.service = keep(reader.text());
        } else if (reader.tag() == ProtoReader::bytes(2)) {
            sound = decode_tag(reader.text(), fields_);
        }
    }
    out.tags = storage_->copy(fields_);
    return sound && !reader.failed();
}

bool V2SpanDecoder::process_number(const SpanParts& parts, std::uint32_t& out) {
    if (processes_.empty() || last_process_ != parts.process) {
        auto known = processes_.find(parts.process);
        if (known == processes_.end()) {
            Process process;
            if (!decode_process(parts.process, process)) {
                return false;
            }
            const std::string_view bytes =
                copy_texts_ ? storage_->copy(parts.process) : parts.process;
            known = processes_.emplace(bytes, groups_.add_process(process)).first;
        }
        last_process_ = known->first;
        last_number_ = known->second;
    }
    out = last_number_;
    return true;
}

std::optional<std::vector<std::string>> decode_v2_services(std::string_view message) {
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

std::optional<std::vector<Operation>> decode_v2_operations(std::string_view message) {
    std::vector<Operation> names;
    std::vector<Operation> operations;
    ProtoReader reader(message);
    while (reader.next()) {
        if (reader.tag() == ProtoReader::bytes(1)) {
            names.push_back({std::string(reader.text()), ""});
        } else if (reader.tag() == ProtoReader::bytes(2)) {
            Operation operation;
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
            operations.push_back(std::move(operation));
        }
    }
    if (reader.failed()) {
        return std::nullopt;
    }
    return operations.empty() ? std::move(names) : std::move(operations);
}

}  // namespace meshscope::clients::jaeger
