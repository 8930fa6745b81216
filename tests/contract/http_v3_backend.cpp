#include "clients/jaeger/http_v3.hpp"
#include "tests/contract/http_backend.hpp"
#include "tests/contract/json_text.hpp"

#include <cmath>
#include <utility>

namespace meshscope::contract {

namespace {

// Numbers that JSON does not know are strings.
std::string number(double value) {
    if (std::isnan(value)) {
        return R"("NaN")";
    }
    if (std::isinf(value)) {
        return value > 0 ? R"("Infinity")" : R"("-Infinity")";
    }
    return fmt::format("{}", value);
}

std::string value_json(const test::TagValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        return "{\"stringValue\":" + quoted(*text) + "}";
    }
    if (const auto* flag = std::get_if<bool>(&value)) {
        return *flag ? R"({"boolValue":true})" : R"({"boolValue":false})";
    }
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        return fmt::format(R"({{"intValue":"{}"}})", *integer);
    }
    if (const auto* binary = std::get_if<test::Binary>(&value)) {
        return "{\"bytesValue\":" + quoted(base64(binary->bytes)) + "}";
    }
    return "{\"doubleValue\":" + number(std::get<double>(value)) + "}";
}

std::string attribute(const std::string& key, const std::string& value) {
    return fmt::format(R"({{"key":{},"value":{}}})", quoted(key), value);
}

std::vector<std::string> attributes(const test::Tags& tags) {
    std::vector<std::string> out;
    for (const auto& [key, value] : tags) {
        out.push_back(attribute(key, value_json(value)));
    }
    return out;
}

std::string joined(const std::vector<std::string>& items) {
    return json_array(items, [](const std::string& item) { return item; });
}

std::vector<std::string> span_attributes(const test::SpanRow& row) {
    std::vector<std::string> out = attributes(row.tags);
    if (!row.warnings.empty()) {
        const std::string texts =
            json_array(row.warnings, [](const std::string& text) { return value_json(text); });
        out.push_back(attribute("@jaeger@warnings", "{\"arrayValue\":{\"values\":" + texts + "}}"));
    }
    return out;
}

// The field "event" is the name of the event.
std::string event(const test::SpanRow& row, const test::Tags& fields) {
    std::string name;
    test::Tags others;
    for (const auto& field : fields) {
        if (field.first == "event") {
            name = fmt::format(R"(,"name":{})", quoted(std::get<std::string>(field.second)));
        } else {
            others.push_back(field);
        }
    }
    return fmt::format(
        R"({{"timeUnixNano":"{}"{},"attributes":{}}})",
        row.start_ns(),
        name,
        joined(attributes(others))
    );
}

std::string long_id(TraceId id) {
    const std::string digits = id.to_hex();
    return std::string(32 - digits.size(), '0') + digits;
}

// What is set of kind, status and trace state, each with a comma in front.
std::string native_fields(const test::NativeRow& native) {
    std::string out;
    if (!native.kind.empty()) {
        out += fmt::format(R"(,"kind":{})", kind_number(native.kind));
    }
    if (!native.status.empty()) {
        out += fmt::format(
            R"(,"status":{{"code":{},"message":{}}})",
            native.status == "ERROR" ? 2 : 1,
            quoted(native.status_message)
        );
    }
    if (!native.trace_state.empty()) {
        out += R"(,"traceState":)" + quoted(native.trace_state);
    }
    return out;
}

std::string scope_json(const test::NativeRow& native) {
    return native.scope.empty() ? "{}"
                                : fmt::format(
                                      R"({{"name":{},"version":{}}})",
                                      quoted(native.scope),
                                      quoted(native.scope_version)
                                  );
}

std::string link_json(const test::LinkRow& link) {
    std::string out = fmt::format(
        R"({{"traceId":"{}","spanId":"{}")", long_id(link.trace), SpanId{link.span}.to_hex()
    );
    if (link.child_of) {
        out += R"(,"attributes":[)" +
               attribute("opentracing.ref_type", value_json(std::string("child_of"))) + "]";
    }
    return out + "}";
}

std::string span(const HeldTrace& trace, const test::SpanRow& row) {
    const std::string parent =
        row.parent == 0 ? "" : fmt::format(R"("parentSpanId":"{}",)", SpanId{row.parent}.to_hex());
    return fmt::format(
        R"({{"traceId":"{}","spanId":"{}",{}"name":{},"startTimeUnixNano":"{}",)"
        R"("endTimeUnixNano":"{}","attributes":{},"events":{},"links":{}{}}})",
        trace.short_id ? trace.id.to_hex() : long_id(trace.id),
        SpanId{row.id}.to_hex(),
        parent,
        quoted(row.operation),
        row.start_ns(),
        row.start_ns() + row.duration_ns(),
        joined(span_attributes(row)),
        json_array(row.logs, [&](const test::Tags& fields) { return event(row, fields); }),
        json_array(row.links, link_json),
        native_fields(row.native)
    );
}

// A resource for each span; the traces stand in one list.
std::string traces_json(const std::vector<HeldTrace>& traces) {
    std::string out = R"({"result":{"resourceSpans":[)";
    for (const HeldTrace& trace : traces) {
        for (const test::SpanRow& row : trace.spans) {
            std::vector<std::string> resource{attribute("service.name", value_json(row.service))};
            for (std::string& item : attributes(row.process_tags)) {
                resource.push_back(std::move(item));
            }
            out += out.back() == '[' ? "" : ",";
            out += R"({"resource":{"attributes":)" + joined(resource) +
                   R"(},"scopeSpans":[{"scope":)" + scope_json(row.native) + R"(,"spans":[)" +
                   span(trace, row) + "]}]}";
        }
    }
    return out;
}

std::string services_json(const std::vector<std::string>& names) {
    return "{\"services\":" + json_array(names, quoted) + "}";
}

std::string operations_json(const std::vector<clients::Operation>& operations) {
    const auto item = [](const clients::Operation& operation) {
        return fmt::format(
            R"({{"name":{},"spanKind":"{}"}})", quoted(operation.name), operation.span_kind
        );
    };
    return "{\"operations\":" + json_array(operations, item) + "}";
}

std::string failure_json(int status, const std::string& text) {
    return fmt::format(R"({{"error":{{"httpCode":{},"message":"{}"}}}})", status, text);
}

std::shared_ptr<clients::jaeger::Protocol> protocol(
    clients::HttpClientOptions options, const Clock& clock, WorkerPool* workers
) {
    return std::make_shared<clients::jaeger::HttpV3Protocol>(std::move(options), clock, workers);
}

}  // namespace

std::unique_ptr<Backend> make_http_v3_backend(std::chrono::milliseconds query_timeout) {
    HttpDialect dialect{
        .traces_path = "/jaeger/api/v3/traces",
        .services_path = "/jaeger/api/v3/services",
        .operations_path = "/jaeger/api/v3/operations",
        .traces = traces_json,
        .end = "]}}",
        .services = services_json,
        .operations = operations_json,
        .failure = failure_json,
        .path_id = long_id,
        .none_found = "No traces found",
        .wire = {},
        .protocol = protocol,
    };
    return make_http_backend(std::move(dialect), query_timeout);
}

}  // namespace meshscope::contract
