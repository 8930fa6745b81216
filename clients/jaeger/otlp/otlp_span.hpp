#pragma once

#include "clients/jaeger/trace_groups.hpp"
#include "models/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace meshscope::clients::jaeger {

// What an OTLP span becomes, whichever encoding brought it: what Jaeger makes of it in its older
// protocols, so that a trace looks the same over all of them.
//
// - tags: otel.scope.name and otel.scope.version, the attributes as on the wire, then span.kind,
//   otel.status_code, error (true), otel.status_description and w3c.tracestate. What an attribute
//   says already, with the same value, is not said again.
// - references: the parent as CHILD_OF, then the links as FOLLOWS_FROM (CHILD_OF where their
//   attribute opentracing.ref_type says so).
// - logs: events, their name in the field "event", first.
// - warnings: the attribute @jaeger@warnings, which is no tag then.
// - the process: service.name of the resource, its other attributes as tags.
// - arrays and maps are JSON text, bytes are binary; of the flags the low byte.
inline constexpr std::string_view kWarningsAttribute = "@jaeger@warnings";
// Arrays and maps in a value; what lies deeper is written as null and counted.
inline constexpr std::size_t kDeepestValue = 32;

// The parts of the span at hand, as a decoder finds them.
struct OtlpSpan {
    // The attributes stand behind as many free places, for what the scope says.
    static constexpr std::size_t kScopeTags = 2;

    TraceId trace;  // zero: not usable
    SpanId id;
    SpanId parent;
    std::string_view name;
    std::string_view trace_state;
    std::string_view status_message;
    std::uint64_t start_ns = 0;
    std::uint64_t end_ns = 0;
    std::uint64_t kind = 0;
    std::uint64_t status = 0;
    std::uint64_t flags = 0;
    std::vector<models::Tag> attributes;
    std::vector<models::Log> logs;
    std::vector<models::Reference> links;
    std::vector<std::string_view> warnings;
    SpanOddities oddities;
};

// Makes spans of the model and groups them. Resources and scopes are numbers, since they may be
// described after their spans. One thread.
class OtlpSpans {
 public:
    explicit OtlpSpans(std::shared_ptr<models::Storage> storage);

    std::uint32_t add_resource();  // without attributes until described
    void describe_resource(std::uint32_t resource, const std::vector<models::Tag>& attributes);
    // The same as another one, which has been described.
    void same_resource(std::uint32_t resource, std::uint32_t other) {
        groups_.set_process(resource, groups_.process(other));
    }
    std::uint32_t add_scope();  // without a name until described
    void describe_scope(std::uint32_t scope, std::string_view name, std::string_view version);

    // The span at hand, empty.
    OtlpSpan& begin();
    // `fields` are the attributes of the event behind one free place.
    void add_event(std::uint64_t time_ns, std::string_view name, std::vector<models::Tag>& fields);
    // `attributes` of the link.
    void add_link(TraceId trace, SpanId span, const std::vector<models::Tag>& attributes);
    // The span at hand is complete.
    void finish_span(std::uint32_t resource, std::uint32_t scope);

    [[nodiscard]] const TraceGroups& groups() const { return groups_; }
    [[nodiscard]] models::Storage& storage() { return *storage_; }

    // As TraceGroups::finish.
    std::vector<models::TracePtr> finish(bool cut);

 private:
    struct Scope {
        std::string_view name;
        std::string_view version;
        bool described = false;
    };

    void append_derived();
    std::int64_t time_of(std::uint64_t nanos);
    static std::size_t place_scope(
        const Scope& scope, models::Slice<models::Tag> attributes, models::Tag* behind
    );
    void place_late_scope(models::Span& span) const;

    std::shared_ptr<models::Storage> storage_;
    TraceGroups groups_;
    std::vector<Scope> scopes_;
    OtlpSpan span_;
    std::vector<models::Reference> references_;
    bool any_late_ = false;
};

}  // namespace meshscope::clients::jaeger
