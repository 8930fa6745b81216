#include "clients/jaeger/http_v1_decoder.hpp"

#include "clients/jaeger/http_v1_envelope.hpp"
#include "clients/jaeger/http_v1_spans.hpp"
#include "clients/jaeger/json_body.hpp"
#include "clients/jaeger/plain_scanner.hpp"
#include "clients/json/json_tokens.hpp"

#include <memory>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

using simdjson::error_code;
using simdjson::SUCCESS;

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
        has_data = false;
        spans_dropped_ = 0;
        auto storage = std::make_shared<models::Storage>();
        body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
        text_ = storage->adopt(std::move(body));
        SpanDecoder decoder(storage);
        storage_ = storage;
        SpanDecoder::Decoded decoded;
        if (run_plain(decoder, *storage, decoded)) {
            storage->drop_index();
            return SUCCESS;
        }
        batch = {};
        const auto error = walk_traces(without_mark(text_), decoder, batch, has_data);
        storage->drop_index();
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
        has_data = true;
        if (spans_dropped_ > 0) {
            batch.dropped.push_back({"bad_trace_id", spans_dropped_});
        }
        return true;
    }

    static Cut close(std::string& body) { return close_cut_json(body); }
    [[nodiscard]] std::string copy_text() const { return std::string(text_); }

    TraceBatch batch;
    bool has_data = false;

 private:
    std::shared_ptr<const models::Storage> storage_;
    std::string_view text_;
    std::uint64_t spans_dropped_ = 0;
};

// Never a part of a cut body.
template <class Begin, class Visit>
Result<Envelope> decode_small(
    std::string body, const std::optional<Error>& incomplete, const Begin& begin, const Visit& visit
) {
    Envelope envelope;
    const auto failed = read_small(std::move(body), incomplete, [&](std::string_view text) {
        envelope = {};
        const auto error = walk_envelope(text, envelope, begin, visit);
        const bool empty = !envelope.has_data && envelope.errors.empty();
        return !error && empty ? simdjson::NO_SUCH_FIELD : error;
    });
    if (failed) {
        return *failed;
    }
    return envelope;
}

}  // namespace

Result<TraceBatch> decode_traces(std::string body, const std::optional<Error>& incomplete) {
    TracesAttempt attempt;
    const BodyOutcome outcome = read_body(attempt, std::move(body), incomplete.has_value());
    if (!outcome.error && outcome.cut == Cut::kInsideItem && !attempt.batch.traces.empty()) {
        mark_last_trace(attempt.batch);
    }
    return batch_of(std::move(attempt.batch), attempt.has_data, outcome, incomplete);
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
