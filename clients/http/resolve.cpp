#include "clients/http/resolve.hpp"

#include "async/resumption.hpp"
#include "async/with_deadline.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <memory>
#include <utility>

namespace meshscope::clients {
namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

namespace {

// The caller's side of a look-up; the look-up may hold on to it after the caller has left.
struct Waiting : std::enable_shared_from_this<Waiting> {
    explicit Waiting(Executor executor_in) : executor(executor_in) {}

    Executor executor;
    Resumption<> resume;
    Resolved answer;
    bool finished = false;
    std::function<void()> hurry;

    void finish(Resolved with) {
        if (finished) {
            return;
        }
        finished = true;
        answer = std::move(with);
        asio::post(executor, [self = shared_from_this()] { self->resume(); });
    }
};

}  // namespace

Lookup system_lookup() {
    return [](Executor executor,
              const std::string& host,
              std::uint16_t port,
              std::function<void(Resolved)> done) -> std::function<void()> {
        using Resolver = asio::ip::basic_resolver<Tcp, Executor>;
        auto resolver = std::make_shared<Resolver>(executor);
        resolver->async_resolve(
            host,
            std::to_string(port),
            Resolver::numeric_service,
            [resolver, done = std::move(done)](
                const boost::system::error_code& error, const Resolver::results_type& results
            ) {
                Resolved resolved;
                resolved.error = error;
                for (const auto& entry : results) {
                    resolved.endpoints.push_back(entry.endpoint());
                }
                done(std::move(resolved));
            }
        );
        return [resolver] { resolver->cancel(); };
    };
}

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
    const auto waiting = std::make_shared<Waiting>(co_await asio::this_coro::executor);
    auto initiate = [&](auto handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        waiting->resume = Resumption<>(std::move(handler));
        waiting->hurry = lookup(waiting->executor, host, port, [waiting](Resolved answer) {
            waiting->finish(std::move(answer));
        });
        if (slot.is_connected()) {
            slot.assign([waiting](asio::cancellation_type) {
                Resolved aborted;
                aborted.error = asio::error::operation_aborted;
                waiting->finish(std::move(aborted));
                if (waiting->hurry) {
                    waiting->hurry();
                }
            });
        }
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
        initiate, use_awaitable
    );
    waiting->hurry = nullptr;
    co_return std::move(waiting->answer);
}

}  // namespace meshscope::clients
