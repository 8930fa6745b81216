#include "clients/jaeger/post_filter.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

namespace meshscope::clients::jaeger {

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

bool value_may_equal(const Tag& tag, std::string_view text) {
    switch (tag.type()) {
        case ValueType::kString:
            return tag.text() == text;
        case ValueType::kBool:
            return text == (tag.as_bool() ? "true" : "false");
        case ValueType::kInt64:
            return number_equals(tag.as_int(), text);
        case ValueType::kFloat64:
            return std::isfinite(tag.as_double()) ? number_equals(tag.as_double(), text) : true;
        case ValueType::kBinary:
            return true;  // stores spell bytes in different ways
    }
    return true;
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
        return !(value_may_equal(tag, "0") || value_may_equal(tag, "OK"));
    }
    if (key == "response_flags") {
        return tag.type() != ValueType::kString || (tag.text() != "-" && !tag.text().empty());
    }
    return key == "event" && value_may_equal(tag, "exception");
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
        } else if (tag.key() == "otel.status_code" && value_may_equal(tag, "ERROR")) {
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

bool tag_may_match(
    const Span& span, const Process& process, std::string_view key, std::string_view value
) {
    if (key == "error" && value == "true") {
        return failed(span) != Failed::kNo;
    }
    if (key == "error" && value == "false") {
        return failed(span) != Failed::kYes;
    }
    if (key == "span.kind" && kind_matches(span, value)) {
        return true;
    }
    const auto same = [&](const Tag& tag) {
        return tag.key() == key && value_may_equal(tag, value);
    };
    if (any_tag(span, process, same)) {
        return true;
    }
    if (!is_mapped_by_some_store(key)) {
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

bool start_may_match(const Span& span, const TimeRange& window) {
    if (!span.warnings.empty() || window.start >= window.end) {
        return true;
    }
    const SystemTime start(
        std::chrono::floor<std::chrono::microseconds>(std::chrono::nanoseconds(span.start_ns))
    );
    return start >= window.start && start < window.end;
}

bool span_may_match(const Trace& trace, const Span& span, const TraceQuery& query) {
    const Process& process = trace.processes[span.process];
    // A span without a process may belong to any service.
    if (!query.service.empty() && !process.service.empty() && process.service != query.service) {
        return false;
    }
    if (!query.operation.empty() && span.operation != query.operation) {
        return false;
    }
    if (!duration_matches(span, query) || !start_may_match(span, query.window)) {
        return false;
    }
    return std::all_of(query.tags.begin(), query.tags.end(), [&](const auto& tag) {
        return tag_may_match(span, process, tag.first, tag.second);
    });
}

// A store that caps the spans of a trace says so in a warning.
bool is_incomplete(const Trace& trace) {
    const auto capped = [](std::string_view text) {
        return text.find("showing first") != std::string_view::npos;
    };
    return std::any_of(trace.warnings.begin(), trace.warnings.end(), capped) ||
           std::any_of(trace.spans.begin(), trace.spans.end(), [&](const Span& span) {
               return std::any_of(span.warnings.begin(), span.warnings.end(), capped);
           });
}

}  // namespace

bool may_match(const Trace& trace, const TraceQuery& query) {
    const bool found = std::any_of(trace.spans.begin(), trace.spans.end(), [&](const Span& span) {
        return span_may_match(trace, span, query);
    });
    return found || is_incomplete(trace);
}

namespace {

bool comes_before(const Trace& a, const Trace& b) {
    return a.start_ns() != b.start_ns() ? a.start_ns() > b.start_ns() : a.id < b.id;
}

TracePlace place_of(const Trace& trace) { return {trace.start_ns(), trace.id}; }

// nullopt when there is none but `incomplete`.
std::optional<TracePlace> oldest_of(
    const std::vector<models::TracePtr>& traces, const models::TracePtr& incomplete
) {
    const Trace* oldest = nullptr;
    for (const models::TracePtr& trace : traces) {
        if (trace != incomplete && (oldest == nullptr || comes_before(*oldest, *trace))) {
            oldest = trace.get();
        }
    }
    return oldest == nullptr ? std::nullopt : std::optional(place_of(*oldest));
}

}  // namespace

void sort_newest_first(std::vector<models::TracePtr>& traces) {
    std::sort(traces.begin(), traces.end(), [](const auto& a, const auto& b) {
        return comes_before(*a, *b);
    });
}

void finish_search(TraceBatch& batch, const TraceQuery& query, std::uint32_t asked) {
    auto& traces = batch.traces;
    const std::size_t depth = asked == 0 ? query.limit : asked;
    if (batch.stopped_by == StoppedBy::kComplete && traces.size() >= depth) {
        batch.stopped_by = StoppedBy::kLimit;
    }
    const bool cut =
        batch.stopped_by != StoppedBy::kComplete && batch.stopped_by != StoppedBy::kLimit;
    const models::TracePtr last = cut && !traces.empty() ? traces.back() : nullptr;
    batch.depth = static_cast<std::uint32_t>(depth);
    batch.oldest = oldest_of(traces, last);
    std::erase_if(traces, [&](const models::TracePtr& trace) {
        return trace != last && !may_match(*trace, query);
    });
    sort_newest_first(traces);
    if (traces.size() > query.limit) {
        traces.resize(query.limit);
        batch.oldest = place_of(*traces.back());
        if (!cut) {
            batch.stopped_by = StoppedBy::kLimit;
        }
    }
}

}  // namespace meshscope::clients::jaeger
