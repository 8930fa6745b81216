#include "clients/http/idle_pool.hpp"

#include <boost/asio/io_context.hpp>

#include <utility>

namespace meshscope::clients {

IdlePool& IdlePool::of(Executor executor) {
    return boost::asio::use_service<IdlePool>(
        static_cast<boost::asio::execution_context&>(executor.context())
    );
}

void IdlePool::sweep(SteadyTime now) {
    for (auto entry = by_client_.begin(); entry != by_client_.end();) {
        std::erase_if(entry->second, [now](const Idle& idle) { return idle.expires <= now; });
        entry = entry->second.empty() ? by_client_.erase(entry) : std::next(entry);
    }
}

TransportPtr IdlePool::take(std::uint64_t client, std::uint64_t generation, SteadyTime now) {
    sweep(now);
    const auto found = by_client_.find(client);
    if (found == by_client_.end()) {
        return nullptr;
    }
    std::deque<Idle>& idles = found->second;
    while (!idles.empty()) {
        Idle last = std::move(idles.back());
        idles.pop_back();
        if (last.generation == generation && last.transport->is_quiet()) {
            return std::move(last.transport);
        }
    }
    return nullptr;
}

void IdlePool::put(
    std::uint64_t client,
    TransportPtr transport,
    std::uint64_t generation,
    SteadyTime now,
    const HttpLimits& limits
) {
    sweep(now);
    if (limits.max_idle_connections == 0) {
        return;
    }
    std::deque<Idle>& idles = by_client_[client];
    if (idles.size() >= limits.max_idle_connections) {
        idles.pop_front();
    }
    idles.push_back(Idle{std::move(transport), generation, now + limits.max_idle});
}

}  // namespace meshscope::clients
