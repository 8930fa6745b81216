#include "clients/jaeger/otlp/otlp_json_decoder.hpp"

#include "clients/jaeger/json_body.hpp"
#include "clients/jaeger/otlp/otlp_json_document.hpp"
#include "clients/jaeger/plain_scanner.hpp"
#include "clients/json/json_tokens.hpp"
#include "clients/json/json_walk.hpp"

#include <utility>

namespace meshscope::clients::jaeger {

namespace {

using simdjson::error_code;
using simdjson::SUCCESS;

// Walks a small document and hands the items of the member `name` on.
template <std::size_t N, class Visit>
std::optional<Error> read_list(
    std::string body,
    const std::optional<Error>& incomplete,
    const char (&name)[N],
    const Visit& visit
) {
    return read_small(std::move(body), incomplete, [&](std::string_view text) {
        bool found = false;
        const auto error = ThreadParser::get().parse(text, [&](json::value root) {
            return for_each_field(root, [&](const char* key, json::value field) {
                if (!is_key(key, name)) {
                    return SUCCESS;
                }
                found = true;
                return for_each_item(field, visit);
            });
        });
        return !error && !found ? simdjson::NO_SUCH_FIELD : error;
    });
}

// One go at a body; the storage owns it.
struct WholeAttempt {
    std::shared_ptr<models::Storage> storage;
    std::unique_ptr<OtlpJsonDocument> document;
    std::string_view text;

    error_code run(std::string body) {
        storage = std::make_shared<models::Storage>();
        body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
        text = storage->adopt(std::move(body));
        document = std::make_unique<OtlpJsonDocument>(storage, false);
        if (document->read_plain(text)) {
            return SUCCESS;
        }
        document = std::make_unique<OtlpJsonDocument>(storage, false);
        return document->read(without_mark(text));
    }
    [[nodiscard]] std::string copy_text() const { return std::string(text); }
    static Cut close(std::string& body) { return close_cut_otlp(body); }
};

// The rest of a document whose spans have been read; reading it twice does no harm.
struct RestAttempt {
    OtlpJsonDocument& document;
    std::string text;

    error_code run(std::string body) {
        text = std::move(body);
        text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
        return document.read(without_mark(text));
    }
    [[nodiscard]] std::string copy_text() const { return text; }
    static Cut close(std::string& body) { return close_cut_otlp(body); }
};

}  // namespace

Result<TraceBatch> decode_otlp_traces(std::string body, const std::optional<Error>& incomplete) {
    WholeAttempt attempt;
    const BodyOutcome outcome = read_body(attempt, std::move(body), incomplete.has_value());
    if (!attempt.document) {
        return batch_of({}, false, outcome, incomplete);
    }
    return attempt.document->finish(outcome, incomplete);
}

struct OtlpJsonStream::Impl {
    std::shared_ptr<models::Storage> storage = std::make_shared<models::Storage>();
    OtlpJsonDocument document{storage, true};
    json::parser parser;
    std::uint64_t bad_spans = 0;
    bool cleaned = false;

    error_code read(std::size_t resource, std::size_t scope, std::string_view span) {
        PlainScanner scanner(span, *storage);
        if (simdjson::validate_utf8(span) && document.plain_span(resource, scope, scanner)) {
            return SUCCESS;
        }
        return parse_json(parser, span, [&](json::value root) {
            return document.span(resource, scope, root);
        });
    }
};

OtlpJsonStream::OtlpJsonStream() : impl_(std::make_unique<Impl>()) {}
OtlpJsonStream::~OtlpJsonStream() = default;

bool OtlpJsonStream::add_span(std::size_t resource, std::size_t scope, std::string_view span) {
    auto error = impl_->read(resource, scope, span);
    if (is_text_fault(error)) {
        std::string clean = clean_json_text(span);
        clean.reserve(clean.size() + simdjson::SIMDJSON_PADDING);
        impl_->cleaned = true;
        error = impl_->read(resource, scope, clean);
    }
    impl_->bad_spans += error ? 1U : 0U;
    return !error;
}

std::size_t OtlpJsonStream::take_span(
    std::size_t resource, std::size_t scope, std::string_view ahead
) {
    PlainScanner scanner(ahead, *impl_->storage);
    return impl_->document.plain_span(resource, scope, scanner) ? scanner.passed(ahead) : 0;
}

std::size_t OtlpJsonStream::trace_count() const { return impl_->document.groups().trace_count(); }

std::size_t OtlpJsonStream::span_count() const { return impl_->document.groups().span_count(); }

std::size_t OtlpJsonStream::memory_bytes() const {
    return impl_->storage->memory_bytes() + span_count() * sizeof(models::Span);
}

Result<TraceBatch> OtlpJsonStream::finish(
    std::string rest, const std::optional<Error>& incomplete, Cut cut, bool broken
) {
    RestAttempt attempt{impl_->document, {}};
    BodyOutcome outcome = read_body(attempt, std::move(rest), incomplete.has_value());
    outcome.cleaned = outcome.cleaned || impl_->cleaned;
    if (outcome.cut == Cut::kNone) {
        outcome.cut = cut;
    }
    if (span_count() > 0 && outcome.error && (incomplete || cut != Cut::kNone)) {
        // Cut so early that the rest is nothing whole.
        outcome.error = SUCCESS;
        outcome.cut = Cut::kInsideItem;
    }
    if (broken && !outcome.error) {
        outcome.error = simdjson::TAPE_ERROR;
    }
    auto batch = impl_->document.finish(outcome, incomplete);
    if (batch && impl_->bad_spans > 0) {
        batch->dropped.push_back({"bad_span", impl_->bad_spans});
        batch->warnings.push_back(
            {"malformed_json",
             std::to_string(impl_->bad_spans) + " spans of Jaeger's answer cannot be read"}
        );
        if (batch->stopped_by == StoppedBy::kComplete) {
            batch->stopped_by = StoppedBy::kBackend;
        }
    }
    return batch;
}

Result<std::vector<std::string>> decode_v3_services_json(
    std::string body, const std::optional<Error>& incomplete
) {
    std::vector<std::string> names;
    const auto failed = read_list(std::move(body), incomplete, "services", [&](json::value item) {
        if (is_string(item.raw_json_token())) {
            names.push_back(copy_of(item.raw_json_token()));
        }
        return SUCCESS;
    });
    if (failed) {
        return *failed;
    }
    return names;
}

Result<std::vector<Operation>> decode_v3_operations_json(
    std::string body, const std::optional<Error>& incomplete
) {
    std::vector<Operation> operations;
    const auto failed = read_list(std::move(body), incomplete, "operations", [&](json::value item) {
        Operation operation;
        const auto error = for_each_field(item, [&](const char* key, json::value field) {
            if (is_key(key, "name")) {
                operation.name = copy_of(field.raw_json_token());
            } else if (is_key(key, "spanKind")) {
                operation.span_kind = copy_of(field.raw_json_token());
            }
            return SUCCESS;
        });
        if (!error && !operation.name.empty()) {
            operations.push_back(std::move(operation));
        }
        return error;
    });
    if (failed) {
        return *failed;
    }
    return operations;
}

std::optional<StoreError> decode_v3_error(std::string body) {
    std::optional<StoreError> found;
    const auto failed = read_small(std::move(body), std::nullopt, [&](std::string_view text) {
        return ThreadParser::get().parse(text, [&](json::value root) {
            return for_each_field(root, [&](const char* key, json::value field) {
                if (is_key(key, "error")) {
                    found = OtlpJsonDocument::error_of(field);
                }
                return SUCCESS;
            });
        });
    });
    return failed ? std::nullopt : found;
}

}  // namespace meshscope::clients::jaeger
