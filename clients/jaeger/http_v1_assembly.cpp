// Spans, references and processes that were read become traces.

#include "clients/jaeger/http_v1_spans.hpp"

#include <utility>

namespace meshscope::clients::jaeger {

using models::Reference;

void SpanDecoder::Pending::clear() {
    spans.clear();
    references.clear();
    used.clear();
    used_by_id.clear();
    trace_id = {};
    oddities = {};
}

void SpanDecoder::clear() {
    now_.clear();
    processes_.clear();
    texts_.clear();
}

void SpanDecoder::begin_trace() {
    settle();
    begun_ = true;
}

void SpanDecoder::settle() {
    if (std::exchange(begun_, false)) {
        bytes_settled_ += bytes_beside_spans(now_);
        ahead_.push_back(std::exchange(now_, {}));
    }
}

// The spans of the trace at hand begin; of a repeated field the last counts.
void SpanDecoder::take_spans() {
    if (ahead_.empty()) {
        now_.clear();
        return;
    }
    now_ = std::move(ahead_.front());
    ahead_.pop_front();
}

bool SpanDecoder::decode_rest(Decoded& out) {
    settle();
    if (ahead_.empty()) {
        return false;
    }
    clear();
    out = {};
    take_spans();
    finish(now_.trace_id, out);
    return true;
}

void SpanDecoder::push_span(const models::Span& span, TraceId trace) {
    if (now_.trace_id.is_zero()) {
        now_.trace_id = trace;
    }
    now_.oddities.no_span_id += span.id.is_zero() ? 1 : 0;
    now_.spans.push_back(span);
}

// The number of the process of this id; most often it is that of the span before.
std::uint32_t SpanDecoder::use_process(std::string_view id) {
    if (now_.last_used < now_.used.size()) {
        const UsedProcess& last = now_.used[now_.last_used];
        if (last.id == id && !last.process) {
            return now_.last_used;
        }
    }
    auto found = now_.used_by_id.find(id);
    if (found == now_.used_by_id.end()) {
        const std::string_view kept = keep(id);
        const auto number = static_cast<std::uint32_t>(now_.used.size());
        found = now_.used_by_id.emplace(kept, number).first;
        now_.used.push_back({kept, std::nullopt});
    }
    now_.last_used = found->second;
    return found->second;
}

void SpanDecoder::finish(TraceId id, Decoded& out) {
    if (id.is_zero()) {
        out.spans_dropped = now_.spans.size();
        return;
    }
    models::TraceBuilder builder(id, storage_);
    for (Reference& reference : now_.references) {
        reference.trace = reference.trace.is_zero() ? id : reference.trace;
    }
    const Reference* reference = storage_->copy(now_.references).data;
    const std::vector<std::uint32_t> processes = name_processes(builder);
    for (models::Span& span : now_.spans) {
        span.references.data = reference;
        reference += span.references.size;
        const std::uint32_t process = processes[span.process];
        now_.oddities.no_process += process == 0 ? 1U : 0U;
        span.process = process == 0 ? builder.add_process({}) : process - 1;
    }
    builder.add_spans(std::move(now_.spans));
    now_.references = {};
    for (const std::string_view text : texts_) {
        builder.add_warning(std::string(text));
    }
    warn_of_oddities(builder);
    out.trace = builder.finish();
}

// What the numbers of used processes are in the builder, counted from 1; 0: the document does not
// hold it.
std::vector<std::uint32_t> SpanDecoder::name_processes(models::TraceBuilder& builder) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(now_.used.size());
    for (const UsedProcess& used : now_.used) {
        const auto named = processes_.find(used.id);
        if (used.process) {
            numbers.push_back(builder.add_process(*used.process) + 1);
        } else if (named != processes_.end()) {
            numbers.push_back(builder.add_process(named->second) + 1);
        } else {
            numbers.push_back(0);
        }
    }
    return numbers;
}

void SpanDecoder::warn_of_oddities(models::TraceBuilder& builder) const {
    const auto warn = [&](std::uint64_t count, const char* text) {
        if (count > 0) {
            builder.add_warning(std::to_string(count) + text);
        }
    };
    warn(now_.oddities.no_process, " spans name a process that the answer does not hold");
    warn(now_.oddities.no_span_id, " spans have no usable span id");
    warn(now_.oddities.bad_time, " times or durations are out of range");
    warn(now_.oddities.bad_binary, " binary values are no base64 and are shown as text");
}

}  // namespace meshscope::clients::jaeger
