#include "clients/span_match.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace meshscope::clients {

namespace {

using models::Process;
using models::Span;
using models::Tag;
using models::Trace;
using models::ValueType;

template <class Number>
bool number_equals(Number number, std::string_view text) {
    Number parsed{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    return error == std::errc() && end == text.data() + text.size() && parsed == number;
}

// Where it is not certain: what `strictness` says of that.
bool in_doubt(Strictness strictness) { return strictness == Strictness::kMay; }

bool value_equals(const Tag& tag, std::string_view text, Strictness strictness) {
    switch (tag.type()) {
        case ValueType::kString:
            return tag.text() == text;
        case ValueType::kBool:
            return text == (tag.as_bool() ? "true" : "false");
        case ValueType::kInt64:
            return number_equals(tag.as_int(), text);
        case ValueType::kFloat64:
            return std::isfinite(tag.as_double()) ? number_equals(tag.as_double(), text)
                                                  : in_doubt(strictness);
        case ValueType::kBinary:
            break;  // stores spell bytes in different ways
    }
    return in_doubt(strictness);
}

template <class Visit>
bool any_tag(const Span& span, const Process& process, const Visit& visit) {
    if (std::any_of(span.tags.begin(), span.tags.end(), visit) ||
        std::any_of(process.tags.begin(), process.tags.end(), visit)) {
        return true;
    }
    return std::any_of(span.logs.begin(), span.logs.end(), [&](const models::Log& log) {
        return std::any_of(log.fields.begin(), log.fields.end(), visit);
    });
}

bool is_mapped_by_some_store(std::string_view key) {
    return key == "span.status" || key.starts_with("scope.") || key.starts_with("resource.");
}

bool kind_matches(const Span& span, std::string_view text) {
    constexpr std::array<std::string_view, 6> kNames{
        "unspecified", "internal", "server", "client", "producer", "consumer"
    };
    return span.kind != models::SpanKind::kUnspecified &&
           iequals(kNames[static_cast<std::size_t>(span.kind)], text);
}

enum class Failed { kNo, kMaybe, kYes };

Failed error_tag(const Tag& tag) {
    switch (tag.type()) {
        case ValueType::kBool:
            return tag.as_bool() ? Failed::kYes : Failed::kNo;
        case ValueType::kInt64:
            return tag.as_int() != 0 ? Failed::kYes : Failed::kNo;
        case ValueType::kString:
            break;
        case ValueType::kFloat64:
        case ValueType::kBinary:
            return Failed::kMaybe;
    }
    const std::string_view text = tag.text();
    if (iequals(text, "true") || text == "1") {
        return Failed::kYes;
    }
    return iequals(text, "false") || text == "0" || iequals(text, "no") ? Failed::kNo
                                                                        : Failed::kMaybe;
}

bool text_is(const Tag& tag, std::string_view text) {
    return value_equals(tag, text, Strictness::kMay);
}

// A status tag that some conventions count as a failure.
bool hints_at_failure(const Tag& tag) {
    const std::string_view key = tag.key();
    if (key == "http.status_code" || key == "http.response.status_code") {
        std::int64_t status = tag.type() == ValueType::kInt64 ? tag.as_int() : 0;
        if (tag.type() == ValueType::kString) {
            const std::string_view text = tag.text();
            std::from_chars(text.data(), text.data() + text.size(), status);
        }
        return status >= 400 || status == 0;
    }
    if (key == "grpc.status_code" || key == "rpc.grpc.status_code" || key == "rpc.status_code" ||
        key == "rpc.response.status_code") {
        return !(text_is(tag, "0") || text_is(tag, "OK"));
    }
    if (key == "response_flags") {
        return tag.type() != ValueType::kString || (tag.text() != "-" && !tag.text().empty());
    }
    return key == "event" && text_is(tag, "exception");
}

Failed failed(const Span& span) {
    if (span.status == models::StatusCode::kError) {
        return Failed::kYes;
    }
    Failed verdict = Failed::kNo;
    bool said = false;
    for (const Tag& tag : span.tags) {
        if (tag.key() == "error") {
            said = true;
            verdict = std::max(verdict, error_tag(tag));
        } else if (tag.key() == "otel.status_code" && text_is(tag, "ERROR")) {
            return Failed::kYes;
        }
    }
    if (said) {
        return verdict;
    }
    const bool hint =
        std::any_of(span.tags.begin(), span.tags.end(), hints_at_failure) ||
        std::any_of(span.logs.begin(), span.logs.end(), [](const models::Log& log) {
            return std::any_of(log.fields.begin(), log.fields.end(), hints_at_failure);
        });
    return hint ? Failed::kMaybe : Failed::kNo;
}

bool tag_matches(
    const Span& span,
    const Process& process,
    std::string_view key,
    std::string_view value,
    Strictness strictness
) {
    if (key == "error" && (value == "true" || value == "false")) {
        const Failed found = failed(span);
        return found == Failed::kMaybe ? in_doubt(strictness)
                                       : (found == Failed::kYes) == (value == "true");
    }
    if (key == "span.kind" && kind_matches(span, value)) {
        return true;
    }
    const auto same = [&](const Tag& tag) {
        return tag.key() == key && value_equals(tag, value, strictness);
    };
    if (any_tag(span, process, same)) {
        return true;
    }
    if (!in_doubt(strictness) || !is_mapped_by_some_store(key)) {
        return false;
    }
    return !any_tag(span, process, [&](const Tag& tag) { return tag.key() == key; });
}

bool duration_matches(const Span& span, const TraceQuery& query) {
    const auto duration = std::chrono::nanoseconds(span.duration_ns);
    return (query.min_duration.count() == 0 || duration >= query.min_duration) &&
           (query.max_duration.count() == 0 ||
            std::chrono::floor<std::chrono::microseconds>(duration) <= query.max_duration);
}

bool start_matches(const Span& span, const TimeRange& window, Strictness strictness) {
    if ((!span.warnings.empty() && in_doubt(strictness)) || window.start >= window.end) {
        return true;
    }
    const SystemTime start(
        std::chrono::floor<std::chrono::microseconds>(std::chrono::nanoseconds(span.start_ns))
    );
    return start >= window.start && start < window.end;
}

}  // namespace

bool span_matches(
    const Trace& trace, const Span& span, const TraceQuery& query, Strictness strictness
) {
    const Process& process = trace.processes[span.process];
    // A span without a process may belong to any service.
    const bool any_service =
        query.service.empty() || (process.service.empty() && in_doubt(strictness));
    if (!any_service && process.service != query.service) {
        return false;
    }
    if (!query.operation.empty() && span.operation != query.operation) {
        return false;
    }
    if (!duration_matches(span, query) || !start_matches(span, query.window, strictness)) {
        return false;
    }
    return std::all_of(query.tags.begin(), query.tags.end(), [&](const auto& tag) {
        return tag_matches(span, process, tag.first, tag.second, strictness);
    });
}

}  // namespace meshscope::clients
