#include "clients/jaeger/trace_groups.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace meshscope::clients::jaeger {

SpanOddities& SpanOddities::operator+=(const SpanOddities& other) {
    no_process += other.no_process;
    bad_span_id += other.bad_span_id;
    bad_reference += other.bad_reference;
    bad_time += other.bad_time;
    bad_binary += other.bad_binary;
    bad_number += other.bad_number;
    too_deep += other.too_deep;
    return *this;
}

void SpanOddities::warn(models::TraceBuilder& builder) const {
    const auto say = [&builder](std::uint64_t count, const char* text) {
        if (count > 0) {
            builder.add_warning(std::to_string(count) + text);
        }
    };
    say(no_process, " spans have no process");
    say(bad_span_id, " spans have no usable span id");
    say(bad_reference, " references have no usable ids and are left out");
    say(bad_time, " times or durations are out of range");
    say(bad_binary, " binary values are no base64 and are shown as text");
    say(bad_number, " numbers cannot be read and are shown as text");
    say(too_deep, " values are nested too deeply and are shown in part");
}

void sort_by_time(std::vector<models::Log>& logs) {
    const auto earlier = [](const models::Log& a, const models::Log& b) {
        return a.time_ns < b.time_ns;
    };
    if (std::is_sorted(logs.begin(), logs.end(), earlier)) {
        return;
    }
    std::vector<std::pair<std::int64_t, std::size_t>> order;
    order.reserve(logs.size());
    for (std::size_t i = 0; i < logs.size(); ++i) {
        order.emplace_back(logs[i].time_ns, i);
    }
    std::sort(order.begin(), order.end());
    std::vector<models::Log> sorted;
    sorted.reserve(logs.size());
    for (const auto& [time, index] : order) {
        sorted.push_back(logs[index]);
    }
    logs = std::move(sorted);
}

TraceGroups::TraceGroups(std::shared_ptr<models::Storage> storage) : storage_(std::move(storage)) {}

std::uint32_t TraceGroups::add_process(const models::Process& process) {
    processes_.push_back(process);
    return static_cast<std::uint32_t>(processes_.size() - 1);
}

void TraceGroups::add(TraceId id, const models::Span& span, const SpanOddities& oddities) {
    if (traces_.empty() || last_id_ != id) {
        const auto [found, fresh] = by_id_.try_emplace(id, traces_.size());
        if (fresh) {
            traces_.emplace_back(id, storage_);
        }
        last_id_ = id;
        last_ = found->second;
    }
    Pending& trace = traces_[last_];
    trace.builder.add_span(span);
    trace.oddities += oddities;
    ++span_count_;
}

void TraceGroups::place_processes(models::TraceBuilder& builder) {
    ++finished_;
    for (models::Span& span : builder.spans()) {
        Placed& placed = placed_[span.process];
        if (placed.trace != finished_) {
            placed = {finished_, builder.add_process(processes_[span.process])};
        }
        span.process = placed.index;
    }
}

std::vector<models::TracePtr> TraceGroups::finish(bool cut) {
    std::vector<models::TracePtr> out;
    out.reserve(traces_.size());
    placed_.resize(processes_.size());
    const auto finish_one = [&](Pending& trace) {
        place_processes(trace.builder);
        trace.oddities.warn(trace.builder);
        if (models::TracePtr made = trace.builder.finish()) {
            out.push_back(std::move(made));
        }
    };
    for (std::size_t i = 0; i < traces_.size(); ++i) {
        if (!cut || i != last_) {
            finish_one(traces_[i]);
        }
    }
    if (cut && last_ < traces_.size()) {
        Pending& ended = traces_[last_];
        ended.builder.add_warning("the answer ended early at this trace: spans may be missing");
        finish_one(ended);
    }
    return out;
}

}  // namespace meshscope::clients::jaeger
