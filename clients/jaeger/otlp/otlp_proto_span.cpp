#include "clients/jaeger/otlp/otlp_proto_span.hpp"

#include "core/json_writer.hpp"
#include "core/proto_reader.hpp"
#include "core/text.hpp"

namespace meshscope::clients::jaeger {

namespace {

using models::Tag;

// Fields of AnyValue.
constexpr std::uint32_t kString = ProtoReader::bytes(1);
constexpr std::uint32_t kBool = ProtoReader::varint(2);
constexpr std::uint32_t kInt = ProtoReader::varint(3);
constexpr std::uint32_t kDouble = ProtoReader::fixed64(4);
constexpr std::uint32_t kArray = ProtoReader::bytes(5);
constexpr std::uint32_t kMap = ProtoReader::bytes(6);
constexpr std::uint32_t kBinary = ProtoReader::bytes(7);

bool is_value(std::uint32_t tag) {
    return tag == kString || tag == kBool || tag == kInt || tag == kDouble || tag == kArray ||
           tag == kMap || tag == kBinary;
}

struct KeyValue {
    std::string_view key;
    std::string_view value;  // an encoded AnyValue
};

bool read_key_value(std::string_view bytes, KeyValue& out) {
    ProtoReader reader(bytes);
    while (reader.next()) {
        if (reader.tag() == ProtoReader::bytes(1)) {
            out.key = reader.text();
        } else if (reader.tag() == ProtoReader::bytes(2)) {
            out.value = reader.text();
        }
    }
    return !reader.failed();
}

// Writes an AnyValue as JSON. The last value of several counts, as everywhere in protobuf.
class ValueWriter {
 public:
    ValueWriter(JsonWriter& writer, SpanOddities& oddities)
        : writer_(writer), oddities_(oddities) {}

    bool any(std::string_view bytes, std::size_t depth) {
        ProtoReader reader(bytes);
        ProtoReader last(bytes);
        std::uint32_t tag = 0;
        while (reader.next()) {
            if (is_value(reader.tag())) {
                tag = reader.tag();
                last = reader;
            }
        }
        return !reader.failed() && write(tag, last, depth);
    }

    bool write(std::uint32_t tag, const ProtoReader& value, std::size_t depth) {
        switch (tag) {
            case kString:
                writer_.string(value.text());
                return true;
            case kBool:
                writer_.boolean(value.number() != 0);
                return true;
            case kInt:
                writer_.integer(value.signed_number());
                return true;
            case kDouble:
                writer_.number(value.as_double());
                return true;
            case kBinary:
                writer_.string(base64_encode(value.text()));
                return true;
            case kArray:
            case kMap:
                break;
            default:
                writer_.null();
                return true;
        }
        if (depth >= kDeepestValue) {
            ++oddities_.too_deep;
            writer_.null();
            return true;
        }
        return tag == kArray ? array(value.text(), depth) : map(value.text(), depth);
    }

 private:
    bool array(std::string_view bytes, std::size_t depth) {
        writer_.begin_array();
        ProtoReader items(bytes);
        while (items.next()) {
            if (items.tag() == ProtoReader::bytes(1) && !any(items.text(), depth + 1)) {
                return false;
            }
        }
        writer_.end_array();
        return !items.failed();
    }

    bool map(std::string_view bytes, std::size_t depth) {
        writer_.begin_object();
        ProtoReader items(bytes);
        while (items.next()) {
            if (items.tag() != ProtoReader::bytes(1)) {
                continue;
            }
            KeyValue pair;
            if (!read_key_value(items.text(), pair)) {
                return false;
            }
            writer_.key(pair.key);
            if (!any(pair.value, depth + 1)) {
                return false;
            }
        }
        writer_.end_object();
        return !items.failed();
    }

    JsonWriter& writer_;
    SpanOddities& oddities_;
};

}  // namespace

std::string_view OtlpProtoSpan::keep(std::string_view text) {
    return copy_texts_ ? spans_.storage().intern(text) : text;
}

bool OtlpProtoSpan::find(Known& known, std::string_view bytes, std::uint32_t& number) {
    if (known.numbers.empty() || known.last != bytes) {
        const auto found = known.numbers.find(bytes);
        if (found == known.numbers.end()) {
            return false;
        }
        known.last = found->first;
        known.last_number = found->second;
    }
    number = known.last_number;
    return true;
}

std::uint32_t OtlpProtoSpan::remember(Known& known, std::string_view bytes, std::uint32_t number) {
    known.last = copy_texts_ ? spans_.storage().copy(bytes) : bytes;
    known.last_number = number;
    known.numbers.emplace(known.last, number);
    return number;
}

bool OtlpProtoSpan::resource(std::string_view bytes, std::uint32_t& number) {
    if (find(resources_, bytes, number)) {
        return true;
    }
    number = spans_.add_resource();
    if (!describe_resource(bytes, number)) {
        return false;
    }
    remember(resources_, bytes, number);
    return true;
}

bool OtlpProtoSpan::describe_resource(std::string_view bytes, std::uint32_t number) {
    span_ = &spans_.begin();
    fields_.clear();
    ProtoReader reader(bytes);
    while (reader.next()) {
        if (reader.tag() == ProtoReader::bytes(1) && !attribute(reader.text(), fields_)) {
            return false;
        }
    }
    spans_.describe_resource(number, fields_);
    return !reader.failed();
}

bool OtlpProtoSpan::scope(std::string_view bytes, std::uint32_t& number) {
    if (find(scopes_, bytes, number)) {
        return true;
    }
    number = spans_.add_scope();
    if (!describe_scope(bytes, number)) {
        return false;
    }
    remember(scopes_, bytes, number);
    return true;
}

bool OtlpProtoSpan::describe_scope(std::string_view bytes, std::uint32_t number) {
    std::string_view name;
    std::string_view version;
    ProtoReader reader(bytes);
    while (reader.next()) {
        if (reader.tag() == ProtoReader::bytes(1)) {
            name = reader.text();
        } else if (reader.tag() == ProtoReader::bytes(2)) {
            version = reader.text();
        }
    }
    spans_.describe_scope(number, keep(name), keep(version));
    return !reader.failed();
}

bool OtlpProtoSpan::span(std::string_view bytes, std::uint32_t resource, std::uint32_t scope) {
    OtlpSpan& span = spans_.begin();
    span_ = &span;
    ProtoReader reader(bytes);
    bool sound = true;
    while (sound && reader.next()) {
        const std::string_view text = reader.text();
        switch (reader.tag()) {
            case ProtoReader::bytes(1):
                span.trace = TraceId::from_bytes(text).value_or(TraceId{});
                break;
            case ProtoReader::bytes(2):
                span.id = SpanId::from_bytes(text).value_or(SpanId{});
                break;
            case ProtoReader::bytes(3):
                span.trace_state = keep(text);
                break;
            case ProtoReader::bytes(4):
                span.parent = SpanId::from_bytes(text).value_or(SpanId{});
                span.oddities.bad_reference += text.empty() || text.size() == 8 ? 0U : 1U;
                break;
            case ProtoReader::bytes(5):
                span.name = keep(text);
                break;
            case ProtoReader::varint(6):
                span.kind = reader.number();
                break;
            case ProtoReader::fixed64(7):
                span.start_ns = reader.number();
                break;
            case ProtoReader::fixed64(8):
                span.end_ns = reader.number();
                break;
            case ProtoReader::bytes(9):
                sound = attribute(text, span.attributes, true);
                break;
            case ProtoReader::bytes(11):
                sound = event(text);
                break;
            case ProtoReader::bytes(13):
                sound = link(text);
                break;
            case ProtoReader::bytes(15):
                sound = status(text);
                break;
            case ProtoReader::fixed32(16):
                span.flags = reader.number();
                break;
            default:
                break;
        }
    }
    if (!sound || reader.failed()) {
        return false;
    }
    spans_.finish_span(resource, scope);
    return true;
}

bool OtlpProtoSpan::attribute(std::string_view bytes, std::vector<Tag>& out, bool of_span) {
    models::TagInterner& interner = of_span ? span_tags_ : field_tags_;
    Tag tag;
    if (copy_texts_ && interner.match(out.size(), bytes, tag) == bytes.size() && !bytes.empty()) {
        out.push_back(tag);
        return true;
    }
    KeyValue pair;
    if (!read_key_value(bytes, pair)) {
        return false;
    }
    if (of_span && pair.key == kWarningsAttribute) {
        return warnings(pair.value);
    }
    const std::uint64_t too_deep = span_->oddities.too_deep;
    const bool sound = value(pair.key, pair.value, tag);
    if (copy_texts_) {
        const bool plain = sound && span_->oddities.too_deep == too_deep;
        tag = interner.intern(out.size(), tag, plain ? bytes : std::string_view());
    }
    out.push_back(tag);
    return sound;
}

bool OtlpProtoSpan::value(std::string_view key, std::string_view bytes, Tag& out) {
    out = Tag::string(key, {});
    ProtoReader reader(bytes);
    while (reader.next()) {
        switch (reader.tag()) {
            case kString:
                out = Tag::string(key, reader.text());
                break;
            case kBool:
                out = Tag::boolean(key, reader.number() != 0);
                break;
            case kInt:
                out = Tag::integer(key, reader.signed_number());
                break;
            case kDouble:
                out = Tag::number(key, reader.as_double());
                break;
            case kBinary:
                out = Tag::binary(key, reader.text());
                break;
            case kArray:
            case kMap: {
                std::string json;
                JsonWriter writer(json);
                if (!ValueWriter(writer, span_->oddities).write(reader.tag(), reader, 0)) {
                    return false;
                }
                out = Tag::string(key, spans_.storage().intern(json));
                break;
            }
            default:
                break;
        }
    }
    return !reader.failed();
}

// An array of texts, or one text; anything else is passed over.
bool OtlpProtoSpan::warnings(std::string_view value) {
    const auto text = [this](const ProtoReader& any) {
        if (any.tag() == kString) {
            span_->warnings.push_back(keep(any.text()));
        }
    };
    ProtoReader reader(value);
    while (reader.next()) {
        text(reader);
        if (reader.tag() != kArray) {
            continue;
        }
        ProtoReader items(reader.text());
        while (items.next()) {
            ProtoReader item(items.tag() == ProtoReader::bytes(1) ? items.text() : "");
            while (item.next()) {
                text(item);
            }
            if (item.failed()) {
                return false;
            }
        }
        if (items.failed()) {
            return false;
        }
    }
    return !reader.failed();
}

bool OtlpProtoSpan::event(std::string_view bytes) {
    std::uint64_t time = 0;
    std::string_view name;
    fields_.assign(1, Tag());
    ProtoReader reader(bytes);
    bool sound = true;
    while (sound && reader.next()) {
        if (reader.tag() == ProtoReader::fixed64(1)) {
            time = reader.number();
        } else if (reader.tag() == ProtoReader::bytes(2)) {
            name = reader.text();
        } else if (reader.tag() == ProtoReader::bytes(3)) {
            sound = attribute(reader.text(), fields_);
        }
    }
    spans_.add_event(time, keep(name), fields_);
    return sound && !reader.failed();
}

bool OtlpProtoSpan::link(std::string_view bytes) {
    std::string_view trace;
    std::string_view span;
    fields_.clear();
    ProtoReader reader(bytes);
    bool sound = true;
    while (sound && reader.next()) {
        if (reader.tag() == ProtoReader::bytes(1)) {
            trace = reader.text();
        } else if (reader.tag() == ProtoReader::bytes(2)) {
            span = reader.text();
        } else if (reader.tag() == ProtoReader::bytes(4)) {
            sound = attribute(reader.text(), fields_);
        }
    }
    spans_.add_link(
        TraceId::from_bytes(trace).value_or(TraceId{}),
        SpanId::from_bytes(span).value_or(SpanId{}),
        fields_
    );
    return sound && !reader.failed();
}

bool OtlpProtoSpan::status(std::string_view bytes) {
    ProtoReader reader(bytes);
    while (reader.next()) {
        if (reader.tag() == ProtoReader::bytes(2)) {
            span_->status_message = keep(reader.text());
        } else if (reader.tag() == ProtoReader::varint(3)) {
            span_->status = reader.number();
        }
    }
    return !reader.failed();
}

}  // namespace meshscope::clients::jaeger
