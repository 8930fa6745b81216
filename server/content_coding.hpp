#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace meshscope::server {

enum class ContentCoding : std::uint8_t { kIdentity, kGzip, kZstd };

std::string_view to_string(ContentCoding coding
);  // as in Content-Encoding; "identity" is never sent

// The best coding that `accept_encoding` takes, by its q-values; of equals zstd, then gzip. Absent
// or empty: identity. When nothing is acceptable, identity (the answer is worth more than the
// wish).
ContentCoding choose_coding(std::string_view accept_encoding);

// JSON, text, JavaScript, SVG, XML and the like.
bool is_compressible(std::string_view content_type);

// Compresses a body piece by piece, at the fastest level of either format. Not thread-safe.
class ContentEncoder {
 public:
    virtual ~ContentEncoder() = default;
    // Appends to `out`. With `last` the stream is finished and the encoder is used up.
    virtual void write(std::string_view piece, bool last, std::string& out) = 0;
};

std::unique_ptr<ContentEncoder> make_encoder(ContentCoding coding);  // not for kIdentity

}  // namespace meshscope::server
