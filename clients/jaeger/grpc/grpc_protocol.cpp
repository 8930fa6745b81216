#include "clients/jaeger/grpc/grpc_protocol.hpp"

#include "async/worker_pool.hpp"
#include "core/text.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <tuple>

namespace meshscope::clients::jaeger {

namespace {

constexpr std::size_t kDecodeHere = 512UL * 1024;  // longer ones take about a millisecond or more

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

// Some versions refuse a query without saying so in the status: only their words tell.
Error understood(const Error& error) {
    const std::string said = to_lower(error.detail());
    const bool refused = said.find("malform trace id") != std::string::npos ||
                         said.find("malformed trace id") != std::string::npos ||
                         (said.find("start time") != std::string::npos &&
                          said.find("required") != std::string::npos);
    if (error.kind() != ErrorKind::kUpstreamProtocol || !refused) {
        return error;
    }
    return Error(ErrorKind::kInvalidArgument, error.upstream() + " does not accept the query")
        .with_upstream(error.upstream())
        .with_detail(error.detail());
}

}  // namespace

GrpcProtocol::GrpcProtocol(
    GrpcApi api,
    std::shared_ptr<GrpcChannel> channel,
    WorkerPool* workers,
    std::size_t receive_limit_bytes
)
    : api_(std::move(api)),
      channel_(std::move(channel)),
      workers_(workers),
      receive_limit_(receive_limit_bytes) {}

std::string GrpcProtocol::endpoint() const {
    const GrpcChannelOptions& options = channel_->options();
    return "grpc " + options.host + ":" + std::to_string(options.port);
}

std::string GrpcProtocol::method(std::string_view name) const {
    return "/" + api_.package + ".QueryService/" + std::string(name);
}

Error GrpcProtocol::unreadable() const {
    const GrpcChannelOptions& options = channel_->options();
    return Error(
               ErrorKind::kUpstreamProtocol,
               options.upstream + " sent an answer that cannot be read as " + api_.package
    )
        .with_upstream(options.upstream)
        .with_hint(
            {options.setting_prefix + "." + options.url_setting,
             "Check that this is the query service of a Jaeger, and that no proxy changes its "
             "answers."}
        );
}

Error GrpcProtocol::over_limit() const {
    constexpr std::size_t kMebi = 1024UL * 1024;
    const GrpcChannelOptions& options = channel_->options();
    return Error(
               ErrorKind::kUpstreamProtocol,
               "the answer is larger than the receive limit of " +
                   std::to_string(std::max<std::size_t>(1, receive_limit_ / kMebi)) + " MiB"
    )
        .with_code("receive_limit")
        .with_cause(Cause::kReceiveLimit)
        .with_upstream(options.upstream)
        .with_hint({options.receive_limit_setting, "Raise the limit, or ask for fewer traces."});
}

Awaitable<bool> GrpcProtocol::decode(SpanCollector& spans, GrpcMessage message) {
    if (workers_ == nullptr || message.size() <= kDecodeHere) {
        co_return spans.add(std::move(message));
    }
    auto work = [&spans, message = std::move(message)]() mutable {
        return spans.add(std::move(message));
    };
    co_return co_await workers_->run(std::move(work));
}

Awaitable<GrpcProtocol::Collected> GrpcProtocol::collect(
    RequestContext context, std::string method, std::string request
) {
    Collected out;
    out.spans = api_.collector(receive_limit_);
    Result<GrpcStream> stream = channel_->server_stream(context, method, request);
    std::size_t bytes = 0;
    bool first_try = true;
    while (stream) {
        Result<std::optional<GrpcMessage>> message = co_await stream->next_message();
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
        if (bytes > receive_limit_ || out.spans->memory_bytes() > receive_limit_) {
            out.failure = over_limit();
            co_return out;
        }
        const bool sound = co_await decode(*out.spans, std::move(**message));
        if (out.spans->full()) {
            out.failure = over_limit();
            co_return out;
        }
        out.bad_messages += sound ? 0U : 1U;
    }
    out.failure = stream.error();
    co_return out;
}

Result<TraceBatch> GrpcProtocol::conclude(Collected collected) const {
    const std::optional<Error>& failure = collected.failure;
    SpanCollector& spans = *collected.spans;
    const bool nothing = spans.trace_count() == 0;
    if (failure && (nothing || failure->kind() == ErrorKind::kCancelled)) {
        return understood(*failure);
    }
    if (nothing && collected.bad_messages > 0) {
        return unreadable();
    }
    TraceBatch batch;
    const std::size_t span_count = spans.span_count();
    batch.traces = spans.finish(failure.has_value() || collected.bad_messages > 0);
    if (spans.dropped() > 0) {
        batch.dropped.push_back({"bad_trace_id", spans.dropped()});
    }
    if (collected.bad_messages > 0) {
        batch.stopped_by = StoppedBy::kBackend;
        batch.dropped.push_back({"bad_message", collected.bad_messages});
        batch.warnings.push_back(
            {"bad_message",
             std::to_string(collected.bad_messages) + " messages of Jaeger cannot be read as " +
                 api_.package + ": traces may be missing or lack spans"}
        );
    }
    if (failure) {
        stop(batch, *failure, span_count);
    }
    return batch;
}

Awaitable<Result<TraceBatch>> GrpcProtocol::find_traces(RequestContext context, TraceQuery query) {
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    std::string request = api_.find_traces(query);
    Collected collected =
        co_await collect(std::move(context), method("FindTraces"), std::move(request));
    co_return conclude(std::move(collected));
}

Awaitable<Result<TraceBatch>> GrpcProtocol::get_trace(
    RequestContext context, TraceId id, std::optional<TimeRange> near
) {
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    const Error missing =
        Error(ErrorKind::kNotFound, "Jaeger has no trace " + id.to_hex()).with_upstream("jaeger");
    std::string request = api_.get_trace(id, near);
    Collected collected =
        co_await collect(std::move(context), method("GetTrace"), std::move(request));
    if (collected.failure && collected.failure->kind() == ErrorKind::kNotFound &&
        collected.spans->trace_count() == 0) {
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

Awaitable<Result<std::vector<std::string>>> GrpcProtocol::services(RequestContext context) {
    Result<std::string> message =
        co_await channel_->unary(std::move(context), method("GetServices"), "");
    if (!message) {
        co_return message.error();
    }
    auto names = api_.services(*message);
    if (!names) {
        co_return unreadable();
    }
    std::sort(names->begin(), names->end());
    names->erase(std::unique(names->begin(), names->end()), names->end());
    co_return std::move(*names);
}

Awaitable<Result<std::vector<Operation>>> GrpcProtocol::operations(
    RequestContext context, std::string service, std::string span_kind
) {
    std::string request = api_.get_operations(service, span_kind);
    Result<std::string> message =
        co_await channel_->unary(std::move(context), method("GetOperations"), std::move(request));
    if (!message) {
        co_return understood(message.error());
    }
    auto found = api_.operations(*message);
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

}  // namespace meshscope::clients::jaeger
