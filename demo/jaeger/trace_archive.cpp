#include "demo/jaeger/trace_archive.hpp"

#include "demo/spans/render.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace meshscope::demo {
TraceArchive::TraceArchive(EventStream stream, const Clock& clock, MemoryBounds bounds)
    : stream_(std::move(stream)),
      clock_(clock),
      next_number_(stream_.first_number()),
      received_(bounds) {
    render_again();
}

void TraceArchive::render_again() {
    const std::scoped_lock lock(mutex_);
    traces_.clear();
    unfinished_.clear();
    next_number_ = stream_.first_number();
    for (const Request& request : stream_.singles()) {
        store(request);
    }
    catch_up();
}

void TraceArchive::store(const Request& request) {
    const std::shared_ptr<const GapRules> gaps = stream_.gaps().rules();
    if (gaps->none()) {
        keep(render_spans(request, stream_.topology()));
        return;
    }
    for (const Request& part : traces_of(request, stream_.topology(), *gaps)) {
        if (part.sampled) {
            keep(render_spans(part, stream_.topology()));
        }
    }
}

void TraceArchive::keep(TraceRecord record) {
    auto trace = std::make_shared<const TraceRecord>(std::move(record));
    if (trace->spans.empty()) {
        return;
    }
    const auto place = std::upper_bound(
        traces_.begin(),
        traces_.end(),
        trace->start_ns,
        [](std::int64_t start, const TraceRecordPtr& other) { return start < other->start_ns; }
    );
    traces_.insert(place, std::move(trace));
}

void TraceArchive::catch_up() {
    const SystemTime now = clock_.now();
    const SystemTime forgotten = now - kRetention;
    const std::int64_t last = stream_.last_number(now);
    next_number_ = std::max(next_number_, stream_.last_number(forgotten));
    for (; next_number_ <= last; ++next_number_) {
        unfinished_.push_back(stream_.request(next_number_));
    }
    const auto ended = [now](const Request& request) { return request.end() <= now; };
    for (const Request& request : unfinished_) {
        if (ended(request)) {
            store(request);
        }
    }
    std::erase_if(unfinished_, ended);

    const auto kept =
        std::find_if(traces_.begin(), traces_.end(), [&](const TraceRecordPtr& trace) {
            return trace->start_us() >= to_micros(forgotten);
        });
    traces_.erase(traces_.begin(), kept);
}

std::size_t TraceArchive::receive(Received received) {
    const std::scoped_lock lock(mutex_);
    return received_.add(std::move(received));
}

// Newest start first.
std::vector<TraceRecordPtr> TraceArchive::everything() const {
    const std::vector<TraceRecordPtr> received = received_.all();
    std::vector<TraceRecordPtr> out;
    out.reserve(received.size() + traces_.size());
    std::merge(
        received.begin(),
        received.end(),
        traces_.rbegin(),
        traces_.rend(),
        std::back_inserter(out),
        [](const TraceRecordPtr& a, const TraceRecordPtr& b) { return a->start_ns > b->start_ns; }
    );
    return out;
}

std::vector<TraceRecordPtr> TraceArchive::search(const SpanQuery& query, std::size_t limit) {
    const std::scoped_lock lock(mutex_);
    catch_up();
    std::vector<TraceRecordPtr> found;
    for (TraceRecordPtr& trace : everything()) {
        if (found.size() == limit) {
            break;
        }
        const bool hit =
            std::any_of(trace->spans.begin(), trace->spans.end(), [&](const SpanRecord& span) {
                return matches(*trace, span, query);
            });
        if (hit) {
            found.push_back(std::move(trace));
        }
    }
    return found;
}

TraceRecordPtr TraceArchive::find(TraceId id) {
    const std::scoped_lock lock(mutex_);
    catch_up();
    for (const TraceRecordPtr& trace : traces_) {
        if (trace->id == id) {
            return trace;
        }
    }
    return received_.find(id);
}

std::vector<std::string> TraceArchive::services() {
    const std::scoped_lock lock(mutex_);
    catch_up();
    std::set<std::string> names;
    for (const TraceRecordPtr& trace : everything()) {
        for (const ProcessRecord& process : trace->processes) {
            names.insert(process.service);
        }
    }
    return {names.begin(), names.end()};
}

std::vector<OperationName> TraceArchive::operations(
    std::string_view service, std::string_view kind
) {
    const std::scoped_lock lock(mutex_);
    catch_up();
    std::set<OperationName> names;
    for (const TraceRecordPtr& trace : everything()) {
        for (const SpanRecord& span : trace->spans) {
            if (trace->processes[span.process].service != service) {
                continue;
            }
            std::string span_kind(to_string(span.kind));
            if (kind.empty() || kind == span_kind) {
                names.insert({span.operation, std::move(span_kind)});
            }
        }
    }
    return {names.begin(), names.end()};
}

}  // namespace meshscope::demo
