#pragma once

#include "clients/jaeger/json_body.hpp"
#include "clients/jaeger/otlp/otlp_json_span.hpp"
#include "clients/jaeger/otlp/otlp_span.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::clients::jaeger {

// A document of OTLP/JSON on its way to a batch, as a whole or with its spans handed over one by
// one. Places in the document (which resource, which scope) are counted from 0.
class OtlpJsonDocument {
 public:
    // `copy_texts`: no text read lives longer than the call that reads it. Else `storage` owns the
    // document.
    OtlpJsonDocument(std::shared_ptr<models::Storage> storage, bool copy_texts)
        : storage_(std::move(storage)) {
        decode_.copy_texts(copy_texts);
    }

    // The whole document, or what is left of it. `text` is followed by simdjson's padding.
    simdjson::error_code read(std::string_view text);
    simdjson::error_code span(std::size_t resource, std::size_t scope, json::value value);
    // The same for what is written without white space. False when it is not: of a document then
    // nothing is to be used, of a span nothing has happened.
    bool read_plain(std::string_view text);
    bool plain_span(std::size_t resource, std::size_t scope, PlainScanner& scanner);

    [[nodiscard]] const TraceGroups& groups() const { return spans_.groups(); }

    Result<TraceBatch> finish(const BodyOutcome& outcome, const std::optional<Error>& incomplete);

    // The member "error" of an answer; nullopt when it says nothing.
    static std::optional<StoreError> error_of(json::value value);

 private:
    // A place, and the number that resource or scope has in `spans_`. Ascending by place.
    struct Place {
        std::pair<std::size_t, std::size_t> at;
        std::uint32_t number = 0;
    };

    std::uint32_t resource_at(std::size_t resource);
    std::uint32_t scope_at(std::size_t resource, std::size_t scope);
    simdjson::error_code resource_spans(json::value value, std::size_t resource);
    simdjson::error_code scope_spans(json::value value, std::size_t resource, std::size_t scope);
    simdjson::error_code traces(json::value value);
    bool plain_resource_spans(PlainScanner& scanner, std::size_t resource);
    bool plain_scope_spans(PlainScanner& scanner, std::size_t resource, std::size_t scope);

    std::shared_ptr<models::Storage> storage_;
    OtlpSpans spans_{storage_};
    OtlpJsonSpan decode_{spans_};
    std::vector<Place> resources_;
    std::vector<Place> scopes_;
    std::size_t next_resource_ = 0;  // a repeated list goes on where the first one ended
    std::vector<StoreError> errors_;
    bool has_data_ = false;
};

}  // namespace meshscope::clients::jaeger
