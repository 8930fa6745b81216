#include "clients/jaeger/otlp/otlp_span.hpp"

#include "core/json_writer.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

using models::ReferenceType;
using models::Slice;
using models::Span;
using models::SpanKind;
using models::StatusCode;
using models::Tag;
using models::ValueType;

constexpr std::string_view kNoServiceName = "OTLPResourceNoServiceName";
// The key of a tag that keeps the place of a scope not yet described; known by its address.
constexpr std::string_view kLateScope = "late scope";

bool says(const Tag& tag, std::string_view key, std::string_view value) {
    return tag.key() == key && tag.type() == ValueType::kString && tag.text() == value;
}

bool any_says(const Tag* first, const Tag* last, std::string_view key, std::string_view value) {
    return std::any_of(first, last, [&](const Tag& tag) { return says(tag, key, value); });
}

std::string_view kind_name(SpanKind kind) {
    switch (kind) {
        case SpanKind::kInternal:
            return "internal";
        case SpanKind::kServer:
            return "server";
        case SpanKind::kClient:
            return "client";
        case SpanKind::kProducer:
            return "producer";
        case SpanKind::kConsumer:
            return "consumer";
        case SpanKind::kUnspecified:
            break;
    }
    return {};
}

SpanKind kind_of(std::uint64_t number) {
    constexpr auto kLast = static_cast<std::uint64_t>(SpanKind::kConsumer);
    return number <= kLast ? static_cast<SpanKind>(number) : SpanKind::kUnspecified;
}

StatusCode status_of(std::uint64_t number) {
    constexpr auto kLast = static_cast<std::uint64_t>(StatusCode::kError);
    return number <= kLast ? static_cast<StatusCode>(number) : StatusCode::kUnset;
}

std::string_view text_of(const Tag& tag, models::Storage& storage) {
    std::string text;
    JsonWriter writer(text);
    switch (tag.type()) {
        case ValueType::kBool:
            writer.boolean(tag.as_bool());
            break;
        case ValueType::kInt64:
            writer.integer(tag.as_int());
            break;
        case ValueType::kFloat64:
            writer.number(tag.as_double());
            std::erase(text, '"');  // NaN and infinities are texts in JSON
            break;
        default:
            return tag.text();
    }
    return storage.copy(text);
}

}  // namespace

OtlpSpans::OtlpSpans(std::shared_ptr<models::Storage> storage)
    : storage_(std::move(storage)), groups_(storage_) {}

std::uint32_t OtlpSpans::add_resource() {
    return groups_.add_process({.service = kNoServiceName, .tags = {}});
}

void OtlpSpans::describe_resource(std::uint32_t resource, const std::vector<Tag>& attributes) {
    constexpr std::string_view kServiceName = "service.name";
    models::Process process{.service = kNoServiceName, .tags = {}};
    std::vector<Tag> tags;
    tags.reserve(attributes.size());
    bool named = false;
    for (const Tag& tag : attributes) {
        if (tag.key() != kServiceName) {
            tags.push_back(tag);
        } else if (!named) {
            process.service = text_of(tag, *storage_);
            named = true;
        }
    }
    process.tags = storage_->copy(tags);
    groups_.set_process(resource, process);
}

std::uint32_t OtlpSpans::add_scope() {
    scopes_.emplace_back();
    return static_cast<std::uint32_t>(scopes_.size() - 1);
}

void OtlpSpans::describe_scope(
    std::uint32_t scope, std::string_view name, std::string_view version
) {
    scopes_[scope] = {.name = name, .version = version, .described = true};
}

OtlpSpan& OtlpSpans::begin() {
    span_.trace = {};
    span_.id = {};
    span_.parent = {};
    span_.name = {};
    span_.trace_state = {};
    span_.status_message = {};
    span_.start_ns = 0;
    span_.end_ns = 0;
    span_.kind = 0;
    span_.status = 0;
    span_.flags = 0;
    span_.attributes.clear();
    span_.attributes.resize(OtlpSpan::kScopeTags);
    span_.logs.clear();
    span_.links.clear();
    span_.warnings.clear();
    span_.oddities = {};
    return span_;
}

std::int64_t OtlpSpans::time_of(std::uint64_t nanos) {
    constexpr auto kLatest = std::numeric_limits<std::int64_t>::max();
    if (nanos > static_cast<std::uint64_t>(kLatest)) {
        ++span_.oddities.bad_time;
        return kLatest;
    }
    return static_cast<std::int64_t>(nanos);
}

void OtlpSpans::add_event(std::uint64_t time_ns, std::string_view name, std::vector<Tag>& fields) {
    constexpr std::string_view kEvent = "event";
    const bool named =
        !name.empty() && !any_says(fields.data() + 1, fields.data() + fields.size(), kEvent, name);
    if (named) {
        fields.front() = Tag::string(kEvent, name);
    }
    span_.logs.push_back({time_of(time_ns), storage_->copy(fields, named ? 0 : 1)});
}

void OtlpSpans::add_link(TraceId trace, SpanId span, const std::vector<Tag>& attributes) {
    if (trace.is_zero() || span.is_zero()) {
        ++span_.oddities.bad_reference;
        return;
    }
    const Tag* first = attributes.data();
    const bool child =
        any_says(first, first + attributes.size(), "opentracing.ref_type", "child_of");
    const auto type = child ? ReferenceType::kChildOf : ReferenceType::kFollowsFrom;
    span_.links.push_back({trace, span, type});
}

// Behind the attributes, unless one of them says the same.
void OtlpSpans::append_derived() {
    std::vector<Tag>& tags = span_.attributes;
    const auto append = [&tags](std::string_view key, std::string_view value) {
        const Tag* first = tags.data() + OtlpSpan::kScopeTags;
        if (!value.empty() && !any_says(first, tags.data() + tags.size(), key, value)) {
            tags.push_back(Tag::string(key, value));
        }
    };
    append("span.kind", kind_name(kind_of(span_.kind)));
    const StatusCode status = status_of(span_.status);
    if (status == StatusCode::kOk) {
        append("otel.status_code", "OK");
    } else if (status == StatusCode::kError) {
        append("otel.status_code", "ERROR");
        const bool said = std::any_of(tags.begin(), tags.end(), [](const Tag& tag) {
            return tag.key() == "error" && tag.type() == ValueType::kBool && tag.as_bool();
        });
        if (!said) {
            tags.push_back(Tag::boolean("error", true));
        }
    }
    append("otel.status_description", span_.status_message);
    append("w3c.tracestate", span_.trace_state);
}

// Writes what the scope says, and no attribute, right in front of `behind`; returns how many tags.
std::size_t OtlpSpans::place_scope(const Scope& scope, Slice<Tag> attributes, Tag* behind) {
    std::size_t count = 0;
    const auto place = [&](std::string_view key, std::string_view value) {
        if (!value.empty() && !any_says(attributes.begin(), attributes.end(), key, value)) {
            *--behind = Tag::string(key, value);
            ++count;
        }
    };
    place("otel.scope.version", scope.version);
    place("otel.scope.name", scope.name);
    return count;
}

void OtlpSpans::finish_span(std::uint32_t resource, std::uint32_t scope) {
    if (span_.trace.is_zero()) {
        groups_.drop();
        return;
    }
    std::vector<Tag>& tags = span_.attributes;
    append_derived();
    std::size_t before = OtlpSpan::kScopeTags;
    if (scopes_[scope].described) {
        Tag* behind = tags.data() + OtlpSpan::kScopeTags;
        const auto count = static_cast<std::uint32_t>(tags.size() - OtlpSpan::kScopeTags);
        before = place_scope(scopes_[scope], {behind, count}, behind);
    } else {
        tags.front() = Tag::integer(kLateScope, scope);
        any_late_ = true;
    }
    references_.clear();
    if (!span_.parent.is_zero()) {
        references_.push_back({span_.trace, span_.parent, ReferenceType::kChildOf});
    }
    references_.insert(references_.end(), span_.links.begin(), span_.links.end());
    sort_by_time(span_.logs);
    span_.oddities.bad_span_id += span_.id.is_zero() ? 1U : 0U;
    const std::int64_t start = time_of(span_.start_ns);
    Span span;
    span.id = span_.id;
    span.start_ns = start;
    span.duration_ns = models::nanos_between(start, time_of(span_.end_ns));
    span.operation = span_.name;
    span.references = storage_->copy(references_);
    span.tags = storage_->copy(tags, OtlpSpan::kScopeTags - before);
    span.logs = storage_->copy(span_.logs);
    span.warnings = storage_->copy(span_.warnings);
    span.process = resource;
    span.flags = static_cast<std::uint32_t>(span_.flags & 0xFFU);
    span.kind = kind_of(span_.kind);
    span.status = status_of(span_.status);
    groups_.add(span_.trace, span, span_.oddities);
}

void OtlpSpans::place_late_scope(Span& span) const {
    Slice<Tag>& tags = span.tags;
    if (tags.empty() || tags[0].key().data() != kLateScope.data()) {
        return;
    }
    const Scope& scope = scopes_[static_cast<std::size_t>(tags[0].as_int())];
    // The tags lie in our own arena, which nobody else has seen yet.
    Tag* behind = const_cast<Tag*>(tags.data) + OtlpSpan::kScopeTags;
    const Slice<Tag> attributes{
        behind, tags.size - static_cast<std::uint32_t>(OtlpSpan::kScopeTags)
    };
    const std::size_t count = place_scope(scope, attributes, behind);
    tags = {behind - count, attributes.size + static_cast<std::uint32_t>(count)};
}

std::vector<models::TracePtr> OtlpSpans::finish(bool cut) {
    if (any_late_) {
        groups_.for_each_span([this](Span& span) { place_late_scope(span); });
    }
    storage_->drop_index();
    return groups_.finish(cut);
}

}  // namespace meshscope::clients::jaeger
