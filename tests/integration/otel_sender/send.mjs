// Sends one trace with the OpenTelemetry SDK and prints what it sent: node send.mjs http|proto|grpc URL none|gzip
import { SpanKind, SpanStatusCode, TraceFlags, context, trace } from "@opentelemetry/api";
import { OTLPTraceExporter as GrpcExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";

const [protocol, url, compression] = process.argv.slice(2);
const Exporter = { http: JsonExporter, proto: ProtobufExporter, grpc: GrpcExporter }[protocol];
const failures = [];

// An exporter tells its result to nobody but the processor.
class Watched extends Exporter {
  export(spans, done) {
    super.export(spans, (result) => {
      if (result.code !== 0) failures.push(String(result.error));
      done(result);
    });
  }
}

const service = `shop-${protocol}-${compression}`;
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({
    "service.name": service,
    "service.version": "1.4.2",
    "process.command_args": ["node", "shop.js"],
  }),
  spanProcessors: [new BatchSpanProcessor(new Watched({ url, compression }))],
});
const tracer = provider.getTracer("shop-instrumentation", "0.9.0");

const below = (parent) => trace.setSpan(context.active(), parent);
const elsewhere = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  traceFlags: TraceFlags.SAMPLED,
};

const server = tracer.startSpan("GET /warenkörbe/{id}", {
  kind: SpanKind.SERVER,
  root: true,
  links: [{ context: elsewhere, attributes: { why: "retried" } }],
  attributes: {
    "http.request.method": "GET",
    "http.route": "/warenkörbe/{id}",
    "http.response.status_code": 200,
    "user.name": "Žofie 日本 🛒",
    "cart.items": ["a", "b", "ü"],
    "cart.sizes": [1, 2, 3],
    "cart.weights": [0.5, 1.25],
    "cart.flags": [true, false],
    "cart.total": 12.75,
    "cart.count": 9007199254740991,
    "cart.empty": false,
  },
});
const client = tracer.startSpan(
  "POST",
  {
    kind: SpanKind.CLIENT,
    attributes: { "http.request.method": "POST", "url.full": "http://pay:8080/charge", "server.address": "pay" },
  },
  below(server),
);
client.recordException(new TypeError("no money"));
client.setStatus({ code: SpanStatusCode.ERROR, message: "payment failed: naïve" });
client.end();
const producer = tracer.startSpan(
  "orders publish",
  { kind: SpanKind.PRODUCER, attributes: { "messaging.system": "kafka", "messaging.destination.name": "orders" } },
  below(server),
);
producer.addEvent("queued", { partition: 3 });
producer.end();
const consumer = tracer.startSpan(
  "orders process",
  { kind: SpanKind.CONSUMER, links: [{ context: producer.spanContext() }] },
  below(producer),
);
consumer.setStatus({ code: SpanStatusCode.OK });
consumer.end();
tracer.startSpan("reckon", { attributes: { "reckon.ratio": 1e-7 } }, below(server)).end();
server.end();

await provider.shutdown();
const spans = Object.fromEntries(
  Object.entries({ server, client, producer, consumer }).map(([name, span]) => [name, span.spanContext().spanId]),
);
console.log(JSON.stringify({ service, traceId: server.spanContext().traceId, spans, failures }));
process.exitCode = failures.length === 0 ? 0 : 1;
