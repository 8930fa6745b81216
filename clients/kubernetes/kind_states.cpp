#include "clients/kubernetes/kind_states.hpp"

#include <algorithm>
#include <array>

namespace meshscope::clients::kubernetes {

namespace {

using Kept = KindState::State;

// What one namespace lacks is what the kind lacks; namespaces that may not be read are named apart
// and decide only when there is no other.
int weight(Kept state) {
    constexpr std::array<Kept, 6> kLightestFirst{
        Kept::kForbidden,
        Kept::kAbsent,
        Kept::kCurrent,
        Kept::kPolling,
        Kept::kStale,
        Kept::kSyncing
    };
    const auto found = std::find(kLightestFirst.begin(), kLightestFirst.end(), state);
    return static_cast<int>(found - kLightestFirst.begin());
}

bool was_looked_at(const FeedState& feed) {
    return feed.lists > 0 || feed.state == Kept::kAbsent || feed.state == Kept::kForbidden;
}

bool counts_as_behind(const FeedState& feed) {
    return feed.behind_since && feed.state != Kept::kAbsent && feed.state != Kept::kForbidden;
}

}  // namespace

std::string name_of(const Resource& resource) {
    std::string name(resource.plural);
    return resource.group.empty() ? name : name + "." + std::string(resource.group);
}

void KindStates::expect(const Resource& resource, const std::string& ns) {
    Kind& kind = kinds_[name_of(resource)];
    kind.demanded = resource.demanded;
    kind.feeds[ns];
}

void KindStates::set(const Resource& resource, const std::string& ns, const FeedState& state) {
    kinds_[name_of(resource)].feeds[ns] = state;
}

std::vector<KindState> KindStates::kinds() const {
    std::vector<KindState> all;
    for (const auto& [name, kind] : kinds_) {
        KindState state;
        state.resource = name;
        int heaviest = -1;
        for (const auto& [ns, feed] : kind.feeds) {
            state.lists += feed.lists;
            if (feed.state == Kept::kForbidden && !ns.empty()) {
                state.forbidden_namespaces.push_back(ns);
            }
            const auto& alone = feed.forbidden;
            state.forbidden_namespaces.insert(
                state.forbidden_namespaces.end(), alone.begin(), alone.end()
            );
            if (weight(feed.state) > heaviest) {
                heaviest = weight(feed.state);
                state.state = feed.state;
                state.reason = feed.reason;
            }
        }
        all.push_back(std::move(state));
    }
    return all;
}

bool KindStates::synced() const {
    return std::all_of(kinds_.begin(), kinds_.end(), [](const auto& entry) {
        const auto& feeds = entry.second.feeds;
        return !entry.second.demanded ||
               std::all_of(feeds.begin(), feeds.end(), [](const auto& feed) {
                   return was_looked_at(feed.second);
               });
    });
}

std::optional<SystemTime> KindStates::behind_since() const {
    std::optional<SystemTime> first;
    for (const auto& [name, kind] : kinds_) {
        for (const auto& [ns, feed] : kind.feeds) {
            if (kind.demanded && counts_as_behind(feed)) {
                first = first ? std::min(*first, *feed.behind_since) : *feed.behind_since;
            }
        }
    }
    return first;
}

}  // namespace meshscope::clients::kubernetes
