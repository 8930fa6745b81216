#include "clients/otlp/grpc_sender.hpp"

#include "clients/grpc/grpc_channel.hpp"

#include <optional>
#include <utility>

namespace meshscope::clients::otlp {

namespace {

constexpr const char* kExport = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr std::size_t kMaxAnswer = 4UL * 1024 * 1024;

// Of gRPC's status codes, by https://opentelemetry.io/docs/specs/otlp/#failures.
enum Code : int {
    kCancelled = 1,
    kDeadlineExceeded = 4,
    kResourceExhausted = 8,
    kAborted = 10,
    kOutOfRange = 11,
    kUnavailable = 14,
    kDataLoss = 15
};

bool may_come_later(int code) {
    return code == kCancelled || code == kDeadlineExceeded || code == kAborted ||
           code == kOutOfRange || code == kUnavailable || code == kDataLoss;
}

GrpcChannelOptions options_for(const Collector& collector) {
    GrpcChannelOptions options;
    options.upstream = "the span collector";
    options.setting_prefix = kSettings;
    options.url_setting = "collector_url";
    options.http_advice =
        "use the collector's gRPC port, usually 4317, or set otel.protocol to http";
    options.host = collector.url.host;
    options.port = collector.url.port_or_default();
    options.use_tls = collector.url.https;
    options.tls = collector.tls;
    options.custom_headers = collector.headers;
    options.max_message_bytes = kMaxAnswer;
    return options;  // no tracer: the exporter's own calls leave no span
}

class GrpcSender final : public SpanSender {
 public:
    GrpcSender(Collector collector, std::shared_ptr<GrpcRuntime> runtime, const Clock& clock)
        : collector_(std::move(collector)),
          channel_(options_for(collector_), std::move(runtime), clock) {}

    Awaitable<ExportAnswer> send(RequestContext context, std::string request) override {
        Result<GrpcStream> stream = channel_.server_stream(context, kExport, std::move(request));
        if (!stream) {
            co_return failed(stream.error(), {});
        }
        std::string body;
        for (;;) {
            const Result<std::optional<std::string>> message = co_await stream->next();
            if (!message) {
                co_return failed(message.error(), stream->ending());
            }
            if (!message->has_value()) {
                co_return accepted_answer(body);
            }
            body = **message;
        }
    }

 private:
    [[nodiscard]] ExportAnswer failed(const Error& error, const GrpcEnding& ending) const {
        ExportAnswer answer;
        answer.error = with_own_hint(error, collector_);
        answer.retry_after = retry_info(ending.details);
        answer.verdict = verdict_of(error, ending.code, answer.retry_after.has_value());
        if (answer.verdict == Verdict::kTooLarge) {
            answer.error =
                Error(
                    ErrorKind::kUpstreamProtocol, "the span collector takes no message that large"
                )
                    .with_code("status_too_large")
                    .with_detail(error.detail());
        } else if (error.code() == "upstream_unimplemented") {
            answer.error = error.with_hint(
                {std::string(kSettings) + ".collector_url",
                 "this gRPC server takes no spans; use the collector's port, usually 4317"}
            );
        }
        return answer;
    }

    static Verdict verdict_of(const Error& error, int code, bool with_pause) {
        if (error.code() == "receive_limit") {
            return Verdict::kTooLarge;
        }
        if (code == kResourceExhausted) {
            return with_pause ? Verdict::kAgain : Verdict::kExhausted;
        }
        const ErrorKind kind = error.kind();
        if (code == kUnavailable && kind == ErrorKind::kUpstreamProtocol) {
            return Verdict::kRefused;  // nothing will change until somebody changes the port
        }
        const bool never_began =
            code == 0 && (kind == ErrorKind::kUpstreamUnavailable || kind == ErrorKind::kDeadline);
        return never_began || may_come_later(code) ? Verdict::kAgain : Verdict::kRefused;
    }

    const Collector collector_;
    GrpcChannel channel_;
};

}  // namespace

std::unique_ptr<SpanSender> make_grpc_sender(
    Collector collector, std::shared_ptr<GrpcRuntime> runtime, const Clock& clock
) {
    return std::make_unique<GrpcSender>(std::move(collector), std::move(runtime), clock);
}

}  // namespace meshscope::clients::otlp
