#pragma once

#include "demo/jaeger/trace_archive.hpp"
#include "demo/net/counters.hpp"
#include "demo/net/http_message.hpp"
#include "demo/otlp/received.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace meshscope::demo {

// Where OpenTelemetry programs send their spans. One request is read at a time, so that what
// reading takes is bounded like what is kept. Thread-safe.
class OtlpIntake {
 public:
    enum class Encoding : std::uint8_t { kProtobuf, kJson };
    struct Outcome {
        std::int64_t rejected = 0;
        std::string why;  // "" when nothing was rejected
    };

    // What is given must outlive this. `most` bytes of a request, unpacked.
    OtlpIntake(TraceArchive& archive, Counters& counters, std::size_t most)
        : archive_(archive), counters_(counters), most_(most) {}

    // POST /v1/traces, protobuf or JSON, gzip or not.
    HttpReply handle(const HttpRequest& request);

    // kInvalidArgument when it cannot be read, kTooLarge when it is larger than allowed.
    Result<Outcome> take(std::string_view body, bool packed, Encoding encoding);

    void count(const std::string& method) { counters_.count("otlp", method); }
    [[nodiscard]] std::size_t most() const { return most_; }

 private:
    TraceArchive& archive_;
    Counters& counters_;
    const std::size_t most_;
    std::mutex mutex_;
};

}  // namespace meshscope::demo
