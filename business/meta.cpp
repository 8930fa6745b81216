#include "business/meta.hpp"

#include <algorithm>

namespace meshscope::business {

void Meta::drop(std::string_view reason, std::uint64_t count) {
    if (count == 0) {
        return;
    }
    const auto same = [reason](const clients::Dropped& entry) { return entry.reason == reason; };
    const auto found = std::find_if(dropped.begin(), dropped.end(), same);
    if (found != dropped.end()) {
        found->count += count;
    } else {
        dropped.push_back({std::string(reason), count});
    }
}

std::string_view to_string(clients::StoppedBy stopped_by) {
    switch (stopped_by) {
        case clients::StoppedBy::kComplete:
            return "complete";
        case clients::StoppedBy::kLimit:
            return "limit";
        case clients::StoppedBy::kBytes:
            return "bytes";
        case clients::StoppedBy::kTime:
            return "time";
        case clients::StoppedBy::kRights:
            return "rights";
        case clients::StoppedBy::kBackend:
            return "backend";
    }
    return "backend";
}

std::string_view to_string(clients::KindState::State state) {
    using State = clients::KindState::State;
    switch (state) {
        case State::kSyncing:
            return "syncing";
        case State::kCurrent:
            return "current";
        case State::kPolling:
            return "polling";
        case State::kStale:
            return "stale";
        case State::kAbsent:
            return "absent";
        case State::kForbidden:
            return "forbidden";
    }
    return "stale";
}

}  // namespace meshscope::business
