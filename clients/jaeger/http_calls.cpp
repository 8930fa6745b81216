#include "clients/jaeger/http_calls.hpp"

#include "async/pause.hpp"
#include "async/worker_pool.hpp"
#include "clients/http/retry_after.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

constexpr std::size_t kDecodeHere = 128UL * 1024;  // longer bodies take about a millisecond or more
constexpr std::chrono::seconds kLookAgain{30};

HttpClientOptions at_origin(HttpClientOptions options) {
    options.base.path.clear();
    options.limits.max_body_bytes =
        std::min<std::size_t>(options.limits.max_body_bytes, 1024UL * 1024);
    return options;
}

Awaitable<Result<HttpResponse>> send_get(
    HttpClient& client,
    RequestContext context,
    std::string target,
    std::shared_ptr<BodySink> sink = nullptr
) {
    HttpRequest request;
    request.target = std::move(target);
    request.headers = {{"accept", "application/json"}};
    const std::size_t above = client.options().limits.stream_above;
    co_return co_await client.send_streaming(
        std::move(context), std::move(request), std::move(sink), above
    );
}

// Hands a body on to its decoder, in parts that take a worker a millisecond or two.
class StreamSink final : public BodySink {
 public:
    StreamSink(std::shared_ptr<TraceStream> stream, WorkerPool* workers)
        : stream_(std::move(stream)), workers_(workers) {}

    // Enough to tell what an answer is that holds no traces.
    [[nodiscard]] const std::string& beginning() const { return beginning_; }

    Awaitable<bool> take(std::string bytes) override {
        const std::size_t room = kBeginning - std::min(kBeginning, beginning_.size());
        beginning_.append(bytes, 0, room);
        bytes.reserve(bytes.size() + kBodyPadding);
        const std::string_view all = bytes;
        bool wanted = true;
        for (std::size_t at = 0; wanted && at < all.size(); at += kPart) {
            auto work = [stream = stream_, part = all.substr(at, kPart)] {
                return stream->add(part);
            };
            if (workers_ == nullptr) {
                wanted = work();
            } else {
                wanted = co_await workers_->run(std::move(work));
            }
        }
        co_return wanted;
    }

 private:
    static constexpr std::size_t kBeginning = 64UL * 1024;
    static constexpr std::size_t kPart = 1024UL * 1024;
    static constexpr std::size_t kBodyPadding = 64;

    const std::shared_ptr<TraceStream> stream_;
    WorkerPool* const workers_;
    std::string beginning_;
};

bool is_busy(const HttpResponse& response) {
    return response.status == 429 || response.status == 502 || response.status == 503;
}

}  // namespace

HttpCalls::HttpCalls(
    HttpClientOptions options, const Clock& clock, WorkerPool* workers, HttpApi api
)
    : setting_prefix_(options.setting_prefix),
      url_setting_(options.url_setting),
      base_(options.base),
      api_(api),
      origin_(at_origin(options), clock),
      client_(std::move(options), clock),
      clock_(clock),
      workers_(workers) {}

std::string HttpCalls::endpoint() const {
    return "http " + base_.host + ":" + std::to_string(base_.port_or_default());
}

Asked HttpCalls::asked(std::string_view target) const {
    return {
        .base = base_,
        .path = std::string(target.substr(0, target.find('?'))),
        .setting_prefix = setting_prefix_,
        .url_setting = url_setting_,
        .api = api_,
    };
}

Awaitable<Result<HttpResponse>> HttpCalls::get(RequestContext context, std::string target) {
    return send_get(client_, std::move(context), std::move(target));
}

Awaitable<Result<HttpResponse>> HttpCalls::get(
    RequestContext context, std::string target, std::shared_ptr<BodySink> sink
) {
    return send_get(client_, std::move(context), std::move(target), std::move(sink));
}

Awaitable<Result<HttpResponse>> HttpCalls::ask(
    RequestContext context, std::string target, std::shared_ptr<TraceStream> stream
) {
    const Asked question = asked(target);
    std::shared_ptr<StreamSink> sink;
    if (stream) {
        sink = std::make_shared<StreamSink>(std::move(stream), workers_);
    }
    auto response = co_await get(context, target, sink);
    if (response && is_busy(*response)) {
        const auto pause = retry_pause(
            parse_retry_after(response->header("retry-after"), clock_.now()),
            context.deadline,
            clock_.steady_now(),
            random_jitter()
        );
        const bool rested = pause && co_await pause_for(*pause);
        if (rested) {
            response = co_await get(context, std::move(target), sink);
        }
    }
    if (!response) {
        co_return response.error().kind() == ErrorKind::kDeadline ? too_slow(response.error())
                                                                  : response.error();
    }
    if (response->incomplete && response->incomplete->kind() == ErrorKind::kCancelled) {
        co_return *response->incomplete;
    }
    if (response->streamed) {
        response->body = sink->beginning();
        if (auto error = diagnose(*response, question)) {
            co_return std::move(*error);
        }
        response->body.clear();
        co_return std::move(response);
    }
    Surroundings surroundings;
    if (is_unknown_path(*response, api_)) {
        surroundings = co_await look_around(std::move(context));
    }
    if (auto error = diagnose(*response, question, surroundings)) {
        co_return std::move(*error);
    }
    co_return std::move(response);
}

Error HttpCalls::too_slow(const Error& error) const {
    return error.with_hint(
        {setting_prefix_ + ".query_timeout", "Give the backend more time, or ask for less."}
    );
}

Awaitable<Surroundings> HttpCalls::look_around(RequestContext context) {
    const SteadyTime now = clock_.steady_now();
    {
        const std::scoped_lock lock(mutex_);
        if (seen_.looked && now < look_again_at_) {
            co_return seen_;
        }
    }
    Surroundings found;
    for (const std::string& path : {base_.path, std::string("/jaeger"), std::string()}) {
        auto response = co_await send_get(origin_, context, path + "/");
        if (response && response->status == 200) {
            found.page = read_ui_page(response->body);
        }
        if (found.page) {
            break;
        }
        if (!response && (response.error().kind() == ErrorKind::kCancelled ||
                          response.error().kind() == ErrorKind::kDeadline)) {
            co_return found;  // broken off: says nothing to those who ask next
        }
    }
    found.looked = true;
    const std::scoped_lock lock(mutex_);
    seen_ = found;
    look_again_at_ = now + kLookAgain;
    co_return found;
}

std::size_t HttpCalls::receive_limit() const { return client_.options().limits.max_body_bytes; }

Awaitable<Result<TraceBatch>> HttpCalls::decode(
    HttpResponse response, Decoder decoder, std::shared_ptr<TraceStream> stream
) {
    if (response.streamed && stream) {
        auto finish = [stream = std::move(stream), incomplete = std::move(response.incomplete)] {
            return stream->finish(incomplete);
        };
        if (workers_ == nullptr) {
            co_return finish();
        }
        co_return co_await workers_->run(std::move(finish));
    }
    if (workers_ == nullptr || response.body.size() <= kDecodeHere) {
        co_return decoder(std::move(response.body), response.incomplete);
    }
    auto work = [decoder, response = std::move(response)]() mutable {
        return decoder(std::move(response.body), response.incomplete);
    };
    co_return co_await workers_->run(std::move(work));
}

Awaitable<std::string> HttpCalls::version(RequestContext context) {
    auto response = co_await get(std::move(context), "/");
    if (!response || response->status != 200) {
        co_return std::string();
    }
    const auto page = read_ui_page(response->body);
    co_return page ? page->version : std::string();
}

Error only_errors(const std::vector<StoreError>& errors) {
    return Error(
               ErrorKind::kUpstreamProtocol,
               "Jaeger answers with errors only: " + errors.front().message
    )
        .with_upstream("jaeger")
        .with_cause(Cause::kStorage)
        .with_hint({"", "look at Jaeger's log and its storage"});
}

Error trace_not_found(TraceId id) {
    return Error(ErrorKind::kNotFound, "Jaeger has no trace " + id.to_hex())
        .with_upstream("jaeger");
}

Error trace_not_in(const TraceBatch& batch, TraceId id) {
    if (batch.dropped.empty() && batch.stopped_by == StoppedBy::kComplete) {
        return trace_not_found(id);
    }
    std::string message = "nothing of trace " + id.to_hex() + " could be read in Jaeger's answer";
    for (const StoreWarning& warning : batch.warnings) {
        message += "; " + warning.message;
    }
    return Error(ErrorKind::kUpstreamProtocol, std::move(message)).with_upstream("jaeger");
}

}  // namespace meshscope::clients::jaeger
