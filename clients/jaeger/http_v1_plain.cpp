// The way most answers take: written by Jaeger itself, so without white space and in one order of
// fields. Everything is checked, nothing is indexed; whatever looks different sends the whole
// answer the other way.

#include "clients/jaeger/http_v1_spans.hpp"
#include "clients/jaeger/plain_scanner.hpp"

namespace meshscope::clients::jaeger {

namespace {

using models::Reference;
using models::ReferenceType;

}  // namespace

bool SpanDecoder::decode_plain(PlainScanner& scanner, Decoded& out) {
    clear();
    out = {};
    if (!scanner.literal(R"({"traceID":")")) {
        return false;
    }
    const auto id = scanner.word();
    if (!id || !scanner.literal(R"(,"spans":[)")) {
        return false;
    }
    if (!scanner.literal("]")) {
        do {
            if (!plain_span(scanner)) {
                return false;
            }
        } while (scanner.literal(","));
        if (!scanner.literal("]")) {
            return false;
        }
    }
    if (!plain_processes(scanner) || !scanner.literal(R"(,"warnings":null})")) {
        return false;
    }
    const TraceId known = TraceId::from_hex(*id).value_or(TraceId{});
    finish(known.is_zero() ? trace_id_ : known, out);
    return true;
}

bool SpanDecoder::plain_span(PlainScanner& scanner) {
    PendingSpan& pending = spans_.emplace_back();
    models::Span& span = pending.span;
    pending.first_reference = references_.size();
    if (!scanner.literal(R"({"traceID":")")) {
        return false;
    }
    const auto trace = scanner.word();
    if (!trace || !scanner.literal(R"(,"spanID":")")) {
        return false;
    }
    if (trace_id_.is_zero()) {
        trace_id_ = TraceId::from_hex(*trace).value_or(TraceId{});
    }
    const auto id = scanner.word();
    if (!id) {
        return false;
    }
    span.id = SpanId::from_hex(*id).value_or(SpanId{});
    oddities_.no_span_id += span.id.is_zero() ? 1 : 0;
    if (scanner.literal(R"(,"flags":)")) {
        const auto flags = scanner.number();
        if (!flags) {
            return false;
        }
        span.flags = flags_of(*flags);
    }
    if (!scanner.literal(R"(,"operationName":")")) {
        return false;
    }
    const auto operation = scanner.text();
    if (!operation || !plain_references(scanner) || !plain_times(scanner, span)) {
        return false;
    }
    span.operation = operation->text;
    pending.reference_count = references_.size() - pending.first_reference;
    tags_.clear();
    if (!scanner.literal(R"(,"tags":)") || !read_plain_tags(scanner, tags_)) {
        return false;
    }
    span.tags = storage_->copy(tags_);
    if (!plain_logs(scanner, span) || !scanner.literal(R"(,"processID":")")) {
        return false;
    }
    const auto process = scanner.word();
    if (!process || !scanner.literal(R"(,"warnings":null})")) {
        return false;
    }
    pending.process_id = *process;
    return true;
}

bool SpanDecoder::plain_references(PlainScanner& scanner) {
    if (scanner.literal(R"(,"references":[])")) {
        return true;
    }
    if (!scanner.literal(R"(,"references":[)")) {
        return false;
    }
    do {
        Reference reference;
        if (!scanner.literal(R"({"refType":")")) {
            return false;
        }
        const auto type = scanner.word();
        if (!type || !scanner.literal(R"(,"traceID":")")) {
            return false;
        }
        const auto trace = scanner.word();
        if (!trace || !scanner.literal(R"(,"spanID":")")) {
            return false;
        }
        const auto span = scanner.word();
        if (!span || !scanner.literal("}")) {
            return false;
        }
        reference.type =
            *type == "CHILD_OF" ? ReferenceType::kChildOf : ReferenceType::kFollowsFrom;
        reference.trace = referenced_trace(*trace);
        reference.span = SpanId::from_hex(*span).value_or(SpanId{});
        if (!reference.span.is_zero()) {
            references_.push_back(reference);
        }
    } while (scanner.literal(","));
    return scanner.literal("]");
}

bool SpanDecoder::plain_times(PlainScanner& scanner, models::Span& span) {
    if (!scanner.literal(R"(,"startTime":)")) {
        return false;
    }
    const auto start = scanner.number();
    if (!start || !scanner.literal(R"(,"duration":)")) {
        return false;
    }
    const auto duration = scanner.number();
    if (!duration) {
        return false;
    }
    span.start_ns = micros_to_nanos(*start);
    span.duration_ns = duration_to_nanos(*duration);
    return true;
}

bool SpanDecoder::plain_logs(PlainScanner& scanner, models::Span& span) {
    if (scanner.literal(R"(,"logs":[])")) {
        return true;
    }
    if (!scanner.literal(R"(,"logs":[)")) {
        return false;
    }
    logs_.clear();
    do {
        if (!scanner.literal(R"({"timestamp":)")) {
            return false;
        }
        const auto time = scanner.number();
        tags_.clear();
        if (!time || !scanner.literal(R"(,"fields":)") || !read_plain_tags(scanner, tags_) ||
            !scanner.literal("}")) {
            return false;
        }
        logs_.push_back({micros_to_nanos(*time), storage_->copy(tags_)});
    } while (scanner.literal(","));
    keep_logs(span.logs);
    return scanner.literal("]");
}

bool SpanDecoder::plain_processes(PlainScanner& scanner) {
    if (!scanner.literal(R"(,"processes":{)")) {
        return false;
    }
    if (scanner.literal("}")) {
        return true;
    }
    do {
        if (!scanner.literal("\"")) {
            return false;
        }
        const auto name = scanner.word();
        if (!name || !scanner.literal(R"(:{"serviceName":")")) {
            return false;
        }
        const auto service = scanner.text();
        tags_.clear();
        if (!service || !scanner.literal(R"(,"tags":)") || !read_plain_tags(scanner, tags_) ||
            !scanner.literal("}")) {
            return false;
        }
        NamedProcess& named = processes_[*name] = {};
        named.process = {service->text, storage_->copy(tags_)};
    } while (scanner.literal(","));
    return scanner.literal("}");
}

}  // namespace meshscope::clients::jaeger
