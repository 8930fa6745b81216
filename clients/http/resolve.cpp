#include "clients/http/resolve.hpp"

#include "async/resumption.hpp"
#include "async/with_deadline.hpp"
#include "clients/http/lookup_threads.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>
#include <utility>

namespace meshscope::clients {
namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

namespace {

// What the caller reads once it is resumed.
struct Answer {
    Resolved resolved;
    std::function<void()> hurry;
};

// Resumes the caller. Owned by the look-up alone: it owns the caller's frame, so that an
// io_context that ends and drops its look-ups drops the callers with them.
struct Waiting : std::enable_shared_from_this<Waiting> {
    Waiting(Executor executor_in, std::shared_ptr<Answer> answer_in)
        : executor(executor_in), answer(std::move(answer_in)) {}

    Executor executor;
    std::shared_ptr<Answer> answer;
    Resumption<> resume;
    bool finished = false;

    void finish(Resolved with) {
        if (finished) {
            return;
        }
        finished = true;
        answer->resolved = std::move(with);
        asio::post(executor, [self = shared_from_this()] { self->resume(); });
    }
};

boost::system::error_code error_of(int code) {
    switch (code) {
        case 0:
            return {};
        case EAI_AGAIN:
            return asio::error::host_not_found_try_again;
        case EAI_NONAME:
            return asio::error::host_not_found;
        case EAI_MEMORY:
            return asio::error::no_memory;
        case EAI_SYSTEM:
            return {errno, boost::system::system_category()};
        default:
            return asio::error::no_recovery;
    }
}

Resolved ask_system(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* first = nullptr;
    Resolved resolved;
    resolved.error =
        error_of(::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &first));
    if (resolved.error) {
        return resolved;
    }
    for (const addrinfo* at = first; at != nullptr; at = at->ai_next) {
        Tcp::endpoint endpoint;
        if (at->ai_addrlen <= endpoint.capacity()) {
            std::memcpy(endpoint.data(), at->ai_addr, at->ai_addrlen);
            endpoint.resize(at->ai_addrlen);
            resolved.endpoints.push_back(endpoint);
        }
    }
    ::freeaddrinfo(first);
    return resolved;
}

}  // namespace

Lookup system_lookup() { return threaded_lookup(ask_system); }

Awaitable<Resolved> resolve(Lookup lookup, std::string host, std::uint16_t port) {
    Resolved resolved;
    boost::system::error_code not_an_address;
    const auto address = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) {
        resolved.endpoints.emplace_back(address, port);
        co_return resolved;
    }
    const bool cancelled = co_await is_cancelled();
    if (cancelled) {
        resolved.error = asio::error::operation_aborted;
        co_return resolved;
    }
    const auto answer = std::make_shared<Answer>();
    const Executor executor = co_await asio::this_coro::executor;
    auto initiate = [&](auto handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        const auto waiting = std::make_shared<Waiting>(executor, answer);
        waiting->resume = Resumption<>(std::move(handler));
        answer->hurry = lookup(executor, host, port, [waiting](Resolved found) {
            waiting->finish(std::move(found));
        });
        if (slot.is_connected()) {
            slot.assign([weak = std::weak_ptr<Waiting>(waiting)](asio::cancellation_type) {
                const auto still = weak.lock();
                if (!still) {
                    return;
                }
                Resolved aborted;
                aborted.error = asio::error::operation_aborted;
                still->finish(std::move(aborted));
                if (still->answer->hurry) {
                    still->answer->hurry();
                }
            });
        }
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
        initiate, use_awaitable
    );
    answer->hurry = nullptr;
    co_return std::move(answer->resolved);
}

}  // namespace meshscope::clients
