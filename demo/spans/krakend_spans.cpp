#include "demo/spans/trace_writer.hpp"

#include <string>
#include <utility>

namespace meshscope::demo {
namespace {

// Made up; what matters is that it looks like a secret and must not leave a console.
constexpr std::string_view kAuthorization = "Bearer demo-secret-do-not-show";
constexpr std::string_view kSecretQuery = "?access_token=demo-secret-do-not-show&lang=en";

SpanRecord& layer(
    TraceWriter& writer,
    std::uint32_t index,
    char role,
    WorkloadIndex reporter,
    std::int64_t start_us,
    std::int64_t duration_us
) {
    SpanRecord& span = writer.span(index, role, reporter, start_us, duration_us);
    span.scope = writer.scope("github.com/krakend/krakend-otel");
    return span;
}

void text(SpanRecord& span, std::string key, std::string value) {
    span.attributes.push_back({std::move(key), std::move(value)});
}

void number(SpanRecord& span, std::string key, std::int64_t value) {
    span.attributes.push_back({std::move(key), value});
}

// Reported headers are lists: a header may come more than once.
void header(SpanRecord& span, const std::string& name, std::string value) {
    ValueList values;
    values.emplace_back(std::move(value));
    span.attributes.push_back({"http.request.header." + name, std::move(values)});
}

// The gateway puts the error's words into an attribute and leaves the status alone.
void completion(SpanRecord& span, const Call& call) {
    span.attributes.push_back({"complete", call.failure.empty()});
    if (!call.failure.empty()) {
        text(span, "error", call.failure);
    }
}

}  // namespace

namespace {

void write_global(TraceWriter& writer, std::uint32_t index) {
    const Call& call = writer.request().calls[index];
    const Workload& gateway = writer.topology()[call.callee];
    SpanRecord& global =
        layer(writer, index, 'g', call.callee, call.start_us + call.inbound_us, call.served_us);
    global.operation = call.path;
    global.kind = SpanKind::kServer;
    global.status = StatusCode::kOk;  // whatever the answer was
    text(global, "krakend.stage", "global");
    text(global, "http.request.method", call.method);
    text(global, "http.route", call.path);
    text(global, "url.full", call.path + std::string(kSecretQuery));
    text(global, "server.address", gateway.name + ":" + std::to_string(gateway.port));
    text(global, "client.address", "192.0.2.10:51824");
    text(global, "user_agent.original", writer.request().user_agent);
    header(global, "authorization", std::string(kAuthorization));
    header(global, "accept", "application/json");
    number(global, "http.request.body.size", call.request_bytes);
    number(global, "http.response.body.size", call.response_bytes);
    number(global, "http.response.status_code", call.status);
    writer.serves_under(index, writer.id_of(index, 'g'));
}

void write_proxy(TraceWriter& writer, std::uint32_t index, SpanId parent) {
    const Call& call = writer.request().calls[index];
    const std::int64_t arrival = call.start_us + call.inbound_us;
    SpanRecord& proxy = layer(writer, index, 'p', call.callee, arrival + 20, call.served_us - 40);
    proxy.operation = call.path;
    proxy.parent = parent;
    proxy.kind = SpanKind::kInternal;
    text(proxy, "krakend.stage", "proxy");
    text(proxy, "http.route", call.path);
    text(proxy, "http.request.method", call.method);
    proxy.attributes.push_back({"canceled", false});
    completion(proxy, call);
    writer.serves_under(index, writer.id_of(index, 'p'));
}

void write_backend(TraceWriter& writer, std::uint32_t index) {
    const Call& call = writer.request().calls[index];
    const Call& served = writer.request().calls[call.parent];
    SpanRecord& backend =
        layer(writer, index, 'b', call.caller, call.start_us - 15, call.duration_us + 30);
    backend.operation = call.path;
    backend.parent = writer.parent_of(call);
    backend.kind = SpanKind::kInternal;
    text(backend, "krakend.stage", "backend");
    text(backend, "krakend.endpoint.route", served.path);
    text(backend, "krakend.endpoint.method", served.method);
    completion(backend, call);
    writer.calls_under(index, writer.id_of(index, 'b'));
}

void write_request(TraceWriter& writer, std::uint32_t index) {
    const Call& call = writer.request().calls[index];
    const Workload& callee = writer.topology()[call.callee];
    const std::string host = callee.app + "." + callee.ns;
    const std::string url = "http://" + host + ":" + std::to_string(callee.port) + call.path;
    const SpanId parent = writer.client_of(index);
    SpanRecord& request = layer(writer, index, 'r', call.caller, call.start_us, call.duration_us);
    request.operation = call.method + " " + url;
    request.parent = parent;
    request.kind = SpanKind::kClient;
    text(request, "krakend.stage", "backend-request");
    text(request, "http.request.method", call.method);
    text(request, "url.full", url);
    text(request, "server.address", host);
    if (call.arrived) {
        request.status = StatusCode::kOk;  // an answer came, whatever it says
        number(request, "http.response.status_code", call.status);
        number(request, "http.response.body.size", call.response_bytes);
        EventRecord& first_byte = request.events.emplace_back();
        first_byte.time_ns = request.end_ns() - 20'000;
        first_byte.name = "first-byte-time";
    } else {
        request.status = StatusCode::kError;
        request.status_message = "dial tcp " + callee.ip + ":" + std::to_string(callee.port) +
                                 ": connect: connection refused";
        number(request, "http.response.body.size", -1);
    }
    request.attributes.push_back({"response-duration", static_cast<double>(call.duration_us) / 1e6}
    );
    request.attributes.push_back({"get-conn-duration", 0.000021});
    writer.calls_under(index, writer.id_of(index, 'r'));
}

void write_read_tracker(TraceWriter& writer, std::uint32_t index) {
    constexpr std::int64_t kReading = 18;
    const Call& call = writer.request().calls[index];
    SpanRecord& tracker = layer(
        writer, index, 't', call.caller, call.start_us + call.duration_us - kReading, kReading
    );
    tracker.operation = "http.client.response.read.tracker";
    tracker.parent = writer.id_of(index, 'r');
    tracker.kind = SpanKind::kInternal;
    text(tracker, "krakend.stage", "backend-request");
    number(tracker, "http.client.response.read.size", call.response_bytes);
    tracker.attributes.push_back(
        {"http.client.response.read.time", static_cast<double>(kReading) / 1e6}
    );
}

}  // namespace

void write_krakend_served(TraceWriter& writer, std::uint32_t index) {
    const Workload& gateway = writer.topology()[writer.request().calls[index].callee];
    if (gateway.reports(kGlobalLayer)) {
        write_global(writer, index);
    }
    if (gateway.reports(kProxyLayer)) {
        const bool below = gateway.reports(kGlobalLayer);
        write_proxy(writer, index, below ? writer.id_of(index, 'g') : SpanId{});
    }
}

void write_krakend_made(TraceWriter& writer, std::uint32_t index) {
    const Call& call = writer.request().calls[index];
    const Workload& gateway = writer.topology()[call.caller];
    writer.calls_under(index, writer.parent_of(call));
    if (gateway.reports(kBackendLayer)) {
        write_backend(writer, index);
    }
    if (gateway.reports(kRequestLayer)) {
        write_request(writer, index);
        if (gateway.reports(kReadTracker) && call.arrived) {
            write_read_tracker(writer, index);
        }
    }
}

}  // namespace meshscope::demo
