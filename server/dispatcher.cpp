#include "server/dispatcher.hpp"

#include "core/json_writer.hpp"
#include "core/random.hpp"
#include "core/text.hpp"
#include "server/propagation.hpp"
#include "server/server_span.hpp"
#include "server/target.hpp"
#include "telemetry/logger.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/tracer.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace meshscope::server {
namespace {

constexpr std::size_t kMaxRequestId = 128;
constexpr std::size_t kMaxLoggedPath = 256;
constexpr std::string_view kNoRoute = "-";
constexpr std::size_t kMethods = static_cast<std::size_t>(Method::kOther) + 1;

const Clock& system_clock() {
    static const SystemClock kClock;
    return kClock;
}

Response plain_error(const Error& error, std::string_view request_id) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().field("error", error.message()).field("code", error.code());
    if (!request_id.empty()) {
        json.field("requestId", request_id);
    }
    json.end_object();
    return Response::json(std::move(body), 500);
}

ErrorKind kind_of(unsigned status) {
    switch (status) {
        case 408:
            return ErrorKind::kRequestTimeout;
        case 413:
            return ErrorKind::kTooLarge;
        case 414:
            return ErrorKind::kUriTooLong;
        case 431:
            return ErrorKind::kHeadersTooLarge;
        case 503:
            return ErrorKind::kUnavailable;
        default:
            return ErrorKind::kInvalidArgument;
    }
}

std::string join_methods(const std::vector<Method>& methods) {
    std::string text;
    for (const Method method : methods) {
        text += text.empty() ? "" : ", ";
        text += to_string(method);
    }
    return text;
}

// For the access log of requests that no route took: the path alone, its query may hold a token.
std::string_view logged_path(std::string_view target) {
    return target.substr(0, std::min(target.find('?'), kMaxLoggedPath));
}

}  // namespace

bool is_request_id(std::string_view text) {
    return !text.empty() && text.size() <= kMaxRequestId && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("-._~:/+=@").find(c) != std::string_view::npos;
    });
}

Dispatcher::Dispatcher(const ServerOptions& options, ServerParts parts)
    : options_(options),
      parts_(std::move(parts)),
      fixed_(FixedHeaders::of_server(options.tls != nullptr, options.cors.allow_all)) {
    if (parts_.clock == nullptr) {
        parts_.clock = &system_clock();
    }
    if (!parts_.render_error) {
        parts_.render_error = plain_error;
    }
    if (parts_.metrics == nullptr) {
        return;
    }
    for (const Route* route : parts_.router->routes()) {
        Meters meters;
        meters.own = &parts_.metrics->request_meter(route->pattern, to_string(route->method));
        if (route->method == Method::kGet) {
            meters.head = &parts_.metrics->request_meter(route->pattern, to_string(Method::kHead));
        }
        meters_.push_back(meters);
    }
    for (std::size_t method = 0; method < kMethods; ++method) {
        unrouted_meters_.push_back(
            &parts_.metrics->request_meter(kNoRoute, to_string(static_cast<Method>(method)))
        );
    }
}

void Dispatcher::start_context(Exchange& exchange) const {
    const Headers& headers = exchange.request.headers;
    RequestContext& context = exchange.context;
    context.deadline = Deadline::after(exchange.started, options_.limits.request_timeout);
    std::optional<std::string_view> id;
    TraceHeaders trace;
    for (const auto& [name, value] : headers.items()) {
        if (iequals(name, "x-request-id")) {
            id = value;
        } else {
            trace.note(name, value);
        }
    }
    context.request_id = id && is_request_id(*id) ? std::string(*id) : random_request_id();
    RemoteParent parent = trace.parent();
    const bool continues = !parent.trace.is_zero();
    context.trace.trace = continues ? parent.trace : TraceId{random_bits(), random_bits()};
    context.trace.span = random_span_id();
    context.trace.sampled = parent.sampled.value_or(false);
    context.trace.state = std::move(parent.state);
    exchange.caller_span = parent.span;
    exchange.caller_sampled = parent.sampled;
}

// After routing: a probe gets no span, however its caller decided.
void Dispatcher::decide_sampling(Exchange& exchange) const {
    if (parts_.tracer != nullptr) {
        TraceContext& trace = exchange.context.trace;
        const bool quiet = exchange.route != nullptr && exchange.route->options.quiet;
        trace.sampled = !quiet && parts_.tracer->sample(trace.trace, exchange.caller_sampled);
    }
}

std::string Dispatcher::below_root_url(std::string_view path, std::string_view query) const {
    std::string url = options_.web_root == "/" ? std::string() : options_.web_root;
    url += path;
    if (!query.empty()) {
        url += '?';
        url += query;
    }
    return url;
}

Response Dispatcher::answer_options(Exchange& exchange, std::string_view path) const {
    std::vector<Method> allowed;
    for (const Method method :
         {Method::kGet, Method::kHead, Method::kPost, Method::kPut, Method::kPatch, Method::kDelete
         }) {
        if (std::holds_alternative<Matched>(parts_.router->match(method, path))) {
            allowed.push_back(method);
        }
    }
    if (allowed.empty()) {
        return refuse(exchange, 404, Error(ErrorKind::kNotFound, "there is nothing at this path"));
    }
    allowed.push_back(Method::kOptions);
    Response response = Response::empty(204);
    const std::string methods = join_methods(allowed);
    response.headers.add("Allow", methods);
    if (options_.cors.allow_all && exchange.request.headers.get("Origin")) {
        response.headers.add("Access-Control-Allow-Methods", methods);
        response.headers.add("Access-Control-Max-Age", "600");
    }
    return response;
}

std::optional<Response> Dispatcher::route(Exchange& exchange, std::string_view path) const {
    Request& request = exchange.request;
    RouteMatch match = parts_.router->match(request.method, path);
    if (auto* matched = std::get_if<Matched>(&match)) {
        exchange.route = matched->route;
        request.path_parameters = std::move(matched->parameters);
        return std::nullopt;
    }
    if (request.method == Method::kOptions) {
        return answer_options(exchange, path);
    }
    if (const auto* without = std::get_if<WithoutSlash>(&match)) {
        const bool reads = request.method == Method::kGet || request.method == Method::kHead;
        const std::string_view target = request.target;
        const std::size_t mark = target.find('?');
        const std::string_view query =
            mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
        return Response::redirect(below_root_url(without->path, query), reads ? 301 : 308);
    }
    if (const auto* wrong = std::get_if<WrongMethod>(&match)) {
        Response response = refuse(
            exchange,
            405,
            Error(ErrorKind::kMethodNotAllowed, "this path does not take that method")
        );
        response.headers.add("Allow", join_methods(wrong->allowed));
        return response;
    }
    return refuse(exchange, 404, Error(ErrorKind::kNotFound, "there is nothing at this path"));
}

std::optional<Response> Dispatcher::begin(Exchange& exchange) const {
    start_context(exchange);
    std::optional<Response> response = find(exchange);
    decide_sampling(exchange);
    return response;
}

std::optional<Response> Dispatcher::find(Exchange& exchange) const {
    Request& request = exchange.request;
    const std::optional<Target> target = parse_target(request.target);
    if (!target) {
        return refuse(
            exchange,
            400,
            Error(ErrorKind::kInvalidArgument, "the request target is not a path this server takes")
                .with_code("bad_target")
        );
    }
    const RootMatch place = below_root(target->path, options_.web_root);
    if (std::holds_alternative<ToRoot>(place)) {
        return Response::redirect(options_.web_root + "/");
    }
    if (std::holds_alternative<OutsideRoot>(place)) {
        return refuse(exchange, 404, Error(ErrorKind::kNotFound, "there is nothing at this path"));
    }
    const std::string_view path = std::get<BelowRoot>(place).path;
    if (path.find('%') == std::string_view::npos) {
        request.path = path;
    } else {
        request.path = percent_decode(path, false).value_or(std::string(path));
    }
    if (!target->query.empty()) {
        request.query = parse_query(target->query);
    }
    return route(exchange, path);
}

Awaitable<Response> Dispatcher::handle(Exchange& exchange) const {
    std::string thrown;
    try {
        RequestContext context = exchange.context;
        Awaitable<Response> pending = exchange.route->handler(std::move(context), exchange.request);
        Response response = co_await std::move(pending);
        co_return response;
    } catch (const std::exception& error) {
        thrown = error.what();
    } catch (...) {
        thrown = "something that is no std::exception";
    }
    if (parts_.logger != nullptr) {
        parts_.logger->log(
            exchange.cancelled ? telemetry::LogLevel::kDebug : telemetry::LogLevel::kError,
            "a handler threw",
            {{"route", std::string_view(exchange.route->pattern)},
             {"request_id", std::string_view(exchange.context.request_id)},
             {"error", std::string_view(thrown)}}
        );
    }
    const Error error(ErrorKind::kInternal, "internal error, see the server's log");
    Response response = refuse(exchange, 500, error);
    co_return response;
}

Response Dispatcher::refuse(Exchange& exchange, unsigned status, const Error& error) const {
    if (exchange.context.request_id.empty()) {
        exchange.context.request_id = random_request_id();
    }
    Response response = parts_.render_error(error, exchange.context.request_id);
    response.status = status;
    return response;
}

Response Dispatcher::refuse(Exchange& exchange, const FramingError& error) const {
    return refuse(
        exchange,
        error.status,
        Error(kind_of(error.status), std::string(error.message)).with_code(std::string(error.code))
    );
}

WriteOptions Dispatcher::write_options(const Exchange& exchange, bool keep_alive) const {
    WriteOptions options;
    options.fixed = &fixed_;
    options.now = parts_.clock->now();
    options.request_id = exchange.context.request_id;
    if (options_.compression) {
        options.accept_encoding = exchange.request.headers.get("Accept-Encoding").value_or("");
    }
    options.head_only = exchange.request.method == Method::kHead;
    options.http10 = exchange.facts.http10;
    options.keep_alive = keep_alive;
    return options;
}

void Dispatcher::record(const Exchange& exchange, unsigned status, SteadyTime now) const {
    if (parts_.metrics == nullptr) {
        return;
    }
    telemetry::RequestMeter* meter = nullptr;
    const Method method = exchange.request.method;
    if (exchange.route != nullptr) {
        const Meters& meters = meters_[exchange.route->index];
        meter = method == Method::kHead && meters.head != nullptr ? meters.head : meters.own;
    } else {
        meter = unrouted_meters_[static_cast<std::size_t>(method)];
    }
    meter->record(status, now - exchange.started);
}

void Dispatcher::record_span(
    const Exchange& exchange, unsigned status, std::uint64_t bytes, SteadyTime now
) const {
    if (parts_.tracer == nullptr || !exchange.context.trace.sampled) {
        return;
    }
    telemetry::SpanPtr span = server_span(exchange, status, bytes);
    // Both clocks are read one behind the other, or the span would begin too late by what lies
    // between, after the calls that were made for it.
    const std::chrono::nanoseconds wall = parts_.clock->now().time_since_epoch();
    const std::chrono::nanoseconds ago = parts_.clock->steady_now() - exchange.started;
    span->start_ns = (wall - ago).count();
    span->end_ns = span->start_ns + std::chrono::nanoseconds(now - exchange.started).count();
    parts_.tracer->record(std::move(span));
}

void Dispatcher::finish(const Exchange& exchange, unsigned status, std::uint64_t bytes) const {
    const SteadyTime now = parts_.clock->steady_now();
    record(exchange, status, now);
    record_span(exchange, status, bytes, now);
    const bool quiet = exchange.route != nullptr && exchange.route->options.quiet;
    if (quiet || parts_.logger == nullptr || !parts_.logger->enabled(telemetry::LogLevel::kInfo)) {
        return;
    }
    const double ms = std::chrono::duration<double, std::milli>(now - exchange.started).count();
    const std::string trace = exchange.context.trace.trace.to_hex();
    std::array<telemetry::LogField, 9> fields;
    std::size_t count = 0;
    const auto add = [&](telemetry::LogField field) { fields[count++] = field; };
    add({"method", to_string(exchange.request.method)});
    if (exchange.route != nullptr) {
        add({"route", std::string_view(exchange.route->pattern)});
    } else {
        add({"route", kNoRoute});
        add({"path", logged_path(exchange.request.target)});
    }
    add({"status", static_cast<std::int64_t>(status)});
    add({"bytes", static_cast<std::int64_t>(bytes)});
    add({"ms", ms});
    add({"request_id", std::string_view(exchange.context.request_id)});
    add({"trace", std::string_view(trace)});
    add({"peer", std::string_view(exchange.request.peer)});
    parts_.logger->log(
        telemetry::LogLevel::kInfo,
        "request",
        std::span<const telemetry::LogField>(fields.data(), count)
    );
}

void Dispatcher::count_refused_connection(std::string_view reason) const {
    if (parts_.metrics != nullptr) {
        parts_.metrics->count(
            "refused_connections_total", "Connections closed before a request was read.", reason
        );
    }
}

}  // namespace meshscope::server
