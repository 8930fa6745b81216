#include "clients/otlp/export_answer.hpp"

#include "core/proto_reader.hpp"
#include "core/text.hpp"
#include "telemetry/span.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <limits>

namespace meshscope::clients::otlp {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxText = 300;
constexpr std::int64_t kLongestSeconds = 365LL * 24 * 3600;

std::chrono::nanoseconds seconds(std::int64_t count) {
    return std::chrono::seconds(std::clamp<std::int64_t>(count, 0, kLongestSeconds));
}

// One line, valid, short.
std::string clean(std::string_view text) {
    std::string out = telemetry::bounded_span_text(trim(text), kMaxText);
    std::replace_if(out.begin(), out.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
    return out;
}

Json parse_json(std::string_view body) {
    Json json = trim(body).starts_with('{') ? Json::parse(body, nullptr, false) : Json();
    return json.is_object() ? json : Json();
}

std::string text_of(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// 64-bit numbers are texts in protobuf's JSON.
std::int64_t number_of(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) {
        return 0;
    }
    if (found->is_number_integer()) {
        return found->get<std::int64_t>();
    }
    const std::string text = found->is_string() ? found->get<std::string>() : "";
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::optional<ExportAnswer> read_json(std::string_view body) {
    const Json json = parse_json(body);
    if (!json.is_object()) {
        return std::nullopt;
    }
    ExportAnswer answer;
    const auto partial = json.find("partialSuccess");
    if (partial != json.end() && partial->is_object()) {
        answer.rejected = number_of(*partial, "rejectedSpans");
        answer.message = text_of(*partial, "errorMessage");
    }
    return answer;
}

void read_partial(std::string_view bytes, ExportAnswer& answer) {
    ProtoReader reader(bytes);
    while (reader.next()) {
        if (reader.tag() == ProtoReader::varint(1)) {
            answer.rejected = reader.signed_number();
        } else if (reader.tag() == ProtoReader::bytes(2)) {
            answer.message = reader.text();
        }
    }
}

std::optional<std::string> status_message(std::string_view bytes) {
    std::optional<std::string> message;
    ProtoReader reader(bytes);
    while (reader.next()) {
        if (reader.tag() == ProtoReader::bytes(2)) {
            message = reader.text();
        } else if (reader.tag() != ProtoReader::varint(1) &&
                   reader.tag() != ProtoReader::bytes(3)) {
            return std::nullopt;  // no google.rpc.Status
        }
    }
    return reader.failed() ? std::nullopt : message;
}

std::chrono::nanoseconds read_duration(std::string_view bytes) {
    std::chrono::nanoseconds duration{0};
    ProtoReader reader(bytes);
    while (reader.next()) {
        if (reader.tag() == ProtoReader::varint(1)) {
            duration += seconds(reader.signed_number());
        } else if (reader.tag() == ProtoReader::varint(2)) {
            constexpr std::int64_t kBelowSecond = 999'999'999;
            duration += std::chrono::nanoseconds(
                std::clamp<std::int64_t>(reader.signed_number(), 0, kBelowSecond)
            );
        }
    }
    return duration;
}

}  // namespace

ExportAnswer accepted_answer(std::string_view body) {
    ExportAnswer answer;
    if (auto from_json = read_json(body)) {
        answer = std::move(*from_json);
    } else {
        ProtoReader reader(body);
        while (reader.next()) {
            if (reader.tag() == ProtoReader::bytes(1)) {
                read_partial(reader.text(), answer);
            }
        }
        if (reader.failed()) {
            return {};
        }
    }
    answer.rejected = std::max<std::int64_t>(answer.rejected, 0);
    answer.message = clean(answer.message);
    return answer;
}

std::string error_text(std::string_view body, std::string_view content_type) {
    const std::string type = to_lower(content_type);
    const std::string_view start = trim(body.substr(0, 4 * kMaxText));
    if (type.find("html") != std::string::npos || start.starts_with('<')) {
        return {};
    }
    if (const Json json = parse_json(body); json.is_object()) {
        return clean(text_of(json, "message"));
    }
    if (type.find("protobuf") != std::string::npos) {
        return clean(status_message(body).value_or(""));
    }
    return clean(start);
}

std::optional<std::chrono::nanoseconds> retry_after(std::string_view text, SystemTime now) {
    const std::string value(trim(text));
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (failed == std::errc() && end == value.data() + value.size()) {
        return seconds(number);
    }
    std::tm parts{};
    const char* rest = ::strptime(value.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (rest == nullptr || *rest != '\0') {
        return std::nullopt;
    }
    const auto then = static_cast<std::int64_t>(::timegm(&parts));
    return seconds(then - to_micros(now) / 1'000'000);
}

std::optional<std::chrono::nanoseconds> retry_info(std::string_view status) {
    ProtoReader outer(status);
    while (outer.next()) {
        if (outer.tag() != ProtoReader::bytes(3)) {
            continue;
        }
        std::string_view type;
        std::string_view value;
        ProtoReader any(outer.text());
        while (any.next()) {
            if (any.tag() == ProtoReader::bytes(1)) {
                type = any.text();
            } else if (any.tag() == ProtoReader::bytes(2)) {
                value = any.text();
            }
        }
        if (!type.ends_with("/google.rpc.RetryInfo")) {
            continue;
        }
        ProtoReader info(value);
        std::chrono::nanoseconds delay{0};
        while (info.next()) {
            if (info.tag() == ProtoReader::bytes(1)) {
                delay = read_duration(info.text());
            }
        }
        return delay;
    }
    return std::nullopt;
}

}  // namespace meshscope::clients::otlp
