#pragma once

#include "clients/trace_store.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::clients::jaeger {

// An answer that is decoded as it comes, so that it need not exist as a whole. On any thread, one
// call at a time.
class TraceStream {
 public:
    virtual ~TraceStream() = default;
    // The next bytes, with room for simdjson's padding behind them; they may go away afterwards.
    // False: no more is wanted.
    virtual bool add(std::string_view bytes) = 0;
    // What came, and what is to be said of it. `incomplete`: why the bytes ended early. Call once.
    virtual Result<TraceBatch> finish(const std::optional<Error>& incomplete) = 0;
};

// Why a stream wants no more: what it made takes more than `limit` bytes.
[[nodiscard]] inline Error out_of_memory(std::size_t limit) {
    constexpr std::size_t kMebi = 1024UL * 1024;
    return Error(
               ErrorKind::kTooLarge,
               "it takes more memory than the limit of " + std::to_string(limit / kMebi) + " MiB"
    )
        .with_upstream("jaeger");
}

}  // namespace meshscope::clients::jaeger
