#include "demo/spans/trace_writer.hpp"

#include <string>
#include <utility>

namespace meshscope::demo {
namespace {

std::string service_host(const Workload& callee) {
    return callee.app + "." + callee.ns + ".svc.cluster.local";
}

std::string address(const Workload& workload) {
    return workload.ip + ":" + std::to_string(workload.port);
}

bool is_gateway_call(const TraceWriter& writer, const Call& call) {
    return call.caller != kOutside && writer.topology()[call.caller].proxy == Proxy::kRouter;
}

// Istio's decorator names the virtual host and the matched route; gateways match on the path.
std::string operation(const TraceWriter& writer, const Call& call) {
    const Workload& callee = writer.topology()[call.callee];
    std::string name = service_host(callee) + ":" + std::to_string(callee.port);
    name += is_gateway_call(writer, call) ? call.path : "/*";
    return name;
}

// What every Envoy span carries; the values are text, whatever they mean.
void common_tags(
    Attributes& tags, const TraceWriter& writer, const Call& call, const Workload& reporter
) {
    const Workload& callee = writer.topology()[call.callee];
    const bool router = reporter.proxy == Proxy::kRouter;
    const auto text = [&tags](std::string key, std::string value) {
        tags.push_back({std::move(key), std::move(value)});
    };
    text("component", "proxy");
    text("downstream_cluster", "-");
    text("guid:x-request-id", writer.request().request_id);
    text("http.method", call.method);
    text("http.protocol", "HTTP/1.1");
    text("http.url", "http://" + callee.app + ":" + std::to_string(callee.port) + call.path);
    text("http.status_code", std::to_string(call.status));
    text("istio.canonical_revision", reporter.version.empty() ? "latest" : reporter.version);
    text("istio.canonical_service", reporter.app);
    text("istio.cluster_id", "Kubernetes");
    text("istio.mesh_id", "cluster.local");
    text("istio.namespace", reporter.ns);
    text(
        "node_id",
        std::string(router ? "router" : "sidecar") + "~" + reporter.ip + "~" + reporter.pod + "." +
            reporter.ns + "~" + reporter.ns + ".svc.cluster.local"
    );
    text("request_size", std::to_string(call.request_bytes));
    text("response_size", std::to_string(call.response_bytes));
    text("user_agent", writer.request().user_agent);
    text("zone", "");
    if (!reporter.marker.empty()) {
        text("note", reporter.marker);
    }
}

void outcome(SpanRecord& span, const Call& call, const std::string& flags) {
    span.attributes.push_back({"response_flags", flags});
    if (call.status >= 500) {
        span.status = StatusCode::kError;
    }
}

void upstream_tags(Attributes& tags, std::string cluster) {
    tags.push_back({"upstream_cluster", cluster});
    tags.push_back({"upstream_cluster.name", std::move(cluster)});
}

}  // namespace

void write_envoy_client(TraceWriter& writer, std::uint32_t index) {
    const Call& call = writer.request().calls[index];
    // What the callee does goes under this span even if it is lost on the way.
    writer.calls_under(index, writer.id_of(index, 'c'));
    if (call.client_report_lost) {
        return;
    }
    const Workload& caller = writer.topology()[call.caller];
    const Workload& callee = writer.topology()[call.callee];
    SpanRecord& span = writer.span(index, 'c', call.caller, call.start_us, call.duration_us);
    span.parent = writer.parent_of(call);
    span.operation = operation(writer, call);
    common_tags(span.attributes, writer, call, caller);
    outcome(span, call, call.client_flags);
    upstream_tags(
        span.attributes, "outbound|" + std::to_string(callee.port) + "||" + service_host(callee)
    );
    span.kind = SpanKind::kClient;
    if (call.arrived) {
        span.attributes.push_back({"peer.address", address(callee)});
        span.attributes.push_back({"upstream_address", address(callee)});
    }
}

void write_envoy_server(TraceWriter& writer, std::uint32_t index) {
    const Call& call = writer.request().calls[index];
    const Workload& callee = writer.topology()[call.callee];
    // What the callee does goes under its span even if that span is lost on the way.
    writer.serves_under(index, writer.id_of(index, 's'));
    if (call.server_report_lost) {
        return;
    }
    SpanRecord& span =
        writer.span(index, 's', call.callee, call.start_us + call.inbound_us, call.served_us);
    span.parent = writer.client_of(index);
    span.operation = operation(writer, call);
    common_tags(span.attributes, writer, call, callee);
    outcome(span, call, call.server_flags);
    upstream_tags(span.attributes, "inbound|" + std::to_string(callee.port) + "||");
    span.kind = SpanKind::kServer;
    if (call.caller != kOutside) {
        span.attributes.push_back({"peer.address", writer.topology()[call.caller].ip});
    }
}

}  // namespace meshscope::demo
