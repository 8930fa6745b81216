#pragma once

#include "core/ids.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace meshscope::demo {

// Spans as OpenTelemetry has them: kind, status, scope, events and links are fields of their own.
// Jaeger's older protocols show the same spans through jaeger/v1_mapping.hpp.

struct AttributeValue;
struct Attribute;
using Attributes = std::vector<Attribute>;
using ValueList = std::vector<AttributeValue>;
struct Bytes {
    std::string data;
    friend bool operator==(const Bytes&, const Bytes&) = default;
};

// monostate: there is a key and no value. Attributes: a map.
using AnyValue = std::
    variant<std::monostate, std::string, bool, std::int64_t, double, Bytes, ValueList, Attributes>;

struct AttributeValue : AnyValue {
    using AnyValue::AnyValue;
};

struct Attribute {
    std::string key;
    AttributeValue value;
};

bool same(const Attributes& a, const Attributes& b);

// As a tag filter compares it: text as it is, numbers and booleans printed, lists and maps as JSON.
std::string to_text(const AttributeValue& value);

enum class SpanKind : std::uint8_t {
    kUnspecified,
    kInternal,
    kServer,
    kClient,
    kProducer,
    kConsumer
};
enum class StatusCode : std::uint8_t { kUnset, kOk, kError };

std::string_view to_string(SpanKind kind);  // "server"; "" when unspecified

struct EventRecord {
    std::int64_t time_ns = 0;  // since the epoch
    std::string name;
    Attributes attributes;
};

struct LinkRecord {
    TraceId trace;
    SpanId span;
    std::string trace_state;
    Attributes attributes;
    std::uint32_t flags = 0;
};

struct ProcessRecord {
    std::string service;
    Attributes tags;  // the resource's attributes but service.name
};

struct ScopeRecord {
    std::string name;
    std::string version;
    Attributes attributes;
};

struct SpanRecord {
    SpanId id;
    SpanId parent;  // zero: none
    std::string operation;
    std::int64_t start_ns = 0;  // since the epoch
    std::int64_t duration_ns = 0;
    SpanKind kind = SpanKind::kUnspecified;
    StatusCode status = StatusCode::kUnset;
    std::uint32_t flags = 0;
    std::string status_message;
    std::string trace_state;
    Attributes attributes;  // ascending by key, as Jaeger hands them out
    std::vector<EventRecord> events;
    std::vector<LinkRecord> links;
    std::vector<std::string> warnings;
    std::uint32_t process = 0;  // index into TraceRecord::processes
    std::uint32_t scope = 0;    // index into TraceRecord::scopes

    [[nodiscard]] std::int64_t start_us() const { return start_ns / 1000; }
    [[nodiscard]] std::int64_t duration_us() const { return duration_ns / 1000; }
    [[nodiscard]] std::int64_t end_ns() const { return start_ns + duration_ns; }
};

// Equal in everything, process and scope as indices.
bool same(const SpanRecord& a, const SpanRecord& b);

// A trace as the simulated Jaeger stores it. Immutable once handed out.
struct TraceRecord {
    TraceId id;
    std::vector<SpanRecord> spans;  // never empty, in order of arrival
    std::vector<ProcessRecord> processes;
    std::vector<ScopeRecord> scopes;
    std::int64_t start_ns = 0;  // earliest start
    std::int64_t end_ns = 0;    // latest end

    [[nodiscard]] std::int64_t start_us() const { return start_ns / 1000; }
    [[nodiscard]] std::int64_t end_us() const { return end_ns / 1000; }
};

}  // namespace meshscope::demo
