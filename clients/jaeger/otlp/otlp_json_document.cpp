#include "clients/jaeger/otlp/otlp_json_document.hpp"

#include "clients/jaeger/plain_scanner.hpp"
#include "clients/json/json_tokens.hpp"

#include <algorithm>

namespace meshscope::clients::jaeger {

using simdjson::error_code;
using simdjson::SUCCESS;

namespace {

// The number at a place, which is nearly always the last one or a new one behind it.
template <class Place, class Add>
std::uint32_t number_at(
    std::vector<Place>& places, std::pair<std::size_t, std::size_t> at, const Add& add
) {
    if (!places.empty() && places.back().at == at) {
        return places.back().number;
    }
    auto found = places.end();
    if (!places.empty() && at < places.back().at) {
        found = std::lower_bound(
            places.begin(),
            places.end(),
            at,
            [](const Place& place, const auto& wanted) { return place.at < wanted; }
        );
        if (found->at == at) {
            return found->number;
        }
    }
    return places.insert(found, Place{at, add()})->number;
}

// The items of an array, counted from 0.
template <class Read>
bool plain_items(PlainScanner& scanner, const Read& read) {
    if (scanner.literal("[]")) {
        return true;
    }
    if (!scanner.literal("[")) {
        return false;
    }
    std::size_t index = 0;
    do {
        if (!read(index++)) {
            return false;
        }
    } while (scanner.literal(","));
    return scanner.literal("]");
}

// The members of an object.
template <class Read>
bool plain_members(PlainScanner& scanner, const Read& read) {
    if (scanner.literal("{}")) {
        return true;
    }
    if (!scanner.literal("{\"")) {
        return false;
    }
    do {
        const auto key = scanner.word();
        if (!key || !scanner.literal(":") || !read(*key)) {
            return false;
        }
    } while (scanner.literal(",\""));
    return scanner.literal("}");
}

}  // namespace

std::uint32_t OtlpJsonDocument::resource_at(std::size_t resource) {
    return number_at(resources_, {resource, 0}, [this] { return spans_.add_resource(); });
}

std::uint32_t OtlpJsonDocument::scope_at(std::size_t resource, std::size_t scope) {
    return number_at(scopes_, {resource, scope}, [this] { return spans_.add_scope(); });
}

error_code OtlpJsonDocument::span(std::size_t resource, std::size_t scope, json::value value) {
    return decode_.span(value, resource_at(resource), scope_at(resource, scope));
}

error_code OtlpJsonDocument::scope_spans(
    json::value value, std::size_t resource, std::size_t scope
) {
    return for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "scope")) {
            return decode_.describe_scope(field, scope_at(resource, scope));
        }
        if (is_key(key, "spans")) {
            return for_each_item(field, [&](json::value item) {
                return span(resource, scope, item);
            });
        }
        return SUCCESS;
    });
}

error_code OtlpJsonDocument::resource_spans(json::value value, std::size_t resource) {
    return for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "resource")) {
            return decode_.describe_resource(field, resource_at(resource));
        }
        std::size_t scope = 0;
        if (is_key(key, "scopeSpans")) {
            return for_each_item(field, [&](json::value item) {
                return scope_spans(item, resource, scope++);
            });
        }
        return SUCCESS;
    });
}

error_code OtlpJsonDocument::traces(json::value value) {
    has_data_ = true;
    return for_each_item(value, [this](json::value item) {
        return resource_spans(item, next_resource_++);
    });
}

error_code OtlpJsonDocument::read(std::string_view text) {
    has_data_ = false;
    next_resource_ = 0;
    errors_.clear();
    return ThreadParser::get().parse(text, [this](json::value root) {
        return for_each_field(root, [this](const char* key, json::value field) {
            if (is_key(key, "resourceSpans")) {
                return traces(field);
            }
            if (is_key(key, "result")) {
                const char first = field.raw_json_token().front();
                has_data_ = has_data_ || first == '{' || first == 'n';
                return for_each_field(field, [this](const char* inner, json::value member) {
                    return is_key(inner, "resourceSpans") ? traces(member) : SUCCESS;
                });
            }
            if (is_key(key, "error")) {
                if (auto error = error_of(field)) {
                    errors_.push_back(std::move(*error));
                }
            }
            return SUCCESS;
        });
    });
}

bool OtlpJsonDocument::plain_span(std::size_t resource, std::size_t scope, PlainScanner& scanner) {
    return decode_.plain_span(scanner, resource_at(resource), scope_at(resource, scope));
}

bool OtlpJsonDocument::plain_scope_spans(
    PlainScanner& scanner, std::size_t resource, std::size_t scope
) {
    return plain_members(scanner, [&](std::string_view key) {
        if (key == "scope") {
            return decode_.plain_scope(scanner, scope_at(resource, scope));
        }
        if (key == "spans") {
            return plain_items(scanner, [&](std::size_t) {
                return plain_span(resource, scope, scanner);
            });
        }
        return scanner.skip_value();
    });
}

bool OtlpJsonDocument::plain_resource_spans(PlainScanner& scanner, std::size_t resource) {
    return plain_members(scanner, [&](std::string_view key) {
        if (key == "resource") {
            return decode_.plain_resource(scanner, resource_at(resource));
        }
        if (key == "scopeSpans") {
            return plain_items(scanner, [&](std::size_t scope) {
                return plain_scope_spans(scanner, resource, scope);
            });
        }
        return scanner.skip_value();
    });
}

bool OtlpJsonDocument::read_plain(std::string_view text) {
    PlainScanner scanner(text, *storage_);
    const bool wrapped = scanner.literal("{\"result\":");
    if (!scanner.literal("{\"resourceSpans\":") || !simdjson::validate_utf8(text)) {
        return false;
    }
    const bool whole = plain_items(scanner, [&](std::size_t resource) {
        return plain_resource_spans(scanner, resource);
    });
    has_data_ = true;
    return whole && scanner.literal("}") && (!wrapped || scanner.literal("}")) && scanner.at_end();
}

std::optional<StoreError> OtlpJsonDocument::error_of(json::value value) {
    StoreError error;
    if (is_string(value.raw_json_token())) {
        error.message = copy_of(value.raw_json_token());
        return error;
    }
    bool says = false;
    const auto failed = for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "httpCode")) {
            const auto code = integer_of(field.raw_json_token()).value_or(0);
            error.code = code < 0 || code > 99'999 ? 0 : static_cast<std::int32_t>(code);
            says = true;
        } else if (is_key(key, "message")) {
            error.message = copy_of(field.raw_json_token());
            says = true;
        }
        return SUCCESS;
    });
    return failed || !says ? std::nullopt : std::optional(error);
}

Result<TraceBatch> OtlpJsonDocument::finish(
    const BodyOutcome& outcome, const std::optional<Error>& incomplete
) {
    TraceBatch batch;
    batch.traces = spans_.finish(outcome.error || outcome.cut != Cut::kNone);
    batch.errors = std::move(errors_);
    if (groups().dropped() > 0) {
        batch.dropped.push_back({"bad_trace_id", groups().dropped()});
    }
    return batch_of(std::move(batch), has_data_, outcome, incomplete);
}

}  // namespace meshscope::clients::jaeger
