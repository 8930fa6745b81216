#pragma once

#include "clients/cluster.hpp"
#include "models/cluster.hpp"
#include "models/log_line.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::business {

// One container of one pod.
struct LogPlace {
    std::string ns, pod, container;
    models::LogSource kind = models::LogSource::kApp;
};

// What came of reading one.
struct SourceState {
    enum class State : std::uint8_t {
        kOk,
        kEmpty,      // also where an earlier run is wanted and there was none
        kWaiting,    // the container has not started
        kFailed,     // not read, or not to its end
        kForbidden,  // the caller may not read it
        kCut,        // its newest lines in the bytes that one container may have
        kEnded,      // followed: the container or its pod has ended
    };
    LogPlace place;
    State state = State::kOk;
    std::string reason;       // one sentence; "" for ok, and for a log without lines
    std::uint64_t lines = 0;  // of the answer
    bool more = false;        // older lines were left out
};

struct LogPlaces {
    std::vector<LogPlace> places;  // ascending by pod, then container
    std::size_t left_out = 0;      // containers beyond `most`
};

// The containers of a workload: those named in `containers`, or all but init containers that end.
// More than `most`: those of the newest pods.
LogPlaces places_of(
    const models::Workload& workload, const std::vector<std::string>& containers, std::size_t most
);

// A log as it came.
struct RawLog {
    std::vector<std::string> pieces;
    std::uint64_t bytes = 0;             // of `pieces`
    std::optional<Error> error;          // before it began, or where it broke off
    bool cut = false;                    // it was longer than its bytes: fewer lines were asked for
    bool short_of_end = false;           // and still it was: the newest are missing
    std::optional<std::int64_t> end_ns;  // of the window, once it is known
    bool late = false;                   // the deadline came before its end
};

// `time_ns` and so much more; at most the last moment there is.
[[nodiscard]] std::int64_t later(std::int64_t time_ns, std::chrono::nanoseconds by);

// The end of what is read: lines with a later stamp are not wanted.
struct LogWindow {
    std::optional<std::int64_t> end_ns;
    std::optional<std::chrono::nanoseconds> duration;  // after the first line, without end_ns
};

// Reads what `query` asks for, which has its bounds. The server keeps the first bytes of a tail:
// when they do not reach its end, half as many lines are asked for, at most four times. With a
// window the oldest bytes are kept.
Awaitable<RawLog> read_raw(
    clients::Cluster& cluster, RequestContext context, clients::LogQuery query, LogWindow window
);

// What an answer says of the source; `lines` is filled in later.
SourceState describe_source(LogPlace place, const RawLog& raw);

}  // namespace meshscope::business
