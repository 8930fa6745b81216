#pragma once

#include "demo/jaeger/trace_archive.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace meshscope::demo {

struct JsonError {
    int code = 0;  // 0 none
    std::string message;
    std::string trace_id;  // "" when the error is not about one trace
};

// Jaeger's v1 JSON: the envelope {"data","total","limit","offset","errors"} around each kind of
// data.
std::string traces_json(std::span<const TraceRecordPtr> traces, std::span<const JsonError> errors);
std::string names_json(std::span<const std::string> names);
std::string operations_json(std::span<const OperationName> operations);
std::string error_json(const JsonError& error);

}  // namespace meshscope::demo
