"""Sends one trace with OpenTelemetry's SDK for Python, as its OTEL_ variables say; prints the id. Run by python_sdk.py."""
import sys

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode

ELSEWHERE = SpanContext(0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7, is_remote=True)


def exporter(protocol):
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    return OTLPSpanExporter()


provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(exporter(sys.argv[1])))
tracer = provider.get_tracer("shop-instrumentation", "0.9.0")

request = {"http.request.method": "GET", "http.route": "/reviews/{id}", "http.response.status_code": 503, "user.name": "Žofie 日本 🛒"}
with tracer.start_as_current_span("GET /reviews/{id}", kind=SpanKind.SERVER, attributes=request, links=[Link(ELSEWHERE)]) as server:
    query = {"db.system.name": "postgresql", "db.query.text": "SELECT 1", "server.address": "reviews-db.bookinfo.svc.cluster.local"}
    with tracer.start_as_current_span("SELECT", kind=SpanKind.CLIENT, attributes=query) as client:
        client.record_exception(ValueError("no stars"))
        client.set_status(Status(StatusCode.ERROR, "query failed"))
    with tracer.start_as_current_span("GET /stars", kind=SpanKind.CLIENT, attributes={"http.request.method": "GET", "http.response.status_code": 404}) as ended:
        ended.set_status(Status(StatusCode.OK))  # a 404 is an error of the client's all the same
provider.shutdown()
print(trace.format_trace_id(server.get_span_context().trace_id))
