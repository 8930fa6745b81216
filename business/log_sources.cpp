#include "business/log_sources.hpp"

#include "core/time_text.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <tuple>
#include <utility>

namespace meshscope::business {
namespace {

using models::Container;
using models::LogSource;

constexpr std::string_view kProxyName = "istio-proxy";
constexpr int kMostHalvings = 4;

LogSource kind_of(const models::Workload& workload, const Container& container) {
    if (container.name != kProxyName) {
        return LogSource::kApp;
    }
    if (workload.ztunnel) {
        return LogSource::kZtunnel;
    }
    return workload.waypoint ? LogSource::kWaypoint : LogSource::kProxy;
}

bool wanted(const Container& container, const std::vector<std::string>& names) {
    if (names.empty()) {
        return !container.init || container.always;
    }
    return std::ranges::find(names, container.name) != names.end();
}

// The stamp of the line at `at`.
std::optional<std::int64_t> stamp_at(std::string_view text, std::size_t at) {
    const std::string_view line = text.substr(at);
    const std::size_t blank = line.find_first_of(" \n");
    return blank == std::string_view::npos ? std::nullopt : parse_rfc3339(line.substr(0, blank));
}

class Collector final : public clients::LogSink {
 public:
    explicit Collector(const LogWindow& window) : duration_(window.duration) {
        raw.end_ns = window.end_ns;
    }
    Awaitable<bool> take(std::string bytes) override {
        const bool more = inside(bytes);
        raw.bytes += bytes.size();
        raw.pieces.push_back(std::move(bytes));
        co_return more;
    }
    RawLog raw;

 private:
    // Whether a line behind these bytes can be in the window.
    bool inside(std::string_view bytes) {
        if (raw.bytes == 0 && duration_ && !raw.end_ns) {
            if (const auto first = stamp_at(bytes, 0)) {
                raw.end_ns = later(*first, *duration_);
            }
        }
        const std::size_t last = bytes.rfind('\n', bytes.empty() ? 0 : bytes.size() - 1);
        if (!raw.end_ns || last == std::string_view::npos || last == 0) {
            return true;
        }
        const std::size_t before = bytes.rfind('\n', last - 1);
        const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
        const auto stamp = stamp_at(bytes, begin);
        return !stamp || *stamp <= *raw.end_ns;
    }

    std::optional<std::chrono::nanoseconds> duration_;
};

SourceState::State state_of(const Error& error) {
    using State = SourceState::State;
    if (error.kind() == ErrorKind::kConflict && error.code() == "no_logs_yet") {
        return State::kWaiting;
    }
    if (error.kind() == ErrorKind::kConflict && error.code() == "no_previous") {
        return State::kEmpty;
    }
    return error.kind() == ErrorKind::kForbidden ? State::kForbidden : State::kFailed;
}

std::uint64_t lines_in(const RawLog& raw) {
    std::uint64_t lines = 0;
    for (const std::string& piece : raw.pieces) {
        lines += static_cast<std::uint64_t>(std::count(piece.begin(), piece.end(), '\n'));
    }
    return lines;
}

}  // namespace

std::int64_t later(std::int64_t time_ns, std::chrono::nanoseconds by) {
    constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
    return time_ns > kLast - by.count() ? kLast : time_ns + by.count();
}

LogPlaces places_of(
    const models::Workload& workload, const std::vector<std::string>& containers, std::size_t most
) {
    std::vector<models::PodPtr> pods = workload.pods;
    std::sort(pods.begin(), pods.end(), [](const models::PodPtr& a, const models::PodPtr& b) {
        return std::tie(b->meta.created, a->meta.name) < std::tie(a->meta.created, b->meta.name);
    });
    LogPlaces found;
    for (const models::PodPtr& pod : pods) {
        for (const Container& container : *pod->containers) {
            if (!wanted(container, containers)) {
                continue;
            }
            if (found.places.size() == most) {
                ++found.left_out;
                continue;
            }
            LogPlace place;
            place.ns = pod->meta.ns;
            place.pod = pod->meta.name;
            place.container = container.name;
            place.kind = kind_of(workload, container);
            found.places.push_back(std::move(place));
        }
    }
    std::sort(found.places.begin(), found.places.end(), [](const LogPlace& a, const LogPlace& b) {
        return std::tie(a.pod, a.container) < std::tie(b.pod, b.container);
    });
    return found;
}

Awaitable<RawLog> read_raw(
    clients::Cluster& cluster, RequestContext context, clients::LogQuery query, LogWindow window
) {
    const bool newest = !window.end_ns && !window.duration;
    bool cut = false;
    for (int halved = 0;; ++halved) {
        auto sink = std::make_shared<Collector>(window);
        const Result<clients::LogEnd> end = co_await cluster.read_log(context, query, sink);
        RawLog raw = std::move(sink->raw);
        raw.cut = cut;
        if (!end) {
            raw.error = end.error();
            co_return raw;
        }
        const bool full = end->why == clients::LogEnd::Why::kBytes;
        const std::uint64_t asked = query.tail_lines.value_or(lines_in(raw));
        if (full && newest && asked > 1 && halved < kMostHalvings) {
            cut = true;
            query.tail_lines = query.tail_lines ? asked / 2 : asked;
            continue;
        }
        raw.short_of_end = full;
        raw.late = end->why == clients::LogEnd::Why::kTime;
        if (end->why == clients::LogEnd::Why::kBroken) {
            raw.error =
                end->reason.value_or(Error(ErrorKind::kUpstreamUnavailable, "the log broke off"));
        }
        co_return raw;
    }
}

SourceState describe_source(LogPlace place, const RawLog& raw) {
    using State = SourceState::State;
    SourceState source;
    source.place = std::move(place);
    if (raw.error) {
        source.state = state_of(*raw.error);
        source.reason = source.state == State::kEmpty ? "the container has not been restarted"
                                                      : raw.error->message();
    } else if (raw.late) {
        source.state = State::kFailed;
        source.reason = "the time for this request was over before the end of the log";
    } else if (raw.short_of_end) {
        source.state = State::kCut;
        source.reason =
            "lines are so long that the newest did not fit into the bytes of one container";
    } else if (raw.cut) {
        source.state = State::kCut;
        source.reason = "older lines did not fit into the bytes of one container";
    } else if (raw.bytes == 0) {
        source.state = State::kEmpty;
    }
    source.more = raw.cut;
    return source;
}

}  // namespace meshscope::business
