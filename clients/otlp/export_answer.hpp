#pragma once

#include "core/clock.hpp"
#include "core/error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::clients::otlp {

enum class Verdict : std::uint8_t {
    kAccepted,
    kAgain,      // the same batch may be taken later
    kRefused,    // it never will be
    kTooLarge,   // smaller ones may be
    kExhausted,  // not this batch, and the next ones had better be smaller
};

// What became of one batch.
struct ExportAnswer {
    Verdict verdict = Verdict::kAccepted;
    // With kAccepted: spans that the collector has thrown away, and what it says to all of them.
    std::int64_t rejected = 0;
    std::string message;
    // With kAgain: how long the collector wants to be left alone.
    std::optional<std::chrono::nanoseconds> retry_after;
    // With all but kAccepted: why, and which setting to look at. Safe to log.
    std::optional<Error> error;
};

// Reads an ExportTraceServiceResponse, protobuf or JSON; a body that is neither, or empty, is a
// plain success.
ExportAnswer accepted_answer(std::string_view body);

// What an error body says for people: google.rpc.Status (protobuf or JSON), or the beginning of a
// text; "" for nothing or a page.
std::string error_text(std::string_view body, std::string_view content_type);

// The value of Retry-After: seconds or an HTTP date; nullopt when it is neither.
std::optional<std::chrono::nanoseconds> retry_after(std::string_view text, SystemTime now);

// The delay of google.rpc.RetryInfo among the details of an encoded google.rpc.Status.
std::optional<std::chrono::nanoseconds> retry_info(std::string_view status);

}  // namespace meshscope::clients::otlp
