#pragma once

#include "core/ids.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace meshscope::demo {

using AttributeValue = std::variant<std::string, bool, std::int64_t, double>;

struct Attribute {
    std::string key;
    AttributeValue value;
};
using Attributes = std::vector<Attribute>;

// As a tag filter compares it: text as it is, numbers and booleans printed.
std::string to_text(const AttributeValue& value);

struct LogRecord {
    std::int64_t time_us = 0;  // since the epoch
    Attributes fields;
};

struct ProcessRecord {
    std::string service;
    Attributes tags;
};

struct SpanRecord {
    SpanId id;
    SpanId parent;  // zero: none
    std::string operation;
    std::int64_t start_us = 0;  // since the epoch
    std::int64_t duration_us = 0;
    Attributes tags;  // ascending by key, as Jaeger hands them out
    std::vector<LogRecord> logs;
    std::vector<std::string> warnings;
    std::uint32_t process = 0;  // index into TraceRecord::processes
};

// A trace as the simulated Jaeger stores it. Immutable once in the archive.
struct TraceRecord {
    TraceId id;
    std::vector<SpanRecord> spans;  // never empty, in order of arrival
    std::vector<ProcessRecord> processes;
    std::int64_t start_us = 0;  // earliest start
    std::int64_t end_us = 0;    // latest end
};

}  // namespace meshscope::demo
