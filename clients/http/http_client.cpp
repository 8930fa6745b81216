#include "clients/http/http_client.hpp"

#include "async/with_deadline.hpp"
#include "clients/http/authorizer.hpp"
#include "clients/http/call_span.hpp"
#include "clients/http/dial.hpp"
#include "clients/http/fault.hpp"
#include "clients/http/idle_pool.hpp"
#include "clients/http/proxy.hpp"
#include "clients/http/read_response.hpp"
#include "clients/http/redirect.hpp"
#include "clients/http/request_head.hpp"
#include "clients/http/response_reader.hpp"
#include "clients/http/tls_context.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

namespace meshscope::clients {

namespace {

constexpr int kMaxRedirects = 3;

std::uint64_t next_client_id() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

bool is_idempotent(std::string_view method) {
    constexpr std::array<std::string_view, 5> kMethods{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
    return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

bool is_redirect(unsigned status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// A server that found plain text on its TLS port often says so in plain text.
bool complains_about_tls(const HttpResponse& response) {
    const std::string_view start = std::string_view(response.body).substr(0, 2048);
    return response.status == 400 &&
           (start.find("HTTP request to an HTTPS server") != std::string_view::npos ||
            start.find("HTTP request was sent to HTTPS port") != std::string_view::npos ||
            start.find("requires TLS") != std::string_view::npos);
}

// What one send() has come to, before its errors are worded.
struct Outcome {
    HttpResponse response;
    std::optional<Fault> fault;
    std::optional<Fault> cut;           // of the body
    std::string url;                    // without query
    std::optional<Error> unauthorized;  // no credentials could be had
};

// The call as it goes on: redirects and fresh credentials change it.
struct Call {
    RequestContext context;
    HttpRequest request;
    RequestHead head;
    std::shared_ptr<Progress> progress;
    std::shared_ptr<BodySink> sink;  // null: every body stays in the response
    std::size_t stream_above = 0;
};

// Servers may send the header of a body that grows only with its first byte: whoever waits for that
// as long as it takes waits for the header likewise.
std::chrono::milliseconds header_timeout(const HttpLimits& limits, const HttpRequest& request) {
    const bool may_be_silent = request.endless && request.idle_timeout.count() == 0;
    return may_be_silent ? std::chrono::milliseconds(0) : limits.header_timeout;
}

Fault from_error(const Error& error, std::string setting, std::string advice) {
    return {error.kind(), error.message(), std::move(setting), std::move(advice), ""};
}

}  // namespace

std::string_view HttpResponse::header(std::string_view lower_case_name) const {
    for (const auto& [name, value] : headers) {
        if (name == lower_case_name) {
            return value;
        }
    }
    return {};
}

struct HttpClient::Impl {
    Impl(HttpClientOptions options_in, const Clock& clock_in)
        : options(std::move(options_in)),
          clock(clock_in),
          tls(options.tls, clock),
          id(next_client_id()),
          lookup(system_lookup()) {
        if (options.use_proxy_environment) {
            proxies = ProxySettings::from_environment();
        }
    }

    const HttpClientOptions options;
    const Clock& clock;
    TlsContext tls;
    const std::uint64_t id;
    const Lookup lookup;
    ProxySettings proxies;

    [[nodiscard]] std::string url_of(std::string_view target) const {
        Url origin = options.base;
        origin.path.clear();
        return origin.to_string() + std::string(target.substr(0, target.find('?')));
    }

    [[nodiscard]] Result<std::string> authorization() const {
        if (options.credentials.type == AuthType::kNone) {
            return basic_from_userinfo(options.base);
        }
        return options.credentials.authorization();
    }

    Awaitable<std::optional<Fault>> converse(
        Transport& transport, ResponseReader& reader, Call& call
    );
    Awaitable<void> talk(Call& call, const DialPlan& made, Outcome& outcome);
    Awaitable<Outcome> once(Call& call);
    Awaitable<Outcome> run(std::shared_ptr<Impl> self, Call call);
    Awaitable<bool> authorize(Call& call, Outcome& outcome);
    Awaitable<bool> authorize_anew(Call& call, Outcome& outcome);
    Result<DialPlan> plan(const Call& call);
};

Awaitable<std::optional<Fault>> HttpClient::Impl::converse(
    Transport& transport, ResponseReader& reader, Call& call
) {
    const Result<std::string> head = write_head(call.head, call.request, options, call.context);
    if (!head) {
        co_return from_error(head.error(), "custom_headers", "");
    }
    UpstreamCost& cost = call.context.bill->of(options.upstream);
    ++cost.calls;
    call.progress->stage = "while the request was sent";
    // A server may answer, or say by an alert what it dislikes, and close before it has read all:
    // what comes back tells more than the failed write.
    co_await transport.write(*head, call.request.body);
    call.progress->stage = "while waiting for the response";
    auto reading = read_header(transport, reader);
    const auto timeout = header_timeout(options.limits, call.request);
    const Deadline header_deadline =
        timeout.count() > 0 ? Deadline::after(std::chrono::steady_clock::now(), timeout)
                            : Deadline::never();
    auto header = co_await bounded<std::optional<Fault>>(header_deadline, std::move(reading));
    if (header.deadline_passed && !reader.header_done()) {
        Fault late;
        late.cause = "no response header within " + std::to_string(timeout.count()) + " ms";
        co_return late;
    }
    if (header.value) {
        co_return std::move(header.value);
    }
    call.progress->stage = "while the body came";
    if (call.sink && reader.response().status / 100 == 2) {
        call.sink->begins();
    }
    auto body = read_body(transport, reader, call.sink.get(), call.request.idle_timeout);
    const auto fault = co_await std::move(body);
    cost.bytes += reader.body_bytes();
    reader.response().streamed = reader.streaming();
    co_return fault;
}

Result<DialPlan> HttpClient::Impl::plan(const Call& call) {
    DialPlan made;
    made.target = options.base;
    made.skip_verify = options.tls.insecure_skip_verify;
    made.limits = options.limits;
    made.lookup = lookup;
    made.progress = call.progress;
    made.server_name = options.tls.server_name;
    made.may_connect = options.may_connect;
    if (options.proxy) {
        made.proxy = options.proxy;
    } else if (options.use_proxy_environment) {
        Result<std::optional<Url>> proxy = proxy_for(options.base, proxies);
        if (!proxy) {
            return proxy.error();
        }
        made.proxy = std::move(*proxy);
    }
    if (options.base.https) {
        Result<TlsContext::Current> context = tls.current();
        if (!context) {
            return context.error();
        }
        made.tls = *context;
    }
    return made;
}

// One request and its response, over an idle connection if there is one that is alive.
Awaitable<void> HttpClient::Impl::talk(Call& call, const DialPlan& made, Outcome& outcome) {
    const std::uint64_t generation = made.tls ? made.tls->generation : 0;
    const Executor executor = co_await boost::asio::this_coro::executor;
    IdlePool& pool = IdlePool::of(executor);
    TransportPtr transport = pool.take(id, generation, clock.steady_now());
    ResponseExpectation expectation;
    expectation.no_body = call.head.method == "HEAD";
    expectation.accept_gzip = call.request.accept_gzip;
    expectation.over_tls = options.base.https;
    if (call.sink) {
        expectation.stream_above = call.stream_above;
        expectation.endless = call.request.endless;
    }
    const bool repeatable = is_idempotent(call.head.method) || call.request.repeatable;
    for (bool may_be_dead = transport != nullptr;; may_be_dead = false) {
        if (!transport) {
            Dialled dialled = co_await dial(made);
            if (auto* fault = std::get_if<Fault>(&dialled)) {
                outcome.fault = std::move(*fault);
                co_return;
            }
            transport = std::move(std::get<TransportPtr>(dialled));
        }
        ResponseReader reader(options.limits, expectation);
        outcome.fault = co_await converse(*transport, reader, call);
        const bool silent = outcome.fault && outcome.fault->connection_lost && !reader.begun();
        if (silent && may_be_dead && repeatable) {
            transport.reset();
            continue;
        }
        if (silent) {
            outcome.fault->setting = kUrlSetting;
            outcome.fault->advice = options.base.https
                                        ? "check the port, and that the server is well"
                                        : "check that the port speaks plain HTTP, not TLS or gRPC";
        }
        outcome.cut = reader.cut();
        outcome.response = std::move(reader.response());
        if (!outcome.fault && reader.reusable()) {
            pool.put(id, std::move(transport), generation, clock.steady_now(), options.limits);
        }
        co_return;
    }
}

// talk(), and the answers that mean something else than what they are.
Awaitable<Outcome> HttpClient::Impl::once(Call& call) {
    Outcome outcome;
    outcome.url = url_of(call.head.target);
    Result<DialPlan> made = plan(call);
    if (!made) {
        const bool auth = made.error().kind() == ErrorKind::kUpstreamAuth;
        outcome.fault = from_error(
            made.error(), auth ? "auth.cert_file" : "", auth ? "check the files it names" : ""
        );
        co_return outcome;
    }
    call.head.through_proxy = made->proxy && !options.base.https;
    if (call.head.through_proxy) {
        call.head.proxy_authorization = basic_from_userinfo(*made->proxy);
    }
    co_await talk(call, *made, outcome);
    if (!outcome.fault && !options.base.https && complains_about_tls(outcome.response)) {
        outcome.fault = tls_on_plain_fault();
    }
    if (!outcome.fault && outcome.response.status == 407) {
        outcome.fault = Fault{
            ErrorKind::kUpstreamUnavailable,
            "a proxy on the way demands authentication",
            "",
            "put user and password of the proxy into HTTP_PROXY, or the host into NO_PROXY",
            ""
        };
    }
    co_return outcome;
}

// False: without credentials, `outcome` says why.
Awaitable<bool> HttpClient::Impl::authorize(Call& call, Outcome& outcome) {
    if (call.request.authorization) {
        call.head.authorization = *call.request.authorization;
        if (!is_field_value(call.head.authorization)) {
            outcome.fault = Fault{
                ErrorKind::kInvalidArgument,
                "the given authorization has a line break or control character inside",
                "",
                "",
                ""
            };
            co_return false;
        }
        co_return true;
    }
    if (!options.authorizer) {
        Result<std::string> credentials = authorization();
        if (!credentials) {
            outcome.fault = from_error(credentials.error(), "auth", "check the file it names");
            co_return false;
        }
        call.head.authorization = std::move(*credentials);
        co_return true;
    }
    call.progress->stage = "while a token was fetched";
    Result<std::string> token = co_await options.authorizer->authorization(call.context);
    if (!token && token.error().kind() == ErrorKind::kCancelled) {
        outcome.fault = cancelled_fault();
        co_return false;
    }
    if (!token) {
        outcome.unauthorized = token.error().with_upstream(options.upstream);
        co_return false;
    }
    call.head.authorization = std::move(*token);
    co_return true;
}

// After a 401, which is `outcome`: true when there are other credentials than those that were
// refused. A token that could not be had takes the place of the 401: why tells more.
Awaitable<bool> HttpClient::Impl::authorize_anew(Call& call, Outcome& outcome) {
    const std::string refused = call.head.authorization;
    if (options.authorizer) {
        options.authorizer->rejected(refused);
    } else {
        options.credentials.recheck();
    }
    Outcome anew;
    anew.url = outcome.url;
    const bool got = co_await authorize(call, anew);
    if (!got && options.authorizer) {
        outcome = std::move(anew);
    }
    co_return got&& call.head.authorization != refused;
}

// Follows redirects and tries fresh credentials once.
Awaitable<Outcome> HttpClient::Impl::run(std::shared_ptr<Impl> self, Call call) {
    Outcome outcome;
    outcome.url = url_of(call.head.target);
    const bool authorized = co_await self->authorize(call, outcome);
    if (!authorized) {
        co_return outcome;
    }
    bool refreshed = false;
    for (int redirects = 0;;) {
        outcome = co_await once(call);
        if (outcome.fault || outcome.cut) {
            co_return outcome;
        }
        if (outcome.response.status == 401 && !refreshed && !call.request.authorization) {
            refreshed = true;
            const bool anew = co_await authorize_anew(call, outcome);
            if (anew) {
                continue;
            }
            if (outcome.unauthorized || outcome.fault) {
                co_return outcome;
            }
        }
        const std::string_view location = outcome.response.header("location");
        if (!is_redirect(outcome.response.status) || location.empty()) {
            co_return outcome;
        }
        auto next = follow(options.base, call.head.target, location);
        if (auto* fault = std::get_if<Fault>(&next)) {
            outcome.fault = std::move(*fault);
            co_return outcome;
        }
        if (++redirects > kMaxRedirects) {
            outcome.fault = Fault{
                ErrorKind::kUpstreamProtocol,
                "redirected more than 3 times",
                kUrlSetting,
                "check the URL",
                ""
            };
            co_return outcome;
        }
        call.head.target = std::move(std::get<std::string>(next));
        if (outcome.response.status == 303 ||
            (outcome.response.status < 303 && call.head.method == "POST")) {
            call.head.method = "GET";
            call.request.body.clear();
        }
    }
}

HttpClient::HttpClient(HttpClientOptions options, const Clock& clock)
    : impl_(std::make_shared<Impl>(std::move(options), clock)) {}

HttpClient::~HttpClient() = default;

const HttpClientOptions& HttpClient::options() const { return impl_->options; }

std::vector<std::string> HttpClient::tls_warnings() const { return impl_->tls.warnings(); }

Awaitable<Result<HttpResponse>> HttpClient::send(RequestContext context, HttpRequest request) {
    return send_streaming(std::move(context), std::move(request), nullptr, 0);
}

Awaitable<Result<HttpResponse>> HttpClient::send_streaming(
    RequestContext context, HttpRequest request, std::shared_ptr<BodySink> sink, std::size_t above
) {
    const std::shared_ptr<Impl> impl = impl_;
    const HttpClientOptions& options = impl->options;
    const SteadyTime begun = std::chrono::steady_clock::now();
    Outcome outcome;
    outcome.url = impl->url_of(options.base.path + request.target);
    auto span = start_call_span(options, context, request.method, outcome.url);
    Call call;
    call.context = context;
    call.progress = std::make_shared<Progress>();
    call.head.method = request.method;
    call.head.target = options.base.path + request.target;
    call.request = std::move(request);
    call.request.accept_gzip = call.request.accept_gzip && !call.request.endless;
    call.sink = std::move(sink);
    call.stream_above = call.request.endless ? 0 : above;
    const auto progress = call.progress;
    const std::string method = call.head.method;

    bool late = context.deadline.passed(begun);
    const bool cancelled = co_await is_cancelled();
    if (cancelled || late) {
        outcome.fault = cancelled_fault();
    } else {
        Awaitable<Outcome> running = impl->run(impl, std::move(call));
        auto ran = co_await bounded<Outcome>(context.deadline, std::move(running));
        outcome = std::move(ran.value);
        late = ran.deadline_passed;
        UpstreamCost& cost = context.bill->of(options.upstream);
        cost.time += std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::steady_clock::now() - begun
        );
    }
    for (std::optional<Fault>* fault : {&outcome.fault, &outcome.cut}) {
        if (*fault && (*fault)->kind == ErrorKind::kCancelled && late) {
            **fault = Fault{
                ErrorKind::kDeadline,
                std::string("the deadline passed ") + progress->stage,
                "",
                "",
                ""
            };
        }
    }
    Result<HttpResponse> result = HttpResponse();
    if (outcome.unauthorized) {
        result = std::move(*outcome.unauthorized);
    } else if (outcome.fault) {
        result = to_error(*outcome.fault, options, method, outcome.url);
    } else {
        if (outcome.cut) {
            outcome.response.incomplete = to_error(*outcome.cut, options, method, outcome.url);
        }
        result = std::move(outcome.response);
    }
    finish_call_span(span, result);
    co_return result;
}

}  // namespace meshscope::clients
