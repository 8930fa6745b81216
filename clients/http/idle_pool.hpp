#pragma once

#include "clients/http/http_client.hpp"
#include "clients/http/transport.hpp"
#include "core/clock.hpp"

#include <boost/asio/execution_context.hpp>

#include <cstdint>
#include <deque>
#include <unordered_map>

namespace meshscope::clients {

// The idle connections of one thread, by client. Owned by the thread's io_context, so that neither
// a client nor an io_context has to outlive the other. Only used on that thread.
class IdlePool final : public boost::asio::execution_context::service {
 public:
    using key_type = IdlePool;
    inline static boost::asio::execution_context::id id;

    explicit IdlePool(boost::asio::execution_context& owner) : service(owner) {}
    static IdlePool& of(Executor executor);

    // The connection used last that is still fit; null when there is none.
    TransportPtr take(std::uint64_t client, std::uint64_t generation, SteadyTime now);
    // Kept until `now + max_idle`; the oldest goes when there are too many. `generation` is the TLS
    // context's: a connection with old trust or identity is not used again.
    void put(
        std::uint64_t client,
        TransportPtr transport,
        std::uint64_t generation,
        SteadyTime now,
        const HttpLimits& limits
    );
    // Closes those whose time is over.
    void sweep(SteadyTime now);

 private:
    struct Idle {
        TransportPtr transport;
        std::uint64_t generation;
        SteadyTime expires;
    };
    void shutdown() override { by_client_.clear(); }

    std::unordered_map<std::uint64_t, std::deque<Idle>> by_client_;
};

}  // namespace meshscope::clients
