#include "clients/jaeger/otlp/otlp_json_decoder.hpp"
#include "clients/jaeger/otlp/otlp_proto_decoder.hpp"
#include "core/text.hpp"
#include "tests/fuzz/trace_check.hpp"
#include "tests/support/otlp_json.hpp"
#include "tests/support/trace_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace meshscope;
using clients::jaeger::OtlpProtoDecoder;
using Message = google::protobuf::Message;
using Field = google::protobuf::FieldDescriptor;

class Pieces final : public ByteChunks {
 public:
    Pieces(std::string_view text, std::size_t piece) : text_(text), piece_size_(piece) {}
    [[nodiscard]] std::size_t size() const override { return text_.size(); }
    std::optional<std::string_view> next() override {
        if (at_ == text_.size()) {
            return std::nullopt;
        }
        piece_.assign(text_.substr(at_, piece_size_));  // of its own, so that a late look is seen
        piece_.shrink_to_fit();
        at_ += piece_.size();
        return piece_;
    }

 private:
    std::string_view text_;
    std::size_t piece_size_;
    std::size_t at_ = 0;
    std::string piece_;
};

struct Decoded {
    bool sound = false;
    std::vector<models::TracePtr> traces;
    std::string text;
};

Decoded finish(OtlpProtoDecoder& decoder, bool sound) {
    Decoded out{sound, decoder.finish(!sound), {}};
    fuzz::check_traces(out.traces);
    out.text = test::traces_text(out.traces);
    return out;
}

Decoded decode(const std::string& message) {
    OtlpProtoDecoder decoder;
    return finish(decoder, decoder.add(message));
}

Decoded decode_pieces(const std::string& message, std::size_t size) {
    OtlpProtoDecoder decoder;
    Pieces pieces(message, size);
    return finish(decoder, decoder.add(pieces));
}

// An id that is said to be unusable in both encodings, or in neither: JSON takes short ids.
bool is_same_id(const std::string& name, const std::string& bytes) {
    const std::size_t full = name == "trace_id" ? 16 : 8;
    return bytes.empty() || bytes.size() == 8 || bytes.size() >= full;
}

// Whether JSON can carry it all: texts that are UTF-8, ids of usual lengths.
bool fits_json(const Message& message) {
    const auto* reflection = message.GetReflection();
    std::vector<const Field*> fields;
    reflection->ListFields(message, &fields);
    return std::all_of(fields.begin(), fields.end(), [&](const Field* field) {
        const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
        for (int i = 0; i < count; ++i) {
            if (field->cpp_type() == Field::CPPTYPE_MESSAGE) {
                const Message& inner = field->is_repeated()
                                           ? reflection->GetRepeatedMessage(message, field, i)
                                           : reflection->GetMessage(message, field);
                if (!fits_json(inner)) {
                    return false;
                }
            } else if (field->cpp_type() == Field::CPPTYPE_STRING && !field->is_repeated()) {
                const std::string text = reflection->GetString(message, field);
                const bool is_id = field->name().ends_with("_id");
                if (is_id ? !is_same_id(field->name(), text)
                          : field->name() != "bytes_value" && !is_valid_utf8(text)) {
                    return false;
                }
            }
        }
        return true;
    });
}

}  // namespace

// Whole and in pieces the same traces come out; of a message that comes twice the same spans. What
// protobuf itself reads in the bytes gives the same traces as its JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string message(reinterpret_cast<const char*>(data), size);
    const Decoded whole = decode(message);
    const Decoded pieces = decode_pieces(message, 1 + size % 61);
    fuzz::require(whole.sound == pieces.sound);
    fuzz::require(!whole.sound || whole.text == pieces.text);
    OtlpProtoDecoder again;
    again.add(message);
    const Decoded twice = finish(again, again.add(message));
    fuzz::require(twice.traces.size() == whole.traces.size());
    for (std::size_t i = 0; i < twice.traces.size(); ++i) {
        fuzz::require(twice.traces[i]->spans.size() == whole.traces[i]->spans.size());
    }
    opentelemetry::proto::trace::v1::TracesData known;
    if (known.ParseFromString(message) && fits_json(known)) {
        known.DiscardUnknownFields();
        const Decoded canonical = decode(known.SerializeAsString());
        const auto from_json =
            clients::jaeger::decode_otlp_traces(test::to_otlp_json(known), std::nullopt);
        fuzz::require(canonical.sound && from_json.has_value());
        fuzz::require(canonical.text == test::traces_text(from_json->traces));
    }
    (void)clients::jaeger::decode_v3_services(message);
    (void)clients::jaeger::decode_v3_operations(message);
    return 0;
}
