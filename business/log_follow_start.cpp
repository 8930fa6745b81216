#include "business/log_lines.hpp"
#include "business/logs.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::business {
namespace {

FollowQuery follow_query(const TimelineQuery& query, LogFilter filter) {
    FollowQuery wanted;
    wanted.ns = query.ns;
    wanted.workload = query.workload;
    wanted.containers = query.containers;
    wanted.since = query.since;
    wanted.tail = std::clamp<std::uint32_t>(query.tail.value_or(kDefaultTail), 1, kMaxTail);
    wanted.filter = std::move(filter);
    return wanted;
}

}  // namespace

Awaitable<Result<Followed>> Logs::follow(
    RequestContext context, TimelineQuery query, std::string resume
) const {
    if (auto error = refuse(context.caller, query.ns, query.cluster_name)) {
        co_return *error;
    }
    Result<LogFilter> filter = LogFilter::make(query.wanted);
    if (!filter) {
        co_return filter.error();
    }
    FollowQuery wanted = follow_query(query, std::move(*filter));
    LogFollow::Parts parts;
    parts.cluster = parts_.cluster;
    parts.parser = &parser_;
    parts.masker = parts_.masker;
    parts.clock = parts_.clock;
    parts.line_bytes = parts_.bounds.line_bytes;
    parts.bounds = parts_.bounds.follow;
    if (query.spans) {
        parts.search = search_of(query);
    }
    Followed followed;
    const std::optional<ResumePoint> point = ResumePoint::parse(resume);
    if (point) {
        auto known = states_of(query);
        if (!known) {
            co_return known.error();
        }
        followed.on = std::make_unique<LogFollow>(
            std::move(parts), std::move(context), std::move(wanted), *known, *point
        );
        co_return followed;
    }
    Result<LogTimeline> timeline = co_await this->timeline(context, std::move(query));
    if (!timeline) {
        co_return timeline.error();
    }
    followed.on = std::make_unique<LogFollow>(
        std::move(parts), std::move(context), std::move(wanted), timeline->sources, timeline->read
    );
    followed.on->note(timeline->entries, timeline->traces);
    followed.before = std::move(*timeline);
    co_return followed;
}

}  // namespace meshscope::business
