#include "clients/jaeger/json_body.hpp"

#include "core/text.hpp"

#include <memory>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

StoppedBy stopped_by(const std::optional<Error>& incomplete) {
    if (!incomplete) {
        return StoppedBy::kBackend;
    }
    switch (incomplete->kind()) {
        case ErrorKind::kDeadline:
            return StoppedBy::kTime;
        case ErrorKind::kTooLarge:
            return StoppedBy::kBytes;
        default:
            return StoppedBy::kBackend;
    }
}

const char* warning_code(StoppedBy reason) {
    switch (reason) {
        case StoppedBy::kTime:
            return "partial_timeout";
        case StoppedBy::kBytes:
            return "receive_limit";
        default:
            return "partial_body";
    }
}

void mark_cut(TraceBatch& batch, Cut cut, const std::optional<Error>& incomplete) {
    batch.stopped_by = stopped_by(incomplete);
    std::string message = "Jaeger's answer ended early";
    if (incomplete) {
        message += " (" + incomplete->message() + ")";
    }
    message += ": " + std::to_string(batch.traces.size()) + " traces came";
    message += cut == Cut::kInsideItem ? ", the last one in part" : ", the next one is missing";
    batch.warnings.push_back({warning_code(batch.stopped_by), std::move(message)});
}

}  // namespace

std::string_view without_mark(std::string_view text) {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (text.starts_with(kMark)) {
        text.remove_prefix(kMark.size());
    }
    return text;
}

bool begins_as_object(std::string_view text) {
    return trim(without_mark(text).substr(0, 64)).starts_with('{');
}

bool is_text_fault(simdjson::error_code error) {
    return error == simdjson::UTF8_ERROR || error == simdjson::UNESCAPED_CHARS;
}

bool is_text_piece(std::string_view bytes) {
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
    constexpr int kLongestRest = 3;
    for (int i = 0; i < kLongestRest && !bytes.empty() && continues(bytes.front()); ++i) {
        bytes.remove_prefix(1);
    }
    for (int i = 0; i < kLongestRest && !bytes.empty() && continues(bytes.back()); ++i) {
        bytes.remove_suffix(1);
    }
    if (!bytes.empty() && static_cast<unsigned char>(bytes.back()) >= 0x80U) {
        bytes.remove_suffix(1);
    }
    return simdjson::validate_utf8(bytes);
}

Error not_json(std::string_view body, std::string_view what) {
    std::string message = "Jaeger's answer is no valid trace JSON (" + std::string(what) + ")";
    message +=
        body.empty() ? ": the body is empty" : ": it begins with '" + first_printable(body) + "'";
    return Error(ErrorKind::kUpstreamProtocol, std::move(message)).with_upstream("jaeger");
}

Result<TraceBatch> batch_of(
    TraceBatch batch,
    bool has_data,
    const BodyOutcome& outcome,
    const std::optional<Error>& incomplete
) {
    const bool whole = !outcome.error && outcome.cut == Cut::kNone;
    if (!whole && batch.traces.empty()) {
        const char* what = outcome.error == simdjson::EMPTY
                               ? "no JSON object"
                               : simdjson::error_message(outcome.error);
        return incomplete ? *incomplete : not_json(outcome.beginning, what);
    }
    if (whole && !has_data && batch.errors.empty()) {
        return not_json(outcome.beginning, "no data in it");
    }
    if (outcome.cleaned) {
        batch.warnings.push_back(
            {"invalid_text", "Jaeger's answer held bytes that are no UTF-8 text; they are replaced"}
        );
    }
    if (outcome.error) {
        batch.stopped_by = StoppedBy::kBackend;
        batch.warnings.push_back(
            {"malformed_json",
             std::string("Jaeger's answer is broken behind the last trace shown: ") +
                 simdjson::error_message(outcome.error)}
        );
    } else if (outcome.cut != Cut::kNone) {
        mark_cut(batch, outcome.cut, incomplete);
    }
    return batch;
}

}  // namespace meshscope::clients::jaeger
