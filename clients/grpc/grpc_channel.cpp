#include "clients/grpc/grpc_channel.hpp"

#include "async/with_deadline.hpp"
#include "clients/grpc/call.hpp"
#include "clients/grpc/call_span.hpp"
#include "clients/grpc/connector.hpp"
#include "clients/grpc/metadata.hpp"
#include "clients/grpc/status_error.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <grpc/support/time.h>
#include <grpcpp/channel.h>

#include <utility>

namespace meshscope::clients {

namespace asio = boost::asio;

namespace {

// Suspends until `call` has a message or has ended; cancellation of the awaiting coroutine cancels
// the call, which then ends at once.
Awaitable<Call::Outcome> async_read(std::shared_ptr<Call> call) {
    auto initiate = [call](auto handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected()) {
            slot.assign([call](asio::cancellation_type) { call->cancel(); });
        }
        auto executor = asio::get_associated_executor(handler);
        auto work = asio::make_work_guard(executor);
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        Call::OnRead on_read = [slot, work, shared](Call::Outcome outcome) mutable {
            const auto target = work.get_executor();
            auto resume =
                [slot, work = std::move(work), shared = std::move(shared), outcome]() mutable {
                    slot.clear();
                    auto last = std::move(*shared);
                    work.reset();
                    std::move(last)(outcome);
                };
            asio::post(target, std::move(resume));
        };
        call->read(std::move(on_read));
    };
    return asio::async_initiate<const asio::use_awaitable_t<Executor>, void(Call::Outcome)>(
        std::move(initiate), use_awaitable
    );
}

gpr_timespec to_grpc_deadline(std::chrono::nanoseconds remaining) {
    return gpr_time_add(
        gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(remaining.count(), GPR_TIMESPAN)
    );
}

}  // namespace

struct GrpcStream::Impl {
    std::shared_ptr<Call> call;
    std::shared_ptr<UpstreamBill> bill;
    GrpcErrorContext errors;
    telemetry::ActiveSpan span;
    bool received = false;
    bool ended = false;
    Credentials credentials;
    bool retry = false;
    std::optional<Error> error;

    // Whether the files hold something else than was sent.
    [[nodiscard]] bool has_fresh_credentials() const {
        credentials.recheck();
        const Result<std::string> now = credentials.authorization();
        return now && *now != errors.secret;
    }

    Result<std::optional<GrpcMessage>> end() const {
        if (error) {
            return *error;
        }
        return std::optional<GrpcMessage>();
    }

    Result<std::optional<GrpcMessage>> take(Call::Outcome outcome) {
        if (outcome == Call::Outcome::kMessage) {
            received = true;
            GrpcMessage message = call->take_message();
            bill->of(errors.upstream).bytes += message.size();
            return std::optional<GrpcMessage>(std::move(message));
        }
        ended = true;
        const grpc::Status& status = call->status();
        if (!status.ok()) {
            int code = static_cast<int>(status.error_code());
            if (code == GRPC_STATUS_CANCELLED && !call->cancelled()) {
                code = GRPC_STATUS_UNAVAILABLE;  // the server's doing, not ours
            }
            retry = !received && (grpc_connection_lost(code, status.error_message()) ||
                                  (code == GRPC_STATUS_UNAUTHENTICATED && has_fresh_credentials()));
            error = grpc_status_error(code, status.error_message(), errors);
        }
        finish_call_span(
            span, static_cast<int>(status.error_code()), error ? error->message() : ""
        );
        return end();
    }
};

GrpcStream::GrpcStream(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
GrpcStream::GrpcStream(GrpcStream&&) noexcept = default;

GrpcStream& GrpcStream::operator=(GrpcStream&& other) noexcept {
    std::swap(impl_, other.impl_);
    return *this;
}

GrpcStream::~GrpcStream() {
    if (impl_ && !impl_->ended) {
        finish_call_span(impl_->span, GRPC_STATUS_CANCELLED, "left before its end");
        impl_->call->cancel();
    }
}

Awaitable<Result<std::optional<GrpcMessage>>> GrpcStream::next_message() {
    const std::shared_ptr<Impl> impl = impl_;
    co_await asio::this_coro::throw_if_cancelled(false);
    if (impl->ended) {
        co_return impl->end();
    }
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
        impl->call->cancel();
    }
    const Call::Outcome outcome = co_await async_read(impl->call);
    co_return impl->take(outcome);
}

Awaitable<Result<std::optional<std::string>>> GrpcStream::next() {
    Result<std::optional<GrpcMessage>> message = co_await next_message();
    if (!message) {
        co_return message.error();
    }
    if (!message->has_value()) {
        co_return std::optional<std::string>();
    }
    co_return std::optional<std::string>((*message)->take());
}

GrpcEnding GrpcStream::ending() const {
    if (!impl_->ended) {
        return {};
    }
    const grpc::Status& status = impl_->call->status();
    return {static_cast<int>(status.error_code()), status.error_details()};
}

bool GrpcStream::worth_a_retry() const { return impl_->retry; }

struct GrpcChannel::Impl {
    Impl(GrpcChannelOptions o, std::shared_ptr<GrpcRuntime> r, const Clock& c)
        : options(std::move(o)), runtime(std::move(r)), clock(c), connector(options, clock) {}

    GrpcErrorContext error_context(std::string secret) const {
        GrpcErrorContext context;
        context.upstream = options.upstream;
        context.address = grpc_address(options);
        context.use_tls = options.use_tls;
        context.setting_prefix = options.setting_prefix;
        context.url_setting = options.setting_prefix + "." + options.url_setting;
        context.receive_limit_setting = options.receive_limit_setting;
        context.http_advice = options.http_advice;
        context.max_message_bytes = options.max_message_bytes;
        context.secret = std::move(secret);
        return context;
    }

    GrpcChannelOptions options;
    std::shared_ptr<GrpcRuntime> runtime;
    const Clock& clock;
    GrpcConnector connector;
    std::shared_ptr<CallRegistry> registry = std::make_shared<CallRegistry>();
};

GrpcChannel::GrpcChannel(
    GrpcChannelOptions options, std::shared_ptr<GrpcRuntime> runtime, const Clock& clock
)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(runtime), clock)) {}

GrpcChannel::~GrpcChannel() { impl_->registry->drain(); }

const GrpcChannelOptions& GrpcChannel::options() const { return impl_->options; }

Result<GrpcStream> GrpcChannel::server_stream(
    const RequestContext& context, std::string method, std::string request
) {
    RequestContext own = context;
    auto span = start_call_span(impl_->options, own, method);
    Result<GrpcStream> stream = open(own, method, request);
    if (stream) {
        stream->impl_->span = std::move(span);
    } else if (span) {
        span->fail(stream.error().code(), stream.error().message());
    }
    return stream;
}

Result<GrpcStream> GrpcChannel::open(
    const RequestContext& context, const std::string& method, const std::string& request
) {
    Result<std::string> authorization = impl_->options.credentials.authorization();
    if (!authorization) {
        return authorization.error()
            .with_upstream(impl_->options.upstream)
            .with_hint(
                {impl_->options.setting_prefix + ".auth",
                 "Check the credential that is configured there."}
            );
    }
    GrpcErrorContext errors = impl_->error_context(*authorization);
    const auto remaining = context.deadline.remaining(impl_->clock.steady_now());
    if (remaining == std::chrono::nanoseconds::zero()) {
        return grpc_status_error(GRPC_STATUS_DEADLINE_EXCEEDED, "", errors);
    }
    Result<GrpcMetadata> metadata = grpc_metadata(impl_->options, context, *authorization);
    if (!metadata) {
        return metadata.error();
    }
    Result<std::shared_ptr<grpc::Channel>> channel = impl_->connector.channel();
    if (!channel) {
        return channel.error();
    }
    auto call = std::make_shared<Call>(impl_->registry);
    for (const auto& [name, value] : *metadata) {
        call->context().AddMetadata(name, value);
    }
    if (!context.deadline.is_never()) {
        call->context().set_deadline(to_grpc_deadline(remaining));
    }
    call->start(std::move(*channel), method, request, impl_->runtime->impl().next_queue());
    auto stream = std::make_shared<GrpcStream::Impl>();
    stream->call = std::move(call);
    stream->bill = context.bill;
    stream->errors = std::move(errors);
    stream->credentials = impl_->options.credentials;
    stream->bill->of(stream->errors.upstream).calls += 1;
    return GrpcStream(std::move(stream));
}

Awaitable<Result<GrpcStream>> GrpcChannel::server_stream_again(
    RequestContext context, std::string method, std::string request
) {
    constexpr int kLooks = 20;
    constexpr std::chrono::milliseconds kPause{5};
    co_await asio::this_coro::throw_if_cancelled(false);
    SteadyTimer timer(co_await asio::this_coro::executor);
    for (int look = 0; look < kLooks && impl_->connector.connected(); ++look) {
        timer.expires_after(kPause);
        const auto [cancelled] = co_await timer.async_wait(asio::as_tuple(use_awaitable));
        if (cancelled) {
            break;
        }
    }
    co_return server_stream(context, std::move(method), std::move(request));
}

Awaitable<Result<std::string>> GrpcChannel::unary(
    RequestContext context, std::string method, std::string request
) {
    co_await asio::this_coro::throw_if_cancelled(false);
    const GrpcErrorContext errors = impl_->error_context("");
    Result<GrpcStream> stream = server_stream(context, method, request);
    if (!stream) {
        co_return stream.error();
    }
    Result<std::optional<std::string>> first = co_await stream->next();
    if (!first && stream->worth_a_retry()) {
        stream =
            co_await server_stream_again(std::move(context), std::move(method), std::move(request));
        if (!stream) {
            co_return stream.error();
        }
        first = co_await stream->next();
    }
    if (!first) {
        co_return first.error();
    }
    if (!first->has_value()) {
        co_return grpc_status_error(
            GRPC_STATUS_INTERNAL, "the call ended without an answer", errors
        );
    }
    std::string body = std::move(**first);
    const Result<std::optional<std::string>> rest = co_await stream->next();
    if (!rest) {
        co_return rest.error();
    }
    co_return body;
}

}  // namespace meshscope::clients
