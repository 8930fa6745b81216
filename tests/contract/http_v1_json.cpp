#include "tests/contract/backend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace meshscope::contract {

namespace {

// Bytes as they are: this writer has no opinion on UTF-8.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    return out + "\"";
}

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
    return item("float64", fmt::format("{}", std::get<double>(value)));
}

std::string tags(const test::Tags& items) {
    std::string out = "[";
    for (const auto& [key, value] : items) {
        out += (out.size() > 1 ? "," : "") + tag(key, value);
    }
    return out + "]";
}

std::string span(const std::string& trace, const test::SpanRow& row, std::size_t process) {
    std::string references;
    if (row.parent != 0) {
        references = fmt::format(
            R"({{"refType":"CHILD_OF","traceID":"{}","spanID":"{}"}})",
            trace,
            SpanId{row.parent}.to_hex()
        );
    }
    std::string logs;
    for (const test::Tags& fields : row.logs) {
        logs += fmt::format(
            R"({}{{"timestamp":{},"fields":{}}})",
            logs.empty() ? "" : ",",
            row.start_us,
            tags(fields)
        );
    }
    std::string warnings;
    for (const std::string& text : row.warnings) {
        warnings += (warnings.empty() ? "" : ",") + quoted(text);
    }
    return fmt::format(
        R"({{"traceID":"{}","spanID":"{}","operationName":{},"references":[{}],"startTime":{},)"
        R"("duration":{},"tags":{},"logs":[{}],"processID":"p{}","warnings":{}}})",
        trace,
        SpanId{row.id}.to_hex(),
        quoted(row.operation),
        references,
        row.start_us,
        row.duration_us,
        tags(row.tags),
        logs,
        process,
        warnings.empty() ? "null" : "[" + warnings + "]"
    );
}

}  // namespace

std::string http_v1_json(const std::vector<HeldTrace>& traces) {
    std::string out = "{\"data\":[";
    for (const HeldTrace& trace : traces) {
        const std::string id = trace.id.to_hex();
        out += out.back() == '[' ? "" : ",";
        out += "{\"traceID\":\"" + id + "\",\"spans\":[";
        std::string processes;
        for (std::size_t i = 0; i < trace.spans.size(); ++i) {
            const test::SpanRow& row = trace.spans[i];
            out += (i == 0 ? "" : ",") + span(id, row, i);
            processes += fmt::format(
                R"({}"p{}":{{"serviceName":{},"tags":{}}})",
                i == 0 ? "" : ",",
                i,
                quoted(row.service),
                tags(row.process_tags)
            );
        }
        out += "],\"processes\":{" + processes + "},\"warnings\":null}";
    }
    return out;
}

}  // namespace meshscope::contract
