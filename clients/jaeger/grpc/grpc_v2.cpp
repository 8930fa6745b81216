#include "clients/jaeger/grpc/grpc_v2.hpp"

#include "clients/jaeger/grpc/v2_decoder.hpp"
#include "clients/jaeger/grpc/v2_requests.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

constexpr const char* kFindTraces = "/jaeger.api_v2.QueryService/FindTraces";
constexpr const char* kGetTrace = "/jaeger.api_v2.QueryService/GetTrace";
constexpr const char* kGetServices = "/jaeger.api_v2.QueryService/GetServices";
constexpr const char* kGetOperations = "/jaeger.api_v2.QueryService/GetOperations";

// What a stream of SpansResponseChunk gave and how it ended.
struct Collected {
    V2SpanDecoder decoder;
    std::uint64_t bad_messages = 0;
    std::optional<Error> failure;
};

void stop(TraceBatch& batch, const Error& failure, std::size_t spans) {
    const char* code = "partial_body";
    batch.stopped_by = StoppedBy::kBackend;
    if (failure.kind() == ErrorKind::kDeadline) {
        code = "partial_timeout";
        batch.stopped_by = StoppedBy::kTime;
    } else if (failure.code() == "receive_limit") {
        code = "receive_limit";
        batch.stopped_by = StoppedBy::kBytes;
    }
    batch.warnings.push_back(
        {code,
         "Jaeger's answer ended early (" + failure.message() +
             "): " + std::to_string(batch.traces.size()) + " traces with " + std::to_string(spans) +
             " spans came, the last trace may lack spans"}
    );
}

class GrpcV2Protocol final : public Protocol {
 public:
    GrpcV2Protocol(std::shared_ptr<GrpcChannel> channel, std::size_t receive_limit_bytes)
        : channel_(std::move(channel)), receive_limit_(receive_limit_bytes) {}

    [[nodiscard]] std::string_view name() const override { return "grpc api_v2"; }

    Awaitable<Result<TraceBatch>> find_traces(RequestContext context, TraceQuery query) override;
    Awaitable<Result<TraceBatch>> get_trace(
        RequestContext context, TraceId id, std::optional<TimeRange> near
    ) override;
    Awaitable<Result<std::vector<std::string>>> services(RequestContext context) override;
    Awaitable<Result<std::vector<Operation>>> operations(
        RequestContext context, std::string service, std::string span_kind
    ) override;

 private:
    Awaitable<Collected> collect(RequestContext context, std::string method, std::string request);
    [[nodiscard]] Result<TraceBatch> conclude(Collected collected) const;
    [[nodiscard]] Error unreadable() const;
    [[nodiscard]] Error over_limit() const;

    std::shared_ptr<GrpcChannel> channel_;
    std::size_t receive_limit_;
};

Error GrpcV2Protocol::unreadable() const {
    const GrpcChannelOptions& options = channel_->options();
    return Error(
               ErrorKind::kUpstreamProtocol,
               options.upstream + " sent an answer that cannot be read as jaeger.api_v2"
    )
        .with_upstream(options.upstream)
        .with_hint(
            {options.setting_prefix + "." + options.url_setting,
             "Check that this is the query service of a Jaeger, and that no proxy changes its "
             "answers."}
        );
}

Error GrpcV2Protocol::over_limit() const {
    constexpr std::size_t kMebi = 1024UL * 1024;
    const GrpcChannelOptions& options = channel_->options();
    return Error(
               ErrorKind::kUpstreamProtocol,
               "the answer is larger than the receive limit of " +
                   std::to_string(std::max<std::size_t>(1, receive_limit_ / kMebi)) + " MiB"
    )
        .with_code("receive_limit")
        .with_upstream(options.upstream)
        .with_hint({options.receive_limit_setting, "Raise the limit, or ask for fewer traces."});
}

Awaitable<Collected> GrpcV2Protocol::collect(
    RequestContext context, std::string method, std::string request
) {
    Collected out;
    Result<GrpcStream> stream = channel_->server_stream(context, method, request);
    std::size_t bytes = 0;
    bool first_try = true;
    while (stream) {
        Result<std::optional<std::string>> message = co_await stream->next();
        if (!message) {
            if (!std::exchange(first_try, false) || !stream->worth_a_retry()) {
                out.failure = message.error();
                co_return out;
            }
            stream = co_await channel_->server_stream_again(context, method, request);
            continue;
        }
        if (!message->has_value()) {
            co_return out;
        }
        bytes += (*message)->size();
        if (bytes > receive_limit_) {
            out.failure = over_limit();
            co_return out;
        }
        out.bad_messages += out.decoder.add(std::move(**message)) ? 0U : 1U;
    }
    out.failure = stream.error();
    co_return out;
}

Result<TraceBatch> GrpcV2Protocol::conclude(Collected collected) const {
    const std::optional<Error>& failure = collected.failure;
    const bool nothing = collected.decoder.trace_count() == 0;
    if (failure && (nothing || failure->kind() == ErrorKind::kCancelled)) {
        return *failure;
    }
    if (nothing && collected.bad_messages > 0) {
        return unreadable();
    }
    TraceBatch batch;
    const std::size_t spans = collected.decoder.span_count();
    batch.traces = collected.decoder.finish(failure.has_value() || collected.bad_messages > 0);
    if (collected.decoder.dropped() > 0) {
        batch.dropped.push_back({"bad_trace_id", collected.decoder.dropped()});
    }
    if (collected.bad_messages > 0) {
        batch.stopped_by = StoppedBy::kBackend;
        batch.dropped.push_back({"bad_message", collected.bad_messages});
        batch.warnings.push_back(
            {"bad_message",
             std::to_string(collected.bad_messages) +
                 " messages of Jaeger cannot be read as jaeger.api_v2: traces may be missing or "
                 "lack spans"}
        );
    }
    if (failure) {
        stop(batch, *failure, spans);
    }
    return batch;
}

Awaitable<Result<TraceBatch>> GrpcV2Protocol::find_traces(
    RequestContext context, TraceQuery query
) {
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    std::string request = encode_v2_find_traces(query);
    Collected collected = co_await collect(std::move(context), kFindTraces, std::move(request));
    co_return conclude(std::move(collected));
}

Awaitable<Result<TraceBatch>> GrpcV2Protocol::get_trace(
    RequestContext context, TraceId id, std::optional<TimeRange> near
) {
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    const Error missing =
        Error(ErrorKind::kNotFound, "Jaeger has no trace " + id.to_hex()).with_upstream("jaeger");
    std::string request = encode_v2_get_trace(id, near);
    Collected collected = co_await collect(std::move(context), kGetTrace, std::move(request));
    if (collected.failure && collected.failure->kind() == ErrorKind::kNotFound &&
        collected.decoder.trace_count() == 0) {
        co_return missing;
    }
    Result<TraceBatch> batch = conclude(std::move(collected));
    if (!batch) {
        co_return batch.error();
    }
    const std::size_t strangers = std::erase_if(batch->traces, [id](const models::TracePtr& trace) {
        return trace->id != id;
    });
    if (strangers > 0) {
        batch->dropped.push_back({"other_trace", strangers});
    }
    if (batch->traces.empty()) {
        co_return missing;
    }
    co_return std::move(*batch);
}

Awaitable<Result<std::vector<std::string>>> GrpcV2Protocol::services(RequestContext context) {
    Result<std::string> message = co_await channel_->unary(std::move(context), kGetServices, "");
    if (!message) {
        co_return message.error();
    }
    auto names = decode_v2_services(*message);
    if (!names) {
        co_return unreadable();
    }
    std::sort(names->begin(), names->end());
    names->erase(std::unique(names->begin(), names->end()), names->end());
    co_return std::move(*names);
}

Awaitable<Result<std::vector<Operation>>> GrpcV2Protocol::operations(
    RequestContext context, std::string service, std::string span_kind
) {
    std::string request = encode_v2_get_operations(service, span_kind);
    Result<std::string> message =
        co_await channel_->unary(std::move(context), kGetOperations, std::move(request));
    if (!message) {
        co_return message.error();
    }
    auto found = decode_v2_operations(*message);
    if (!found) {
        co_return unreadable();
    }
    const auto key = [](const Operation& operation) {
        return std::tie(operation.name, operation.span_kind);
    };
    std::sort(found->begin(), found->end(), [&](const auto& a, const auto& b) {
        return key(a) < key(b);
    });
    found->erase(
        std::unique(
            found->begin(),
            found->end(),
            [&](const auto& a, const auto& b) { return key(a) == key(b); }
        ),
        found->end()
    );
    co_return std::move(*found);
}

}  // namespace

std::unique_ptr<Protocol> make_grpc_v2(
    std::shared_ptr<GrpcChannel> channel, std::size_t receive_limit_bytes
) {
    return std::make_unique<GrpcV2Protocol>(std::move(channel), receive_limit_bytes);
}

}  // namespace meshscope::clients::jaeger
