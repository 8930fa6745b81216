#include "clients/otlp/http_sender.hpp"

#include "clients/http/http_client.hpp"

#include <utility>

namespace meshscope::clients::otlp {

namespace {

constexpr std::size_t kMaxAnswer = 4UL * 1024 * 1024;
constexpr const char* kPath = "/v1/traces";

HttpClientOptions options_for(const Collector& collector) {
    HttpClientOptions options;
    options.upstream = "the span collector";
    options.setting_prefix = kSettings;
    options.url_setting = "collector_url";
    options.base = collector.url;
    options.tls = collector.tls;
    options.custom_headers = collector.headers;
    options.limits.max_body_bytes = kMaxAnswer;
    return options;  // no tracer: the exporter's own calls leave no span
}

bool may_come_later(unsigned status) {
    return status == 429 || status == 502 || status == 503 || status == 504;
}

class HttpSender final : public SpanSender {
 public:
    HttpSender(Collector collector, const Clock& clock)
        : collector_(std::move(collector)),
          clock_(clock),
          client_(options_for(collector_), clock_) {}

    Awaitable<ExportAnswer> send(RequestContext context, std::string body) override {
        HttpRequest request;
        request.method = "POST";
        request.target = kPath;
        request.headers = {{"Content-Type", "application/x-protobuf"}};
        request.body = std::move(body);
        const auto response = co_await client_.send(std::move(context), std::move(request));
        co_return response ? judge(*response) : without_answer(response.error());
    }

 private:
    [[nodiscard]] ExportAnswer without_answer(const Error& error) const {
        ExportAnswer answer;
        const ErrorKind kind = error.kind();
        const bool later = kind == ErrorKind::kUpstreamUnavailable ||
                           kind == ErrorKind::kDeadline || kind == ErrorKind::kCancelled;
        answer.verdict = later ? Verdict::kAgain : Verdict::kRefused;
        answer.error = with_own_hint(error, collector_);
        return answer;
    }

    [[nodiscard]] ExportAnswer judge(const HttpResponse& response) const {
        const unsigned status = response.status;
        if (status >= 200 && status < 300) {
            return accepted_answer(response.body);
        }
        ExportAnswer answer;
        if (may_come_later(status)) {
            answer.verdict = Verdict::kAgain;
            answer.retry_after = retry_after(response.header("retry-after"), clock_.now());
        } else {
            answer.verdict = status == 413 ? Verdict::kTooLarge : Verdict::kRefused;
        }
        answer.message = error_text(response.body, response.header("content-type"));
        answer.error = error_of(status, answer.message);
        return answer;
    }

    [[nodiscard]] Error error_of(unsigned status, const std::string& text) const {
        Hint hint{std::string(kSettings) + ".collector_url", "look at the collector's log"};
        if (status == 401 || status == 403) {
            hint = {
                "OTEL_EXPORTER_OTLP_HEADERS", "give the header that the collector wants, key=value"
            };
        } else if (status == 404 && collector_.url.path.ends_with(kPath)) {
            hint.advice = "leave " + std::string(kPath) + " out: it is added, and doubled now";
        } else if (status == 404 || status == 405) {
            hint.advice = "check host and port: there is no OTLP intake at " + collector_.url.path +
                          kPath + " (HTTP is usually port 4318)";
        }
        return Error(
                   ErrorKind::kUpstreamProtocol,
                   "the span collector answers " + std::to_string(status) +
                       (text.empty() ? "" : ": " + text)
        )
            .with_code("status_" + std::to_string(status))
            .with_detail("POST " + place_of(collector_) + kPath)
            .with_hint(std::move(hint));
    }

    const Collector collector_;
    const Clock& clock_;
    HttpClient client_;
};

}  // namespace

std::unique_ptr<SpanSender> make_http_sender(Collector collector, const Clock& clock) {
    return std::make_unique<HttpSender>(std::move(collector), clock);
}

}  // namespace meshscope::clients::otlp
