#include "clients/jaeger/http_v1_decoder.hpp"

#include "clients/jaeger/http_v1_spans.hpp"
#include "clients/jaeger/json_tokens.hpp"
#include "clients/jaeger/plain_scanner.hpp"
#include "core/text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

using simdjson::error_code;
using simdjson::SUCCESS;

// simdjson's index takes some bytes for each byte of the longest body seen, and filling fresh pages
// costs as much as parsing. So a thread keeps a grown parser only while long bodies are frequent on
// it: one among many short ones gives its memory back.
class ThreadParser {
 public:
    static ThreadParser& get() {
        thread_local ThreadParser instance;
        return instance;
    }
    json::parser& parser() { return parser_; }

    // To be called when the document of `body_size` bytes is no longer needed.
    void done(std::size_t body_size) {
        frequency_ = body_size > kLong ? std::min(frequency_ + kWeight, 4 * kWeight)
                                       : frequency_ - std::min(frequency_, 1U);
        const std::size_t capacity = parser_.capacity();
        if (capacity > kTooLong || (capacity > kLong && frequency_ <= kWeight)) {
            parser_ = json::parser();
        }
    }

 private:
    static constexpr std::size_t kLong = 2UL * 1024 * 1024;
    static constexpr std::size_t kTooLong = 64UL * 1024 * 1024;
    static constexpr unsigned kWeight = 8;
    json::parser parser_;
    unsigned frequency_ = 0;
};

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

StoreError decode_error(json::value value) {
    StoreError error;
    const auto failed = for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "code")) {
            const auto code = integer_of(field.raw_json_token()).value_or(0);
            error.code = code < 0 || code > 99'999 ? 0 : static_cast<std::int32_t>(code);
        } else if (is_key(key, "msg")) {
            error.message = copy_of(field.raw_json_token());
        } else if (is_key(key, "traceID")) {
            error.trace_id = copy_of(field.raw_json_token());
        }
        return SUCCESS;
    });
    return failed ? StoreError{} : error;
}

struct Envelope {
    std::vector<StoreError> errors;
    bool has_data = false;  // an array or null
};

// Walks {"data": [...], "errors": [...]}. `text` is followed by simdjson's padding. `begin` is
// called at each "data", `visit` for each of its items.
template <class Begin, class Visit>
error_code walk_envelope(
    std::string_view text, Envelope& envelope, const Begin& begin, const Visit& visit
) {
    const simdjson::padded_string_view padded(
        text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING
    );
    json::document document;
    if (const auto error = ThreadParser::get().parser().iterate(padded).get(document)) {
        return error;
    }
    json::value root;
    if (const auto error = document.get_value().get(root)) {
        return error;
    }
    return for_each_field(root, [&](const char* key, json::value field) {
        if (is_key(key, "data")) {
            const char first = field.raw_json_token().front();
            envelope.has_data = first == '[' || first == 'n';
            begin();
            return for_each_item(field, visit);
        }
        if (is_key(key, "errors")) {
            envelope.errors.clear();
            return for_each_item(field, [&](json::value item) {
                envelope.errors.push_back(decode_error(item));
                return SUCCESS;
            });
        }
        return SUCCESS;
    });
}

bool is_text_error(error_code error) {
    return error == simdjson::UTF8_ERROR || error == simdjson::UNESCAPED_CHARS;
}

Error not_json(std::string_view body, std::string_view what) {
    std::string message = "Jaeger's answer is no valid trace JSON (" + std::string(what) + ")";
    message +=
        body.empty() ? ": the body is empty" : ": it begins with '" + first_printable(body) + "'";
    return Error(ErrorKind::kUpstreamProtocol, std::move(message)).with_upstream("jaeger");
}

StoppedBy reason_of(const std::optional<Error>& incomplete) {
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

bool plain_end(PlainScanner& scanner) {
    return scanner.literal(R"(],"total":)") && scanner.number() &&
           scanner.literal(R"(,"limit":)") && scanner.number() &&
           scanner.literal(R"(,"offset":)") && scanner.number() &&
           scanner.literal(R"(,"errors":null})") && scanner.at_end();
}

// One go at a body: what is decoded keeps slices of it, so the storage owns it.
class TracesAttempt {
 public:
    error_code run(std::string body) {
        batch = {};
        envelope = {};
        spans_dropped_ = 0;
        auto storage = std::make_shared<models::Storage>();
        body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
        text_ = storage->adopt(std::move(body));
        SpanDecoder decoder(storage);
        storage_ = storage;
        SpanDecoder::Decoded decoded;
        if (run_plain(decoder, *storage, decoded)) {
            return SUCCESS;
        }
        batch = {};
        spans_dropped_ = 0;
        const auto error = walk_envelope(
            without_mark(text_),
            envelope,
            [&] { batch.traces.clear(); },
            [&](json::value item) {
                if (item.raw_json_token().front() != '{') {
                    return simdjson::INCORRECT_TYPE;
                }
                const auto failed = decoder.decode(item, decoded);
                spans_dropped_ += decoded.spans_dropped;
                if (decoded.trace) {
                    batch.traces.push_back(std::move(decoded.trace));
                }
                return failed;
            }
        );
        if (spans_dropped_ > 0) {
            batch.dropped.push_back({"bad_trace_id", spans_dropped_});
        }
        batch.errors = std::move(envelope.errors);
        ThreadParser::get().done(text_.size());
        return error;
    }

    // {"data":[trace,...],"total":0,"limit":0,"offset":0,"errors":null}
    bool run_plain(SpanDecoder& decoder, models::Storage& storage, SpanDecoder::Decoded& decoded) {
        PlainScanner scanner(text_, storage);
        if (!scanner.literal(R"({"data":[)") || !simdjson::validate_utf8(text_)) {
            return false;
        }
        do {
            if (!decoder.decode_plain(scanner, decoded)) {
                return false;
            }
            spans_dropped_ += decoded.spans_dropped;
            if (decoded.trace) {
                batch.traces.push_back(std::move(decoded.trace));
            }
        } while (scanner.literal(","));
        if (!plain_end(scanner)) {
            return false;
        }
        envelope.has_data = true;
        if (spans_dropped_ > 0) {
            batch.dropped.push_back({"bad_trace_id", spans_dropped_});
        }
        return true;
    }

    [[nodiscard]] std::string copy_text() const { return std::string(text_); }

    TraceBatch batch;
    Envelope envelope;

 private:
    std::shared_ptr<const models::Storage> storage_;
    std::string_view text_;
    std::uint64_t spans_dropped_ = 0;
};

// The last trace of a cut answer says so itself.
void mark_last_trace(TraceBatch& batch) {
    auto marked = std::make_shared<models::Trace>(*batch.traces.back());
    marked->warnings.emplace_back("the answer was cut inside this trace: spans are missing");
    batch.traces.back() = std::move(marked);
}

void mark_cut(TraceBatch& batch, Cut cut, const std::optional<Error>& incomplete) {
    batch.stopped_by = reason_of(incomplete);
    std::string message = "Jaeger's answer ended early";
    if (incomplete) {
        message += " (" + incomplete->message() + ")";
    }
    message += ": " + std::to_string(batch.traces.size()) + " traces came";
    message += cut == Cut::kInsideItem ? ", the last one in part" : ", the next one is missing";
    batch.warnings.push_back({warning_code(batch.stopped_by), std::move(message)});
    if (cut == Cut::kInsideItem) {
        mark_last_trace(batch);
    }
}

// For small bodies: parses, cleaned once when the text is not sound. Never a part of a cut body.
template <class Begin, class Visit>
Result<Envelope> decode_small(
    std::string body, const std::optional<Error>& incomplete, const Begin& begin, const Visit& visit
) {
    const std::string beginning = body.substr(0, 128);
    error_code error = simdjson::EMPTY;
    for (int tries = 0; tries < 2; ++tries) {
        Envelope envelope;
        body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
        error = begins_as_object(body) ? walk_envelope(without_mark(body), envelope, begin, visit)
                                       : simdjson::INCORRECT_TYPE;
        ThreadParser::get().done(body.size());
        if (!error && (envelope.has_data || !envelope.errors.empty())) {
            return envelope;
        }
        if (!is_text_error(error)) {
            break;
        }
        body = clean_json_text(body);
    }
    if (incomplete) {
        return *incomplete;
    }
    return not_json(beginning, error ? simdjson::error_message(error) : "no data in it");
}

}  // namespace

Result<TraceBatch> decode_traces(std::string body, const std::optional<Error>& incomplete) {
    const std::string beginning = body.substr(0, 128);
    if (!begins_as_object(body)) {
        return incomplete ? *incomplete : not_json(beginning, "no JSON object");
    }
    Cut cut = incomplete ? close_cut_json(body) : Cut::kNone;
    bool cleaned = false;
    TracesAttempt attempt;
    error_code error = SUCCESS;
    while ((error = attempt.run(std::move(body)))) {
        body = attempt.copy_text();
        if (cut == Cut::kNone && (cut = close_cut_json(body)) != Cut::kNone) {
            continue;
        }
        if (!is_text_error(error) || cleaned) {
            break;
        }
        body = clean_json_text(body);
        cleaned = true;
    }
    TraceBatch& batch = attempt.batch;
    if ((error || cut != Cut::kNone) && batch.traces.empty()) {
        return incomplete ? *incomplete : not_json(beginning, simdjson::error_message(error));
    }
    if (!error && !attempt.envelope.has_data && batch.errors.empty()) {
        return not_json(beginning, "no data in it");
    }
    if (cleaned) {
        batch.warnings.push_back(
            {"invalid_text", "Jaeger's answer held bytes that are no UTF-8 text; they are replaced"}
        );
    }
    if (error) {
        batch.stopped_by = StoppedBy::kBackend;
        batch.warnings.push_back(
            {"malformed_json",
             std::string("Jaeger's answer is broken behind the last trace shown: ") +
                 simdjson::error_message(error)}
        );
    } else if (cut != Cut::kNone) {
        mark_cut(batch, cut, incomplete);
    }
    return std::move(batch);
}

Result<Names> decode_services(std::string body, const std::optional<Error>& incomplete) {
    Names found;
    auto envelope = decode_small(
        std::move(body),
        incomplete,
        [&] { found.names.clear(); },
        [&](json::value item) {
            if (is_string(item.raw_json_token())) {
                found.names.push_back(copy_of(item.raw_json_token()));
            }
            return SUCCESS;
        }
    );
    if (!envelope) {
        return envelope.error();
    }
    found.errors = std::move(envelope->errors);
    return found;
}

Result<Operations> decode_operations(std::string body, const std::optional<Error>& incomplete) {
    Operations found;
    auto envelope = decode_small(
        std::move(body),
        incomplete,
        [&] { found.operations.clear(); },
        [&](json::value item) {
            Operation operation;
            if (is_string(item.raw_json_token())) {
                operation.name = copy_of(item.raw_json_token());
            }
            const auto error = for_each_field(item, [&](const char* key, json::value field) {
                if (is_key(key, "name")) {
                    operation.name = copy_of(field.raw_json_token());
                } else if (is_key(key, "spanKind")) {
                    operation.span_kind = copy_of(field.raw_json_token());
                }
                return SUCCESS;
            });
            if (!error && !operation.name.empty()) {
                found.operations.push_back(std::move(operation));
            }
            return error;
        }
    );
    if (!envelope) {
        return envelope.error();
    }
    found.errors = std::move(envelope->errors);
    return found;
}

std::vector<StoreError> decode_errors(std::string body) {
    auto envelope =
        decode_small(std::move(body), std::nullopt, [] {}, [](json::value) { return SUCCESS; });
    return envelope ? std::move(envelope->errors) : std::vector<StoreError>();
}

}  // namespace meshscope::clients::jaeger
