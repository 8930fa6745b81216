#pragma once

#include "server/framing.hpp"
#include "server/http_types.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace meshscope::server {

struct Limits;

// Reads one request after the other out of a connection's bytes: strict checks on the raw bytes
// first (framing.hpp), then Beast's parser, which writes straight into the Request. Both must
// agree. Not thread-safe.
class RequestReader {
 public:
    enum class Step : std::uint8_t {
        kNeedMore,  // call again when there are more bytes
        kHead,      // method, target and headers are there; call again for the body
        kComplete,  // the request is whole; call reset() for the next
        kRefused    // see refusal()
    };

    explicit RequestReader(const Limits& limits);  // keeps a reference
    ~RequestReader();
    RequestReader(const RequestReader&) = delete;
    RequestReader& operator=(const RequestReader&) = delete;

    // `data` begins with the first byte not consumed before. Fills method, target, headers and
    // body.
    Step advance(std::string_view data, Request& request);
    // How many bytes of `data` the last advance() took.
    [[nodiscard]] std::size_t consumed() const;

    [[nodiscard]] const HeadFacts& facts() const;
    [[nodiscard]] const FramingError& refusal() const;
    void reset();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::server
