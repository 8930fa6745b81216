#include "business/log_follow_spans.hpp"

#include "async/with_deadline.hpp"
#include "business/attributes.hpp"
#include "core/ids.hpp"

#include <algorithm>
#include <tuple>
#include <utility>
#include <variant>

namespace meshscope::business {
namespace {

// Of a line that is older when it comes, as those of a log that is read from its begin, the spans
// are no news.
constexpr std::chrono::minutes kOldest{10};
constexpr std::chrono::seconds kSearchTime{10};

std::string of_trace(const TraceId& id) { return "t" + id.to_hex(); }
std::string of_request(std::string_view id) { return "r" + std::string(id); }

}  // namespace

FollowedSpans::FollowedSpans(Search search, const Clock& clock, FollowedSpansBounds bounds)
    : search_(std::move(search)), clock_(clock), bounds_(bounds) {}

void FollowedSpans::want(std::string text, std::int64_t time_ns) {
    if (!wanted_.insert(text).second) {
        return;
    }
    ids_.push_back({std::move(text), time_ns, std::chrono::steady_clock::now()});
    if (ids_.size() > bounds_.ids) {
        wanted_.erase(ids_.front().text);
        ids_.pop_front();
    }
}

void FollowedSpans::note(const models::LogLine& line) {
    const std::chrono::nanoseconds oldest = (clock_.now() - kOldest).time_since_epoch();
    if (line.time_ns < oldest.count()) {
        return;
    }
    if (const auto trace = TraceId::from_hex(line.trace_id)) {
        want(of_trace(*trace), line.time_ns);
    }
    if (!line.request_id.empty()) {
        want(of_request(line.request_id), line.time_ns);
    }
}

void FollowedSpans::note(
    const std::vector<LogEntry>& entries, const std::vector<TraceView>& traces
) {
    for (const LogEntry& entry : entries) {
        if (const auto* line = std::get_if<models::LogLine>(&entry.what)) {
            note(*line);
        } else {
            const auto& span = std::get<SpanEntry>(entry.what);
            remember(*traces[span.trace].trace, span.span);
        }
    }
}

void FollowedSpans::forget_old(SteadyTime now) {
    while (!ids_.empty() && now - ids_.front().noted > bounds_.young) {
        wanted_.erase(ids_.front().text);
        ids_.pop_front();
    }
}

bool FollowedSpans::remember(const models::Trace& trace, std::uint32_t span) {
    SpanKey key = trace.id.to_hex() + trace.spans[span].id.to_hex();
    if (!told_.insert(key).second) {
        return false;
    }
    told_order_.push_back(std::move(key));
    if (told_order_.size() > bounds_.told) {
        told_.erase(told_order_.front());
        told_order_.pop_front();
    }
    return true;
}

// By its trace, else by the request id of a span of it.
bool FollowedSpans::is_wanted(const SelectedSpans& selected) const {
    const models::Trace& trace = *selected.view.trace;
    if (wanted_.contains(of_trace(trace.id))) {
        return true;
    }
    AttributeSet attributes;
    return std::ranges::any_of(selected.spans, [&](std::uint32_t index) {
        if (selected.view.hides(index)) {
            return false;
        }
        attributes.read(trace.spans[index].tags);
        const std::string_view request = attributes.text(Concept::kRequestId);
        return !request.empty() && wanted_.contains(of_request(request));
    });
}

void FollowedSpans::keep(std::vector<SelectedSpans> found) {
    for (SelectedSpans& selected : found) {
        if (!is_wanted(selected)) {
            continue;
        }
        const auto number = static_cast<std::uint32_t>(ready_.traces.size());
        const std::size_t before = ready_.entries.size();
        for (const std::uint32_t index : selected.spans) {
            if (!selected.view.hides(index) && remember(*selected.view.trace, index)) {
                LogEntry entry;
                entry.time_ns = selected.view.trace->spans[index].start_ns;
                entry.what = SpanEntry{number, index};
                ready_.entries.push_back(std::move(entry));
            }
        }
        if (ready_.entries.size() > before) {
            ready_.traces.push_back(std::move(selected.view));
        }
    }
    std::sort(
        ready_.entries.begin(),
        ready_.entries.end(),
        [](const LogEntry& a, const LogEntry& b) {
            const auto& x = std::get<SpanEntry>(a.what);
            const auto& y = std::get<SpanEntry>(b.what);
            return std::tie(a.time_ns, x.trace, x.span) < std::tie(b.time_ns, y.trace, y.span);
        }
    );
}

FollowedSpans::Batch FollowedSpans::take() { return std::exchange(ready_, {}); }

Awaitable<> FollowedSpans::run(
    std::function<RequestContext()> context, std::function<void()> found
) {
    std::chrono::milliseconds pause = bounds_.every;
    while (true) {
        co_await rest_.wait(std::chrono::steady_clock::now() + pause);
        bool cancelled = co_await is_cancelled();
        if (cancelled) {
            co_return;
        }
        forget_old(std::chrono::steady_clock::now());
        if (ids_.empty() || !empty()) {
            continue;
        }
        const auto oldest = std::ranges::min_element(ids_, {}, &Id::time_ns);
        RequestContext asking = context();
        asking.deadline = Deadline::after(clock_.steady_now(), kSearchTime);
        Found now = co_await search_(std::move(asking), oldest->time_ns);
        cancelled = co_await is_cancelled();
        if (cancelled) {
            co_return;
        }
        const bool failed = std::ranges::any_of(now.meta.warnings, [](const auto& warning) {
            return warning.code == "spans_unavailable";
        });
        pause = failed ? std::min(2 * pause, bounds_.longest_pause) : bounds_.every;
        keep(std::move(now.spans));
        if (std::exchange(fails_, failed) != failed) {
            ready_.news = std::move(now.meta);
        }
        if (!empty()) {
            found();
        }
    }
}

}  // namespace meshscope::business
