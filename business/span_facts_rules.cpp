#include "business/span_facts.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace meshscope::business {

namespace {

using models::SpanKind;
using models::StatusCode;
using models::Tag;
using models::ValueType;

constexpr std::array<std::string_view, 17> kGrpcNames{
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALIDARGUMENT",
    "DEADLINEEXCEEDED",
    "NOTFOUND",
    "ALREADYEXISTS",
    "PERMISSIONDENIED",
    "RESOURCEEXHAUSTED",
    "FAILEDPRECONDITION",
    "ABORTED",
    "OUTOFRANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATALOSS",
    "UNAUTHENTICATED",
};

// Unknown, DeadlineExceeded, ResourceExhausted, Unimplemented, Internal, Unavailable, DataLoss:
// what the callee is to blame for.
bool is_grpc_failure(int code) {
    constexpr unsigned kFailures =
        (1U << 2) | (1U << 4) | (1U << 8) | (1U << 12) | (1U << 13) | (1U << 14) | (1U << 15);
    return ((kFailures >> static_cast<unsigned>(code)) & 1U) != 0;
}

// "DEADLINE_EXCEEDED", "DeadlineExceeded" and "deadline exceeded" are one; "CANCELED" too.
std::optional<int> grpc_code_of(std::string_view name) {
    if (name.empty()) {
        return std::nullopt;
    }
    std::string letters;
    for (const char c : name) {
        if (c != '_' && c != ' ' && c != '-') {
            letters.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
        }
    }
    if (letters == "CANCELED") {
        return 1;
    }
    const auto found = std::find(kGrpcNames.begin(), kGrpcNames.end(), letters);
    return found == kGrpcNames.end() ? std::nullopt
                                     : std::optional(static_cast<int>(found - kGrpcNames.begin()));
}

std::optional<SpanKind> kind_named(std::string_view name) {
    struct Row {
        std::string_view name;
        SpanKind kind;
    };
    static constexpr Row kRows[] = {
        {"client", SpanKind::kClient},
        {"server", SpanKind::kServer},
        {"producer", SpanKind::kProducer},
        {"consumer", SpanKind::kConsumer},
        {"internal", SpanKind::kInternal},
    };
    for (const Row& row : kRows) {
        if (iequals(name, row.name)) {
            return row.kind;
        }
    }
    return std::nullopt;
}

std::string_view event_of(const models::Log& log) {
    for (const Tag& field : log.fields) {
        if (field.key() == "event" && field.type() == ValueType::kString) {
            return field.text();
        }
    }
    return {};
}

std::optional<SpanKind> zipkin_kind(const models::Span& span) {
    for (const models::Log& log : span.logs) {
        const std::string_view event = event_of(log);
        if (event == "cs" || event == "cr") {
            return SpanKind::kClient;
        }
        if (event == "sr" || event == "ss") {
            return SpanKind::kServer;
        }
    }
    return std::nullopt;
}

// "egress" and "egress a.b:80", but not "egress-check".
bool begins_with_word(std::string_view text, std::string_view word) {
    return text.starts_with(word) && (text.size() == word.size() || text[word.size()] == ' ');
}

enum class ErrorTag : std::uint8_t { kAbsent, kFalse, kTrue, kText, kEmpty };

ErrorTag error_tag(const Tag* tag) {
    if (tag == nullptr) {
        return ErrorTag::kAbsent;
    }
    switch (tag->type()) {
        case ValueType::kBool:
            return tag->as_bool() ? ErrorTag::kTrue : ErrorTag::kFalse;
        case ValueType::kInt64:
            return tag->as_int() == 0   ? ErrorTag::kFalse
                   : tag->as_int() == 1 ? ErrorTag::kTrue
                                        : ErrorTag::kAbsent;
        case ValueType::kString:
            break;
        case ValueType::kFloat64:
        case ValueType::kBinary:
            return ErrorTag::kAbsent;
    }
    const std::string_view text = trim(tag->text());
    if (text.empty()) {
        return ErrorTag::kEmpty;
    }
    if (text == "1" || iequals(text, "true")) {
        return ErrorTag::kTrue;
    }
    return text == "0" || iequals(text, "false") || iequals(text, "no") ? ErrorTag::kFalse
                                                                        : ErrorTag::kText;
}

// A span that never was an OpenTelemetry one: there an empty `error` tag is how a failure is said.
bool zipkin_only(const SpanEvidence& evidence) {
    const std::string_view format = evidence.attributes.text(Concept::kSpanFormat);
    if (!format.empty()) {
        return iequals(format, "zipkin");
    }
    const bool opentelemetry = evidence.span.kind != SpanKind::kUnspecified ||
                               evidence.span.status != StatusCode::kUnset ||
                               evidence.attributes.tag(Concept::kStatusCode) != nullptr ||
                               evidence.attributes.tag(Concept::kInstrumentation) != nullptr;
    return !opentelemetry && zipkin_kind(evidence.span).has_value();
}

bool has_escaped_exception(const models::Span& span) {
    return std::any_of(span.logs.begin(), span.logs.end(), [](const models::Log& log) {
        if (event_of(log) != "exception") {
            return false;
        }
        return std::any_of(log.fields.begin(), log.fields.end(), [](const Tag& field) {
            return field.key() == "exception.escaped" && error_tag(&field) == ErrorTag::kTrue;
        });
    });
}

// Everything the clauses look at, read once.
struct ErrorInput {
    const SpanEvidence& evidence;
    ErrorTag tag;
    StatusFact status;
    bool client;
    bool envoy;
    bool krakend;
    bool flags;
};

struct Clause {
    std::string_view rule;
    bool is_error;
    ErrorClass error_class;  // kApplication: whatever the status says, if it says anything
    Confidence confidence;
    bool (*matches)(const ErrorInput&);
};

// First match wins.
constexpr Clause kClauses[] = {
    {"status",
     true,
     ErrorClass::kApplication,
     Confidence::kHigh,
     [](const ErrorInput& in) { return in.evidence.span.status == StatusCode::kError; }},
    {"otel.status_code",
     true,
     ErrorClass::kApplication,
     Confidence::kHigh,
     [](const ErrorInput& in) {
         return iequals(in.evidence.attributes.text(Concept::kStatusCode), "ERROR");
     }},
    {"error=false",
     false,
     ErrorClass::kNone,
     Confidence::kHigh,
     [](const ErrorInput& in) { return in.tag == ErrorTag::kFalse; }},
    {"error=true",
     true,
     ErrorClass::kApplication,
     Confidence::kHigh,
     [](const ErrorInput& in) { return in.tag == ErrorTag::kTrue; }},
    {"error text",
     true,
     ErrorClass::kApplication,
     Confidence::kHigh,
     [](const ErrorInput& in) {
         return in.tag == ErrorTag::kText &&
                (in.krakend || trim(in.evidence.attributes.text(Concept::kError)).size() > 5);
     }},
    {"empty error tag",
     true,
     ErrorClass::kApplication,
     Confidence::kLow,
     [](const ErrorInput& in) { return in.tag == ErrorTag::kEmpty && zipkin_only(in.evidence); }},
    {"http status 5xx",
     true,
     ErrorClass::kServer,
     Confidence::kHigh,
     [](const ErrorInput& in) { return in.status.http >= 500; }},
    {"http status 4xx",
     true,
     ErrorClass::kClient,
     Confidence::kHigh,
     [](const ErrorInput& in) { return in.client && in.status.http >= 400; }},
    {"http status 0",
     true,
     ErrorClass::kTransport,
     Confidence::kHigh,
     [](const ErrorInput& in) { return in.envoy && in.status.no_response; }},
    {"grpc status",
     true,
     ErrorClass::kServer,
     Confidence::kHigh,
     [](const ErrorInput& in) { return in.status.grpc && is_grpc_failure(*in.status.grpc); }},
    {"response flags",
     true,
     ErrorClass::kTransport,
     Confidence::kHigh,
     [](const ErrorInput& in) {
         return in.flags && in.status.http == 0 && in.status.http_raw.empty();
     }},
    {"exception event",
     true,
     ErrorClass::kApplication,
     Confidence::kHigh,
     [](const ErrorInput& in) { return has_escaped_exception(in.evidence.span); }},
};

ErrorClass class_by_status(const ErrorInput& in) {
    if (in.status.http >= 500 || (in.status.grpc && is_grpc_failure(*in.status.grpc))) {
        return ErrorClass::kServer;
    }
    if (in.status.http >= 400) {
        return ErrorClass::kClient;
    }
    if ((in.envoy && in.status.no_response) || (in.flags && in.status.http == 0)) {
        return ErrorClass::kTransport;
    }
    return ErrorClass::kApplication;
}

}  // namespace

SpanSource source_of(const SpanEvidence& evidence) {
    const Attributes& attributes = evidence.attributes;
    if (iequals(attributes.text(Concept::kComponent), "proxy") ||
        attributes.tag(Concept::kNodeId) != nullptr) {
        return SpanSource::kEnvoy;
    }
    return attributes.tag(Concept::kKrakendStage) != nullptr ? SpanSource::kKrakend
                                                             : SpanSource::kApp;
}

KindFact kind_of(const SpanEvidence& evidence) {
    if (evidence.span.kind != SpanKind::kUnspecified) {
        return {evidence.span.kind, "native"};
    }
    const Attributes& attributes = evidence.attributes;
    if (const auto named = kind_named(attributes.text(Concept::kSpanKind))) {
        return {*named, attributes.name(Concept::kSpanKind)};
    }
    if (const auto zipkin = zipkin_kind(evidence.span)) {
        return {*zipkin, "zipkin annotation"};
    }
    if (source_of(evidence) == SpanSource::kEnvoy) {
        const std::string_view operation = evidence.span.operation;
        if (begins_with_word(operation, "ingress")) {
            return {SpanKind::kServer, "operation prefix"};
        }
        if (begins_with_word(operation, "egress") || begins_with_word(operation, "router")) {
            return {SpanKind::kClient, "operation prefix"};
        }
    }
    const std::string_view cluster = attributes.text(Concept::kUpstreamCluster);
    if (cluster.starts_with("inbound|") || cluster.starts_with("inbound-vip|")) {
        return {SpanKind::kServer, attributes.name(Concept::kUpstreamCluster)};
    }
    if (cluster.starts_with("outbound|") || cluster.starts_with("outbound_.")) {
        return {SpanKind::kClient, attributes.name(Concept::kUpstreamCluster)};
    }
    return {SpanKind::kInternal, "none"};
}

StatusFact status_of(const SpanEvidence& evidence) {
    StatusFact status;
    const Attributes& attributes = evidence.attributes;
    const auto http = attributes.integer(Concept::kHttpStatus);
    status.no_response = http && *http == 0;
    if (http && *http >= 100 && *http <= 599) {
        status.http = static_cast<int>(*http);
    } else if (!status.no_response) {
        status.http_raw =
            http ? std::to_string(*http) : std::string(attributes.text(Concept::kHttpStatus));
    }
    const auto grpc = attributes.integer(Concept::kGrpcStatus);
    if (!grpc) {
        status.grpc = grpc_code_of(attributes.text(Concept::kGrpcStatus));
    } else if (*grpc >= 0 && *grpc < static_cast<std::int64_t>(kGrpcNames.size())) {
        status.grpc = static_cast<int>(*grpc);
    }
    if (!status.grpc) {
        status.grpc_raw =
            grpc ? std::to_string(*grpc) : std::string(attributes.text(Concept::kGrpcStatus));
    }
    return status;
}

ErrorFact error_of(const SpanEvidence& evidence) {
    return error_of(evidence, kind_of(evidence).kind);
}

ErrorFact error_of(const SpanEvidence& evidence, SpanKind kind) {
    const SpanSource source = source_of(evidence);
    const std::string_view flags = evidence.attributes.text(Concept::kResponseFlags);
    const ErrorInput input{
        evidence,
        error_tag(evidence.attributes.tag(Concept::kError)),
        status_of(evidence),
        kind == SpanKind::kClient,
        source == SpanSource::kEnvoy,
        source == SpanSource::kKrakend,
        !flags.empty() && flags != "-",
    };
    for (const Clause& clause : kClauses) {
        if (clause.matches(input)) {
            const bool ask = clause.error_class == ErrorClass::kApplication;
            return {
                clause.is_error,
                ask ? class_by_status(input) : clause.error_class,
                clause.rule,
                clause.confidence
            };
        }
    }
    return {};
}

}  // namespace meshscope::business
