#pragma once

#include "models/trace_builder.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace meshscope::test {

struct Binary {
    std::string bytes;
};
using TagValue = std::variant<std::string, bool, std::int64_t, double, Binary>;
using Tags = std::vector<std::pair<std::string, TagValue>>;

// A reference beside the parent.
struct LinkRow {
    TraceId trace;
    std::uint64_t span = 0;
    bool child_of = false;  // else FOLLOWS_FROM
};

// What OTLP has fields for and Jaeger's older protocols say in tags; "" is left out.
struct NativeRow {
    std::string scope = {};
    std::string scope_version = {};
    std::string kind = {};    // "client"
    std::string status = {};  // "OK" or "ERROR"
    std::string status_message = {};
    std::string trace_state = {};
};

// A span as a test writes it down.
struct SpanRow {
    std::uint64_t id = 1;
    std::uint64_t parent = 0;  // 0: none
    std::string service = "productpage.bookinfo";
    std::string operation = "op";
    std::int64_t start_us = 1'763'683'200'000'000;
    std::int64_t duration_us = 1'000;
    Tags tags;
    Tags process_tags;
    std::vector<Tags> logs;
    std::vector<std::string> warnings;
    std::vector<LinkRow> links = {};
    NativeRow native = {};
    std::int64_t start_rest_ns = 0;     // beyond start_us
    std::int64_t duration_rest_ns = 0;  // beyond duration_us

    [[nodiscard]] std::int64_t start_ns() const { return start_us * 1'000 + start_rest_ns; }
    [[nodiscard]] std::int64_t duration_ns() const {
        return duration_us * 1'000 + duration_rest_ns;
    }
    // The tags with those for `native`, in Jaeger's order.
    [[nodiscard]] Tags all_tags() const {
        Tags out;
        const auto add = [&out](const char* key, const std::string& text) {
            if (!text.empty()) {
                out.emplace_back(key, text);
            }
        };
        add("otel.scope.name", native.scope);
        add("otel.scope.version", native.scope_version);
        out.insert(out.end(), tags.begin(), tags.end());
        add("span.kind", native.kind);
        add("otel.status_code", native.status);
        if (native.status == "ERROR") {
            out.emplace_back("error", true);
        }
        add("otel.status_description", native.status_message);
        add("w3c.tracestate", native.trace_state);
        return out;
    }
};

namespace detail {

inline models::Slice<models::Tag> store_tags(models::Storage& storage, const Tags& tags) {
    std::vector<models::Tag> items;
    for (const auto& [name, value] : tags) {
        const std::string_view key = storage.copy(name);
        if (const auto* text = std::get_if<std::string>(&value)) {
            items.push_back(models::Tag::string(key, storage.copy(*text)));
        } else if (const auto* flag = std::get_if<bool>(&value)) {
            items.push_back(models::Tag::boolean(key, *flag));
        } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
            items.push_back(models::Tag::integer(key, *integer));
        } else if (const auto* binary = std::get_if<Binary>(&value)) {
            items.push_back(models::Tag::binary(key, storage.copy(binary->bytes)));
        } else {
            items.push_back(models::Tag::number(key, std::get<double>(value)));
        }
    }
    return storage.copy(items);
}

inline models::Slice<models::Reference> store_references(
    models::Storage& storage, TraceId id, const SpanRow& row
) {
    std::vector<models::Reference> items;
    if (row.parent != 0) {
        items.push_back({.trace = id, .span = SpanId{row.parent}});
    }
    for (const LinkRow& link : row.links) {
        items.push_back(
            {link.trace,
             SpanId{link.span},
             link.child_of ? models::ReferenceType::kChildOf : models::ReferenceType::kFollowsFrom}
        );
    }
    return storage.copy(items);
}

}  // namespace detail

// A trace made of rows, through the real TraceBuilder.
inline models::TracePtr make_trace(
    TraceId id, const std::vector<SpanRow>& rows, const std::vector<std::string>& warnings = {}
) {
    auto storage = std::make_shared<models::Storage>();
    models::TraceBuilder builder(id, storage);
    for (const SpanRow& row : rows) {
        models::Span span;
        span.id = SpanId{row.id};
        span.start_ns = row.start_ns();
        span.duration_ns = row.duration_ns();
        span.operation = storage->copy(row.operation);
        span.references = detail::store_references(*storage, id, row);
        span.tags = detail::store_tags(*storage, row.all_tags());
        std::vector<models::Log> logs;
        for (const Tags& fields : row.logs) {
            logs.push_back({span.start_ns, detail::store_tags(*storage, fields)});
        }
        span.logs = storage->copy(logs);
        std::vector<std::string_view> texts;
        for (const std::string& text : row.warnings) {
            texts.push_back(storage->copy(text));
        }
        span.warnings = storage->copy(texts);
        models::Process process;
        process.service = storage->copy(row.service);
        process.tags = detail::store_tags(*storage, row.process_tags);
        span.process = builder.add_process(process);
        builder.add_span(span);
    }
    for (const std::string& text : warnings) {
        builder.add_warning(text);
    }
    return builder.finish();
}

}  // namespace meshscope::test
