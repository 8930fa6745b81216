#pragma once

#include "business/attributes.hpp"
#include "business/critical_path.hpp"
#include "business/masking.hpp"
#include "business/trace_columns.hpp"
#include "models/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

// What a span says, read once for every screen and route. Views point into the trace, into
// TraceFacts or into static text: facts live no longer than their trace. Secrets are masked. "" and
// nullopt mean "not known", never a guess. `rule` names what decided: an attribute's key, or a
// short word listed with the function that sets it.

enum class SpanSource : std::uint8_t { kEnvoy, kKrakend, kApp };
enum class SpanType : std::uint8_t { kHttp, kGrpc, kRpc, kDatabase, kMessaging, kTcp, kUnknown };
enum class Direction : std::uint8_t { kInbound, kOutbound, kInternal };
enum class ErrorClass : std::uint8_t {
    kNone,
    kServer,       // the callee failed: HTTP 5xx, a gRPC status of the error set
    kClient,       // the caller was refused: HTTP 4xx seen by a client
    kTransport,    // no response: HTTP status 0, response flags
    kApplication,  // the program said so: status, error tag, exception
};
enum class Confidence : std::uint8_t { kHigh, kLow };

std::string_view to_string(SpanSource source);  // envoy, krakend, app
std::string_view to_string(SpanType type);  // http, grpc, rpc, database, messaging, tcp, unknown
std::string_view to_string(Direction direction);     // inbound, outbound, internal
std::string_view to_string(ErrorClass error_class);  // "", server, client, transport, application
std::string_view to_string(Confidence confidence);   // high, low
std::string_view to_string(models::SpanKind kind
);  // unspecified, internal, server, client, producer, consumer

struct KindFact {
    models::SpanKind kind = models::SpanKind::kInternal;  // never kUnspecified
    std::string_view rule;  // "native", a key, "zipkin annotation", "operation prefix", "none"
};

struct ErrorFact {
    bool is_error = false;
    ErrorClass error_class = ErrorClass::kNone;
    std::string_view
        rule;  // "" when no clause matched; set for error=false too, which says "not an error"
    Confidence confidence = Confidence::kHigh;
};

struct PeerFact {
    std::string_view value;    // host, service, workload or address of the other side
    std::string_view service;  // where the value is a cluster-local host: its service and namespace
    std::string_view ns;
    std::string_view address;  // ip:port as written, whatever decided the value
    std::string_view rule;     // a key, "child server span", "parent client span"
};

struct RequestFact {
    std::string_view method;
    std::string url;  // secrets masked; may be a bare path (KrakenD)
    std::string_view route;
    std::string_view protocol;  // as written: "HTTP/1.1", "2"
    std::string_view id;        // x-request-id, which access logs carry too
    std::optional<std::int64_t> request_bytes;
    std::optional<std::int64_t> response_bytes;
};

struct StatusFact {
    int http = 0;              // 100 to 599; 0: none
    bool no_response = false;  // the span says HTTP status 0
    std::string http_raw;      // text that is no such number, kept
    std::optional<int> grpc;   // 0 to 16
    std::string grpc_raw;
};

// What a call to a database, a broker or an RPC service is about.
struct TargetFact {
    std::string_view system;  // "postgresql", "kafka", "grpc"
    std::string_view name;    // database, destination, RPC service
    std::string_view operation;
};

struct ResponseFlag {
    std::string_view code;     // as in the span
    std::string_view meaning;  // one line; "unknown flag" for one that Envoy does not document
};

// Whom the evidence in the span names. Nothing here comes from the name of a service.
struct IdentityFact {
    std::string_view workload;
    std::string_view
        workload_rule;  // a key; "pod name" when generated suffixes were cut off a pod's name
    std::string_view pod;
    std::string_view ns;
    std::string_view ns_rule;
    std::string_view app;
    std::string_view service;
    std::string_view cluster;
    bool waypoint = false;
};

// A client span and the server span of the same call: never averaged, always side by side.
struct PairFact {
    std::uint32_t other = models::kNoSpan;  // the other side's index in Trace::spans
    // Client duration minus server duration, ns: network, queues, proxies. Unknown when the client
    // span covers several server spans (retries). Negative when the server says it took longer.
    std::optional<std::int64_t> gap_ns;
};

struct SpanFacts {
    SpanSource source = SpanSource::kApp;
    SpanType type = SpanType::kUnknown;
    Direction direction = Direction::kInternal;
    KindFact kind;
    PeerFact peer;
    RequestFact request;
    StatusFact status;
    TargetFact target;
    std::vector<ResponseFlag> flags;
    ErrorFact error;
    IdentityFact identity;
    std::string_view component;
    std::string operation;  // to show: secrets masked; for Envoy the cluster's domain and "/*" cut

    std::uint32_t depth = 0;
    std::int64_t relative_start_ns = 0;  // since the trace's start
    std::int64_t self_ns = 0;            // not covered by children
    std::int64_t critical_ns = 0;        // on the critical path of its root
    double critical_share = 0;           // of the root's duration, 0 to 1
    PairFact pair;
};

// Moves, but has no copy: views of its spans point into it.
struct TraceFacts {
    TraceFacts() = default;
    TraceFacts(TraceFacts&&) noexcept = default;
    TraceFacts& operator=(TraceFacts&&) noexcept = default;

    TraceShape shape;
    std::vector<SpanFacts> spans;    // parallel to Trace::spans
    std::uint32_t errors = 0;        // spans that are errors
    std::deque<std::string> masked;  // texts of the facts that are not those of the trace
};

// The same of a few spans: what the whole trace tells about them is in its columns.
struct RowFacts {
    RowFacts() = default;
    RowFacts(RowFacts&&) noexcept = default;
    RowFacts& operator=(RowFacts&&) noexcept = default;

    std::vector<SpanFacts> spans;    // parallel to the rows asked for
    std::deque<std::string> masked;  // texts of the facts that are not those of the trace
};

// The facts of these spans, given by index into Trace::spans. About 1.5 µs a row; nothing else in
// the trace is looked at but the other side of a row's pair.
RowFacts row_facts(
    const models::Trace& trace,
    const TraceColumns& columns,
    const Masker& masker,
    std::span<const std::uint32_t> rows
);

// All facts of a trace. O(n log n) in spans and tags, no recursion; about 3 µs a span.
TraceFacts trace_facts(const models::Trace& trace, const Masker& masker);

// Only whether each span is an error, for counting: the same rule, a fraction of the work.
std::vector<ErrorFact> error_facts(const models::Trace& trace);

// The clauses, in the order they are tried; the first that matches decides. Here for tests and for
// reuse on one span; `attributes` are those of the span and its process.
struct SpanEvidence {
    const models::Span& span;
    const Attributes& attributes;
};

SpanSource source_of(const SpanEvidence& evidence);
KindFact kind_of(const SpanEvidence& evidence);
StatusFact status_of(const SpanEvidence& evidence);

// native status | otel.status_code | error=false (no error) | error=true | error text | empty error
// tag | http status 5xx | http status 4xx | http status 0 | grpc status | response flags |
// exception event
ErrorFact error_of(const SpanEvidence& evidence);
// The same; `kind` is that of kind_of().
ErrorFact error_of(const SpanEvidence& evidence, models::SpanKind kind);

// The flags of Envoy's access log, "-" and "" giving none.
std::vector<ResponseFlag> response_flags(std::string_view text);
std::string_view response_flag_meaning(std::string_view code);

}  // namespace meshscope::business
