#include "clients/jaeger/http_v1.hpp"
#include "tests/contract/http_backend.hpp"
#include "tests/contract/json_text.hpp"

#include <utility>

namespace meshscope::contract {

namespace {

std::string tag(const std::string& key, const test::TagValue& value) {
    const auto item = [&](const char* type, const std::string& json) {
        return fmt::format(R"({{"key":{},"type":"{}","value":{}}})", quoted(key), type, json);
    };
    if (const auto* text = std::get_if<std::string>(&value)) {
        return item("string", quoted(*text));
    }
    if (const auto* flag = std::get_if<bool>(&value)) {
        return item("bool", *flag ? "true" : "false");
    }
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        return item("int64", std::to_string(*integer));
    }
    if (const auto* binary = std::get_if<test::Binary>(&value)) {
        return item("binary", quoted(base64(binary->bytes)));
    }
    return item("float64", fmt::format("{}", std::get<double>(value)));
}

std::string tags(const test::Tags& items) {
    return json_array(items, [](const auto& item) { return tag(item.first, item.second); });
}

std::string reference(const char* type, const std::string& trace, std::uint64_t span) {
    return fmt::format(
        R"({{"refType":"{}","traceID":"{}","spanID":"{}"}})", type, trace, SpanId{span}.to_hex()
    );
}

std::string references(const std::string& trace, const test::SpanRow& row) {
    std::vector<std::string> items;
    if (row.parent != 0) {
        items.push_back(reference("CHILD_OF", trace, row.parent));
    }
    for (const test::LinkRow& link : row.links) {
        const char* type = link.child_of ? "CHILD_OF" : "FOLLOWS_FROM";
        items.push_back(reference(type, link.trace.to_hex(), link.span));
    }
    return json_array(items, [](const std::string& item) { return item; });
}

std::string logs(const test::SpanRow& row) {
    return json_array(row.logs, [&](const test::Tags& fields) {
        return fmt::format(R"({{"timestamp":{},"fields":{}}})", row.start_us, tags(fields));
    });
}

std::string span(const std::string& trace, const test::SpanRow& row, std::size_t process) {
    return fmt::format(
        R"({{"traceID":"{}","spanID":"{}","operationName":{},"references":{},"startTime":{},)"
        R"("duration":{},"tags":{},"logs":{},"processID":"p{}","warnings":{}}})",
        trace,
        SpanId{row.id}.to_hex(),
        quoted(row.operation),
        references(trace, row),
        row.start_us,
        row.duration_us,
        tags(row.all_tags()),
        logs(row),
        process,
        row.warnings.empty() ? "null" : json_array(row.warnings, quoted)
    );
}

std::string path_id(TraceId id) { return id.to_hex(); }

std::string sent_id(const HeldTrace& trace) {
    const std::string id = trace.id.to_hex();
    return trace.short_id ? id.substr(id.find_first_not_of('0')) : id;
}

std::string trace_json(const HeldTrace& trace) {
    const std::string id = sent_id(trace);
    std::string spans;
    std::string processes;
    for (std::size_t i = 0; i < trace.spans.size(); ++i) {
        const test::SpanRow& row = trace.spans[i];
        spans += (i == 0 ? "" : ",") + span(id, row, i);
        processes += fmt::format(
            R"({}"p{}":{{"serviceName":{},"tags":{}}})",
            i == 0 ? "" : ",",
            i,
            quoted(row.service),
            tags(row.process_tags)
        );
    }
    return fmt::format(
        R"({{"traceID":"{}","spans":[{}],"processes":{{{}}},"warnings":null}})",
        id,
        spans,
        processes
    );
}

std::string traces_json(const std::vector<HeldTrace>& traces) {
    std::string out = "{\"data\":" + json_array(traces, trace_json);
    out.pop_back();
    return out;
}

std::string services_json(const std::vector<std::string>& names) {
    return fmt::format(
        R"({{"data":{},"total":{},"errors":null}})", json_array(names, quoted), names.size()
    );
}

std::string operations_json(const std::vector<clients::Operation>& operations) {
    const auto item = [](const clients::Operation& operation) {
        return fmt::format(
            R"({{"name":{},"spanKind":"{}"}})", quoted(operation.name), operation.span_kind
        );
    };
    return "{\"data\":" + json_array(operations, item) + ",\"errors\":null}";
}

std::string failure_json(int status, const std::string& text) {
    return fmt::format(R"({{"data":null,"errors":[{{"code":{},"msg":"{}"}}]}})", status, text);
}

std::shared_ptr<clients::jaeger::Protocol> protocol(
    clients::HttpClientOptions options, const Clock& clock, WorkerPool* workers
) {
    return std::make_shared<clients::jaeger::HttpV1Protocol>(std::move(options), clock, workers);
}

}  // namespace

std::unique_ptr<Backend> make_http_v1_backend(std::chrono::milliseconds query_timeout) {
    HttpDialect dialect{
        .traces_path = "/jaeger/api/traces",
        .services_path = "/jaeger/api/services",
        .operations_path = "/jaeger/api/operations",
        .traces = traces_json,
        .end = "],\"total\":0,\"limit\":0,\"offset\":0,\"errors\":null}\n",
        .services = services_json,
        .operations = operations_json,
        .failure = failure_json,
        .path_id = path_id,
        .none_found = nullptr,
        .wire = {.not_a_number = false, .nanoseconds = false, .mixed_traces = false},
        .protocol = protocol,
    };
    return make_http_backend(std::move(dialect), query_timeout);
}

}  // namespace meshscope::contract
