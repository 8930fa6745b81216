#include "demo/otlp/intake.hpp"

#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "demo/otlp/gunzip.hpp"
#include "demo/otlp/otlp_proto.hpp"

#include <optional>
#include <utility>

namespace meshscope::demo {
namespace {

using Encoding = OtlpIntake::Encoding;

constexpr const char* kProtobufType = "application/x-protobuf";
constexpr const char* kJsonType = "application/json";

std::optional<Encoding> encoding_of(std::string_view content_type) {
    const std::string_view type = trim(content_type.substr(0, content_type.find(';')));
    if (iequals(type, kProtobufType)) {
        return Encoding::kProtobuf;
    }
    return iequals(type, kJsonType) ? std::optional(Encoding::kJson) : std::nullopt;
}

// A google.rpc.Status {code = 1, message = 2}.
std::string status_body(Encoding encoding, int code, const std::string& message) {
    std::string out;
    if (encoding == Encoding::kJson) {
        JsonWriter json(out);
        json.begin_object().field("code", code).field("message", message);
        json.end_object();
        return out;
    }
    out.push_back('\x08');
    out.push_back(static_cast<char>(code));
    out.push_back('\x12');
    const std::string text = message.substr(0, 127);  // its length is one byte
    out.push_back(static_cast<char>(text.size()));
    return out + text;
}

HttpReply reply(unsigned status, Encoding encoding, std::string body) {
    HttpReply out;
    out.status = status;
    out.content_type = encoding == Encoding::kJson ? kJsonType : kProtobufType;
    out.body = std::move(body);
    return out;
}

HttpReply failure(const Error& error, Encoding encoding) {
    constexpr int kInvalidArgument = 3;
    constexpr int kResourceExhausted = 8;
    const bool large = error.kind() == ErrorKind::kTooLarge;
    const int code = large ? kResourceExhausted : kInvalidArgument;
    return reply(large ? 413 : 400, encoding, status_body(encoding, code, error.message()));
}

std::string response_body(Encoding encoding, const OtlpIntake::Outcome& outcome) {
    if (encoding == Encoding::kProtobuf) {
        return otlp_response_proto(outcome.rejected, outcome.why);
    }
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    if (outcome.rejected != 0) {
        json.key("partialSuccess").begin_object();
        json.field("rejectedSpans", std::to_string(outcome.rejected));
        json.field("errorMessage", outcome.why);
        json.end_object();
    }
    json.end_object();
    return out;
}

}  // namespace

HttpReply OtlpIntake::handle(const HttpRequest& request) {
    if (request.path != "/v1/traces") {
        return page_not_found();
    }
    if (request.method != "POST") {
        return plain_text(405, "Method Not Allowed\n");
    }
    const auto encoding = encoding_of(request.content_type);
    const bool packed = iequals(request.content_encoding, "gzip");
    const bool plain =
        request.content_encoding.empty() || iequals(request.content_encoding, "identity");
    if (!encoding || (!packed && !plain)) {
        return plain_text(
            415, "send application/x-protobuf or application/json, as it is or with gzip\n"
        );
    }
    count(*encoding == Encoding::kJson ? "http_json" : "http_protobuf");
    const auto outcome = take(request.body, packed, *encoding);
    return outcome ? reply(200, *encoding, response_body(*encoding, *outcome))
                   : failure(outcome.error(), *encoding);
}

Result<OtlpIntake::Outcome> OtlpIntake::take(
    std::string_view body, bool packed, Encoding encoding
) {
    const std::scoped_lock lock(mutex_);
    std::string unpacked;
    if (packed) {
        Result<std::string> whole = gunzip(body, most_);
        if (!whole) {
            return whole.error();
        }
        unpacked = *std::move(whole);
        body = unpacked;
    }
    if (body.size() > most_) {
        return Error(
            ErrorKind::kTooLarge, "the request is larger than " + std::to_string(most_) + " bytes"
        );
    }
    Result<Received> received =
        encoding == Encoding::kJson ? decode_otlp_json(body) : decode_otlp_proto(body);
    if (!received) {
        return received.error();
    }
    sanitize(*received);
    Outcome outcome{received->rejected, received->why};
    const std::size_t no_room = archive_.receive(*std::move(received));
    if (no_room != 0) {
        outcome.rejected += static_cast<std::int64_t>(no_room);
        outcome.why = outcome.why.empty() ? "the trace is larger than the memory" : outcome.why;
    }
    return outcome;
}

}  // namespace meshscope::demo
