#include "demo/otlp/gunzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

namespace meshscope::demo {
namespace {

class Inflater {
 public:
    Inflater() { ready_ = inflateInit2(&stream_, 16 + MAX_WBITS) == Z_OK; }
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    Result<std::string> run(std::string_view packed, std::size_t most) {
        const Error broken(ErrorKind::kInvalidArgument, "the body is not valid gzip");
        if (!ready_ || packed.size() > std::numeric_limits<uInt>::max()) {
            return broken;
        }
        // zlib reads it and changes nothing.
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
        stream_.avail_in = static_cast<uInt>(packed.size());
        std::string out;
        std::array<char, 16UL * 1024> piece{};
        for (;;) {
            stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
            stream_.avail_out = static_cast<uInt>(piece.size());
            const int code = inflate(&stream_, Z_NO_FLUSH);
            out.append(piece.data(), piece.size() - stream_.avail_out);
            if (out.size() > most) {
                return Error(
                    ErrorKind::kTooLarge, "the request is larger than " + std::to_string(most)
                );
            }
            if (code == Z_STREAM_END && stream_.avail_in == 0) {
                return out;
            }
            if (code == Z_STREAM_END && inflateReset(&stream_) == Z_OK) {
                continue;
            }
            if (code != Z_OK) {
                return broken;
            }
        }
    }

 private:
    z_stream stream_{};
    bool ready_ = false;
};

}  // namespace

Result<std::string> gunzip(std::string_view packed, std::size_t most) {
    return Inflater().run(packed, most);
}

bool looks_like_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

}  // namespace meshscope::demo
