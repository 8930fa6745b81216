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
    settle();
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
    finish(known.is_zero() ? now_.trace_id : known, out);
    return true;
}

bool SpanDecoder::add_plain_span(PlainScanner& scanner) {
    const std::size_t references = now_.references.size();
    const Oddities oddities = now_.oddities;
    if (plain_span(scanner)) {
        ++spans_ahead_;
        return true;
    }
    now_.references.resize(references);
    now_.oddities = oddities;
    return false;
}

bool SpanDecoder::plain_span(PlainScanner& scanner) {
    models::Span span;
    const std::size_t first_reference = now_.references.size();
    if (!scanner.literal(R"({"traceID":")")) {
        return false;
    }
    const auto trace = scanner.word();
    if (!trace || !scanner.literal(R"(,"spanID":")")) {
        return false;
    }
    const auto id = scanner.word();
    if (!id) {
        return false;
    }
    span.id = SpanId::from_hex(*id).value_or(SpanId{});
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
    if (!scanner.literal(R"(,"tags":)") || !plain_tags(scanner, span.tags, span_tags_) ||
        !plain_logs(scanner, span) || !scanner.literal(R"(,"processID":")")) {
        return false;
    }
    const auto process = scanner.word();
    if (!process || !scanner.literal(R"(,"warnings":null})")) {
        return false;
    }
    span.operation = keep(operation->text);
    span.references.size = static_cast<std::uint32_t>(now_.references.size() - first_reference);
    span.process = use_process(*process);
    const bool first = now_.trace_id.is_zero();
    push_span(span, first ? TraceId::from_hex(*trace).value_or(TraceId{}) : TraceId{});
    return true;
}

bool SpanDecoder::plain_tags(
    PlainScanner& scanner, models::Slice<models::Tag>& out, models::TagInterner& interner
) {
    tags_.clear();
    const bool read =
        texts_stay_ ? read_plain_tags(scanner, tags_) : read_plain_tags(scanner, interner, tags_);
    out = read ? storage_->copy(tags_) : models::Slice<models::Tag>();
    return read;
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
            now_.references.push_back(reference);
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
        models::Slice<models::Tag> fields;
        if (!time || !scanner.literal(R"(,"fields":)") ||
            !plain_tags(scanner, fields, log_fields_) || !scanner.literal("}")) {
            return false;
        }
        logs_.push_back({micros_to_nanos(*time), fields});
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
        models::Slice<models::Tag> tags;
        if (!service || !scanner.literal(R"(,"tags":)") ||
            !plain_tags(scanner, tags, process_tags_) || !scanner.literal("}")) {
            return false;
        }
        processes_[keep(*name)] = {keep(service->text), tags};
    } while (scanner.literal(","));
    return scanner.literal("}");
}

}  // namespace meshscope::clients::jaeger
