#include "clients/kubernetes/caller_calls.hpp"

#include "clients/kubernetes/api_fault.hpp"
#include "clients/kubernetes/decode.hpp"
#include "clients/kubernetes/list_pages.hpp"
#include "clients/kubernetes/pod_log.hpp"
#include "clients/kubernetes/reviews.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace meshscope::clients::kubernetes {

namespace {

constexpr int kMostLogs = 256;        // of each kind: those that end soon, those that are followed
constexpr std::size_t kPadding = 64;  // readable bytes that decoders want behind a text

const Resource& pods() {
    const auto all = resources();
    return *std::find_if(all.begin(), all.end(), [](const Resource& resource) {
        return resource.plural == "pods";
    });
}

// Whose answers may be shared: "" nobody's.
std::string identity_of(const RequestContext& context) {
    const auto& who = context.caller.credentials;
    return who ? who->key : std::string();
}

std::string joined_key(const RequestContext& context, const std::string& what) {
    const std::string who = identity_of(context);
    return who.empty() ? std::string() : who + " " + what;
}

// The body of a 2xx; everything else is the error that it is to who asks.
Awaitable<Result<std::string>> ask(ApiClient api, RequestContext context, ApiRequest request) {
    const auto& who = context.caller.credentials;
    const bool as_caller = !request.as_server && !(who && who->server_account);
    const std::string target = request.target;
    Result<HttpResponse> response = co_await api.call(std::move(context), std::move(request));
    if (!response) {
        co_return response.error();
    }
    if (response->incomplete) {
        co_return *response->incomplete;
    }
    if (const auto fault = fault_of(*response, api.clock().now())) {
        co_return error_of(*fault, target, as_caller);
    }
    co_return std::move(response->body);
}

Awaitable<Result<models::Pod>> ask_pod(ApiClient api, RequestContext context, std::string target) {
    ApiRequest request;
    request.target = std::move(target);
    Result<std::string> body = co_await ask(std::move(api), std::move(context), std::move(request));
    if (!body) {
        co_return body.error();
    }
    body->reserve(body->size() + kPadding);
    Interner interner;
    const Result<Decoded> decoded = decode_object(pods(), *body, interner, Annotations::kAll);
    if (!decoded) {
        co_return decoded.error().with_upstream("kubernetes");
    }
    co_return *std::get<models::PodPtr>(decoded->object);
}

template <class T>
Awaitable<Result<T>> ask_review(
    ApiClient api, RequestContext context, ApiRequest request, Result<T> (*read)(std::string)
) {
    Result<std::string> body = co_await ask(std::move(api), std::move(context), std::move(request));
    if (!body) {
        co_return body.error();
    }
    co_return read(std::move(*body));
}

ApiRequest post(const char* target, std::string body) {
    ApiRequest request;
    request.method = "POST";
    request.target = target;
    request.body = std::move(body);
    return request;
}

// One of the logs that are read at once.
class LogPlace {
 public:
    explicit LogPlace(std::atomic<int>& taken) : taken_(taken), ok_(++taken <= kMostLogs) {}
    ~LogPlace() { --taken_; }
    LogPlace(const LogPlace&) = delete;
    LogPlace& operator=(const LogPlace&) = delete;
    [[nodiscard]] bool ok() const { return ok_; }

 private:
    std::atomic<int>& taken_;
    const bool ok_;
};

}  // namespace

struct CallerCalls::Impl {
    Impl(ApiClient api_in, Governor& governor_in, std::chrono::milliseconds timeout_in)
        : api(std::move(api_in)), governor(governor_in), timeout(timeout_in) {}

    const ApiClient api;
    Governor& governor;
    const std::chrono::milliseconds timeout;
    std::atomic<int> logs{0};
    std::atomic<int> followed{0};

    template <class T>
    Awaitable<Result<T>> governed(
        RequestContext context,
        std::string key,
        std::function<Awaitable<Result<T>>(RequestContext)> operation
    ) {
        Result<std::shared_ptr<const T>> answer = co_await governor.call<T>(
            std::move(context), std::move(key), timeout, std::move(operation)
        );
        if (!answer) {
            co_return answer.error();
        }
        co_return **answer;
    }

    template <class T>
    Awaitable<Result<T>> review(
        RequestContext context, std::string key, ApiRequest request, Result<T> (*read)(std::string)
    ) {
        std::function<Awaitable<Result<T>>(RequestContext)> operation =
            [api = api, request, read](RequestContext inner) {
                return ask_review<T>(api, std::move(inner), request, read);
            };
        return governed<T>(std::move(context), std::move(key), std::move(operation));
    }
};

CallerCalls::CallerCalls(ApiClient api, Governor& governor, std::chrono::milliseconds timeout)
    : impl_(std::make_shared<Impl>(std::move(api), governor, timeout)) {}

Awaitable<Result<models::Pod>> CallerCalls::pod(
    RequestContext context, std::string ns, std::string name
) const {
    const std::shared_ptr<Impl> impl = impl_;
    const std::string target = list_path(pods(), pods().version, ns) + "/" + percent_encode(name);
    std::function<Awaitable<Result<models::Pod>>(RequestContext)> operation =
        [api = impl->api, target](RequestContext inner) {
            return ask_pod(api, std::move(inner), target);
        };
    std::string key = joined_key(context, target);
    co_return co_await impl->governed<models::Pod>(
        std::move(context), std::move(key), std::move(operation)
    );
}

Awaitable<Result<LogEnd>> CallerCalls::read_log(
    RequestContext context, LogQuery query, std::shared_ptr<LogSink> sink
) const {
    const std::shared_ptr<Impl> impl = impl_;
    const LogPlace place(query.follow ? impl->followed : impl->logs);
    if (!place.ok()) {
        co_return Error(ErrorKind::kUnavailable, "too many logs are read at once")
            .with_code("overloaded")
            .with_upstream("kubernetes");
    }
    co_return co_await read_pod_log(
        impl->api, std::move(context), std::move(query), std::move(sink)
    );
}

Awaitable<Result<TokenOwner>> CallerCalls::review_token(RequestContext context, std::string token)
    const {
    const std::shared_ptr<Impl> impl = impl_;
    ApiRequest request = post(kTokenReviews, token_review(token));
    request.as_server = true;
    Result<TokenOwner> owner = co_await impl->review<TokenOwner>(
        std::move(context), "", std::move(request), read_token_review
    );
    if (!owner && owner.error().kind() == ErrorKind::kUpstreamAuth) {
        co_return owner.error().with_hint(
            {"", "bind the cluster role system:auth-delegator to the server's service account"}
        );
    }
    co_return owner;
}

Awaitable<Result<AccessAnswer>> CallerCalls::may_i(RequestContext context, AccessQuestion question)
    const {
    const std::shared_ptr<Impl> impl = impl_;
    ApiRequest request = post(kAccessReviews, access_review(question));
    std::string key = joined_key(context, request.body);
    co_return co_await impl->review<AccessAnswer>(
        std::move(context), std::move(key), std::move(request), read_access_review
    );
}

Awaitable<Result<AccessRules>> CallerCalls::my_rules(RequestContext context, std::string ns) const {
    const std::shared_ptr<Impl> impl = impl_;
    ApiRequest request = post(kRulesReviews, rules_review(ns));
    std::string key = joined_key(context, request.body);
    co_return co_await impl->review<AccessRules>(
        std::move(context), std::move(key), std::move(request), read_rules_review
    );
}

}  // namespace meshscope::clients::kubernetes
