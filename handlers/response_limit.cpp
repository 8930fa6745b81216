#include "handlers/response_limit.hpp"

#include "business/offload.hpp"
#include "handlers/trace_json.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace meshscope::handlers {

namespace {

using business::SelectedSpans;
using business::TraceView;

constexpr std::size_t kAroundTrace = 512;     // {"traceID":...,"warnings":null,"matched":0}
constexpr std::size_t kAroundSpan = 512;      // all of a span but its texts, references and lists
constexpr std::size_t kAroundItem = 160;      // a reference, a tag, a log
constexpr std::size_t kLongestEscape = 6;     // bytes of JSON for a byte of text
constexpr std::size_t kSpansAtOnce = 10'000;  // estimated in less than a millisecond

std::size_t bound_of(models::Slice<models::Tag> tags) {
    std::size_t bytes = 0;
    for (const models::Tag& tag : tags) {
        bytes += kAroundItem + tag.key().size() * kLongestEscape;
        const bool text =
            tag.type() == models::ValueType::kString || tag.type() == models::ValueType::kBinary;
        if (text) {
            bytes += tag.text().size() * kLongestEscape;
        }
    }
    return bytes;
}

// At least as many bytes as the span will take.
std::size_t bound_of(const models::Span& span) {
    std::size_t bytes = kAroundSpan + span.operation.size() * kLongestEscape;
    bytes += span.references.size * kAroundItem + bound_of(span.tags);
    for (const models::Log& log : span.logs) {
        bytes += kAroundItem + bound_of(log.fields);
    }
    for (const std::string_view warning : span.warnings) {
        bytes += kAroundItem + warning.size() * kLongestEscape;
    }
    return bytes;
}

std::size_t bound_of(const models::Process& process) {
    return kAroundItem + process.service.size() * kLongestEscape + bound_of(process.tags);
}

std::size_t bound_of(const models::Trace& trace) {
    std::size_t bytes = kAroundTrace;
    for (const models::Span& span : trace.spans) {
        bytes += bound_of(span);
    }
    for (const models::Process& process : trace.processes) {
        bytes += bound_of(process);
    }
    for (const std::string& warning : trace.warnings) {
        bytes += kAroundItem + warning.size() * kLongestEscape;
    }
    return bytes;
}

// With the process of each span inside it.
std::size_t bound_of(const SelectedSpans& item) {
    std::size_t bytes = 0;
    for (const std::uint32_t index : item.spans) {
        const models::Span& span = item.view.trace->spans[index];
        bytes += bound_of(span) + bound_of(item.view.trace->processes[span.process]);
    }
    return bytes;
}

struct Measured {
    std::size_t bytes = 0;
    std::size_t spans = 0;  // that fit, from the first
};

// Writes spans until they no longer fit into `room`. Each brings its process when it is the first.
Measured measure(const TraceView& view, const business::Masker& masker, std::size_t room) {
    const TraceWriter writer(view, masker);
    const models::Trace& trace = *view.trace;
    std::vector<bool> seen(trace.processes.size());
    std::string scratch;
    Measured out;
    writer.warnings(scratch);
    out.bytes = kAroundTrace + scratch.size();
    for (; out.spans < trace.spans.size(); ++out.spans) {
        scratch.clear();
        writer.span(scratch, out.spans);
        const std::uint32_t process = trace.spans[out.spans].process;
        if (!seen[process] && !view.hides(out.spans)) {
            seen[process] = true;
            writer.process_member(scratch, process);
        }
        if (out.bytes + scratch.size() + 1 > room) {
            break;
        }
        out.bytes += scratch.size() + 1;
    }
    return out;
}

TraceFit measure_traces(
    std::vector<TraceView>& traces, const business::Masker& masker, std::size_t limit
) {
    TraceFit fit;
    std::size_t used = 0;
    for (std::size_t i = 0; i < traces.size(); ++i) {
        const std::size_t spans = traces[i].trace->spans.size();
        const Measured measured = measure(traces[i], masker, limit - used);
        if (measured.spans == spans) {
            used += measured.bytes;
            fit.last_spans = spans;
            continue;
        }
        const std::size_t shown = std::max<std::size_t>(i, 1);
        fit.left_traces = traces.size() - shown;
        if (i == 0) {
            fit.last_spans = measured.spans;
            fit.left_spans = spans - measured.spans;
        }
        traces.resize(shown);
        break;
    }
    return fit;
}

std::uint64_t measure_spans(
    std::vector<SelectedSpans>& traces, const business::Masker& masker, std::size_t limit
) {
    std::uint64_t left = 0;
    std::size_t used = 0;
    std::string scratch;
    for (SelectedSpans& item : traces) {
        const TraceWriter writer(item.view, masker);
        std::size_t shown = 0;
        for (; left == 0 && shown < item.spans.size(); ++shown) {
            scratch.clear();
            writer.lone_span(scratch, item.spans[shown]);
            if (used + scratch.size() + 1 > limit) {
                break;
            }
            used += scratch.size() + 1;
        }
        left += item.spans.size() - shown;
        item.spans.resize(shown);
    }
    std::erase_if(traces, [](const SelectedSpans& item) { return item.spans.empty(); });
    return left;
}

std::string why(const Parts& parts) {
    const std::size_t mebibytes = parts.response_limit_bytes / (1024UL * 1024);
    return "the answer is cut at " + std::to_string(mebibytes) +
           " MiB (meshscope.response_limit_mb)";
}

void declare(const Parts& parts, business::Meta& meta, std::vector<clients::StoreError>* errors) {
    meta.stopped_by = clients::StoppedBy::kBytes;
    meta.warn("response_limit", why(parts));
    if (errors != nullptr) {
        errors->push_back({0, "partial result: " + why(parts), ""});
    }
}

}  // namespace

Awaitable<TraceFit> fit_traces(const Parts& parts, std::vector<TraceView>& traces) {
    std::size_t spans = 0;
    for (const TraceView& view : traces) {
        spans += view.trace->spans.size();
    }
    auto estimate = [&traces, limit = parts.response_limit_bytes] {
        std::size_t bytes = 0;
        for (auto it = traces.begin(); it != traces.end() && bytes <= limit; ++it) {
            bytes += bound_of(*it->trace);
        }
        return bytes <= limit;
    };
    WorkerPool* const helpers = spans > kSpansAtOnce ? parts.workers : nullptr;
    TraceFit fit;
    fit.last_spans = traces.empty() ? 0 : traces.back().trace->spans.size();
    const bool fits = co_await business::offload(helpers, spans, std::move(estimate));
    if (fits) {
        co_return fit;
    }
    auto work = [&traces, &parts] {
        return measure_traces(traces, *parts.masker, parts.response_limit_bytes);
    };
    co_return co_await business::offload(parts.workers, spans, std::move(work));
}

Awaitable<std::uint64_t> fit_spans(const Parts& parts, std::vector<SelectedSpans>& traces) {
    std::size_t spans = 0;
    std::size_t bytes = 0;
    for (const SelectedSpans& item : traces) {
        spans += item.spans.size();
        bytes += bound_of(item);
    }
    if (bytes <= parts.response_limit_bytes) {
        co_return 0;
    }
    auto work = [&traces, &parts] {
        return measure_spans(traces, *parts.masker, parts.response_limit_bytes);
    };
    co_return co_await business::offload(parts.workers, spans, std::move(work));
}

void declare_cut(
    const Parts& parts,
    std::uint64_t left,
    business::Meta& meta,
    std::vector<clients::StoreError>* errors
) {
    if (left == 0) {
        return;
    }
    meta.drop("response_bytes", left);
    declare(parts, meta, errors);
}

void declare_cut(
    const Parts& parts,
    const std::vector<TraceView>& shown,
    const TraceFit& fit,
    business::Meta& meta,
    std::vector<clients::StoreError>& errors
) {
    if (fit.left_traces == 0 && fit.left_spans == 0) {
        return;
    }
    meta.drop("response_bytes", fit.left_traces);
    meta.drop("response_bytes_spans", fit.left_spans);
    meta.returned = shown.size();
    if (meta.covered && fit.left_traces > 0) {
        const SystemTime oldest = from_micros(shown.back().trace->start_ns() / 1000);
        meta.covered->start = std::clamp(oldest, meta.covered->start, meta.covered->end);
    }
    declare(parts, meta, &errors);
}

}  // namespace meshscope::handlers
