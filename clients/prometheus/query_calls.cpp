#include "clients/prometheus/query_calls.hpp"

#include "async/pause.hpp"
#include "clients/http/retry_after.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace meshscope::clients::prometheus {

namespace {

using std::chrono::milliseconds;

constexpr std::chrono::minutes kGetFor{10};

// The store gives up a little before we do, so that its own words arrive.
std::optional<milliseconds> store_timeout(Deadline deadline, SteadyTime now) {
    if (deadline.is_never()) {
        return std::nullopt;
    }
    const auto left = std::chrono::duration_cast<milliseconds>(deadline.remaining(now));
    return std::max(milliseconds(1), left - std::min(milliseconds(500), left / 10));
}

bool is_busy(unsigned status) { return status == 429 || status == 502 || status == 503; }

bool is_later(const Error& error) {
    return error.code() == kBusyCode || error.code() == kStartingCode;
}

}  // namespace

QueryCalls::QueryCalls(HttpClientOptions options, const Clock& clock)
    : client_(std::move(options), clock), clock_(clock) {}

Asked QueryCalls::asked(std::string_view path) const {
    return {
        .base = client_.options().base,
        .path = std::string(path),
        .setting_prefix = client_.options().setting_prefix,
    };
}

Awaitable<Result<HttpResponse>> QueryCalls::post(
    RequestContext context, std::string path, const QueryForm& form
) {
    HttpRequest request;
    request.method = "POST";
    request.target = std::move(path);
    request.headers = {
        {"accept", "application/json"}, {"content-type", "application/x-www-form-urlencoded"}
    };
    request.body = form.text();
    request.repeatable = true;
    co_return co_await client_.send(std::move(context), std::move(request));
}

Awaitable<Result<HttpResponse>> QueryCalls::get_form(
    RequestContext context, std::string path, const QueryForm& form
) {
    HttpRequest request;
    request.target = std::move(path);
    if (!form.text().empty()) {
        request.target += "?" + form.text();
    }
    request.headers = {{"accept", "application/json"}};
    co_return co_await client_.send(std::move(context), std::move(request));
}

Awaitable<Result<HttpResponse>> QueryCalls::ask_once(
    RequestContext context, std::string path, QueryForm form
) {
    const SteadyTime now = clock_.steady_now();
    if (const auto timeout = store_timeout(context.deadline, now)) {
        form.add_duration("timeout", *timeout);
    }
    if (now.time_since_epoch().count() < get_until_.load(std::memory_order_relaxed)) {
        co_return co_await get_form(std::move(context), std::move(path), form);
    }
    auto posted = co_await post(context, path, form);
    if (!posted || !is_refused_post(*posted)) {
        co_return posted;
    }
    auto got = co_await get_form(std::move(context), std::move(path), form);
    if (got && got->status / 100 == 2) {
        const SteadyTime until = now + kGetFor;
        get_until_.store(until.time_since_epoch().count(), std::memory_order_relaxed);
    }
    co_return got;
}

Result<HttpResponse> QueryCalls::judged(Result<HttpResponse> response, const std::string& path)
    const {
    if (!response) {
        return response;
    }
    if (auto error = diagnose(*response, asked(path))) {
        return std::move(*error);
    }
    if (response->incomplete) {
        const Error& cut = *response->incomplete;
        return cut.kind() == ErrorKind::kTooLarge
                   ? cut.with_hint(
                         {"meshscope.receive_limit_mb",
                          "ask for fewer namespaces, a shorter time or larger steps, or raise it"}
                     )
                   : cut;
    }
    return response;
}

Awaitable<Result<HttpResponse>> QueryCalls::ask(
    RequestContext context, std::string path, QueryForm form
) {
    auto response = co_await ask_once(context, path, form);
    const bool is_refused = response && is_busy(response->status);
    const std::string wish =
        is_refused ? std::string(response->header("retry-after")) : std::string();
    auto result = judged(std::move(response), path);
    if (result || !is_later(result.error())) {
        co_return result;
    }
    const auto pause = retry_pause(
        parse_retry_after(wish, clock_.now()),
        context.deadline,
        clock_.steady_now(),
        random_jitter()
    );
    const bool rested = pause && co_await pause_for(*pause);
    if (!rested) {
        co_return result;
    }
    auto again = co_await ask_once(std::move(context), path, std::move(form));
    co_return judged(std::move(again), path);
}

Awaitable<Result<HttpResponse>> QueryCalls::get(RequestContext context, std::string path) {
    const QueryForm nothing;
    auto response = co_await get_form(std::move(context), path, nothing);
    co_return judged(std::move(response), path);
}

}  // namespace meshscope::clients::prometheus
