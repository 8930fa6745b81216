#include "clients/http/gzip_decoder.hpp"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace meshscope::clients {

namespace {

constexpr std::string_view kMagic("\x1f\x8b", 2);
constexpr std::size_t kPiece = 64UL * 1024;
constexpr std::size_t kMaxHeader = 128UL * 1024;

// The size of the member header (RFC 1952) at the front; nullopt while it is not complete, 0 when
// there is none. Done here because ISA-L loses its place in a header that comes in pieces.
std::optional<std::size_t> header_size(std::string_view bytes) {
    if (!kMagic.starts_with(bytes.substr(0, kMagic.size()))) {
        return 0;
    }
    if (bytes.size() < 10) {
        return std::nullopt;
    }
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned flags = byte(3);
    if (byte(2) != 8 || (flags & 0xE0U) != 0) {
        return 0;
    }
    std::size_t at = 10;
    if ((flags & 4U) != 0) {
        if (bytes.size() < at + 2) {
            return std::nullopt;
        }
        at += 2U + byte(at) + (static_cast<std::size_t>(byte(at + 1)) << 8U);
    }
    for (const unsigned text : {8U, 16U}) {  // name, comment
        if ((flags & text) != 0) {
            const std::size_t end = bytes.find('\0', at);
            if (end == std::string_view::npos) {
                return std::nullopt;
            }
            at = end + 1;
        }
    }
    at += (flags & 2U) != 0 ? 2 : 0;
    return at <= bytes.size() ? std::optional<std::size_t>(at) : std::nullopt;
}

}  // namespace

struct GzipDecoder::Impl {
    enum class Mode : std::uint8_t { kHeader, kData, kPlain };

    Mode mode = Mode::kHeader;
    bool first = true;  // no member has begun yet
    std::string held;   // of a header that is not complete
    inflate_state state{};
    std::array<std::uint8_t, kPiece> piece{};

    static Status append(std::string& out, std::string_view bytes, std::size_t max_size) {
        const std::size_t room = max_size - std::min(max_size, out.size());
        append_padded(out, bytes.substr(0, room));
        return bytes.size() > room ? Status::kTooLarge : Status::kOk;
    }

    Status begin_member(std::string_view& bytes);
    Status inflate(std::string_view& bytes, std::string& out, std::size_t max_size);
};

GzipDecoder::GzipDecoder() : impl_(std::make_unique<Impl>()) {}
GzipDecoder::~GzipDecoder() = default;

// Takes the header of a member off the front; all of `bytes` is held while it is not complete.
GzipDecoder::Status GzipDecoder::Impl::begin_member(std::string_view& bytes) {
    const std::size_t before = held.size();
    held.append(bytes);
    const std::optional<std::size_t> size = header_size(held);
    if (!size) {
        bytes = {};
        return held.size() > kMaxHeader ? Status::kCorrupt : Status::kOk;
    }
    if (*size == 0) {
        if (!first) {
            return Status::kCorrupt;
        }
        mode = Mode::kPlain;
        return Status::kOk;
    }
    bytes.remove_prefix(*size - before);
    held.clear();
    first = false;
    mode = Mode::kData;
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP_NO_HDR_VER;
    return Status::kOk;
}

GzipDecoder::Status GzipDecoder::Impl::inflate(
    std::string_view& bytes, std::string& out, std::size_t max_size
) {
    // ISA-L does not write to its input.
    state.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
    state.avail_in = static_cast<std::uint32_t>(bytes.size());
    Status status = Status::kOk;
    do {
        state.next_out = piece.data();
        state.avail_out = static_cast<std::uint32_t>(piece.size());
        const int result = isal_inflate(&state);
        if (result != ISAL_DECOMP_OK && result != ISAL_END_INPUT) {
            return Status::kCorrupt;
        }
        const std::size_t got = piece.size() - state.avail_out;
        status = append(out, {reinterpret_cast<const char*>(piece.data()), got}, max_size);
    } while (status == Status::kOk && state.block_state != ISAL_BLOCK_FINISH &&
             (state.avail_in > 0 || state.avail_out == 0));
    bytes.remove_prefix(bytes.size() - state.avail_in);
    if (state.block_state == ISAL_BLOCK_FINISH) {
        mode = Mode::kHeader;
    }
    return status;
}

GzipDecoder::Status GzipDecoder::feed(
    std::string_view bytes, std::string& out, std::size_t max_size
) {
    Status status = Status::kOk;
    while (!bytes.empty() && status == Status::kOk) {
        switch (impl_->mode) {
            case Impl::Mode::kHeader:
                status = impl_->begin_member(bytes);
                break;
            case Impl::Mode::kData:
                status = impl_->inflate(bytes, out, max_size);
                break;
            case Impl::Mode::kPlain:
                if (!impl_->held.empty()) {
                    return Impl::append(out, std::exchange(impl_->held, {}), max_size);
                }
                return Impl::append(out, bytes, max_size);
        }
    }
    return status;
}

bool GzipDecoder::finish(std::string& out) {
    const bool plain =
        impl_->mode == Impl::Mode::kPlain ||
        (impl_->mode == Impl::Mode::kHeader && impl_->first && impl_->held.size() < 2);
    if (plain) {
        append_padded(out, std::exchange(impl_->held, {}));
        return true;
    }
    return impl_->mode == Impl::Mode::kHeader && impl_->held.empty();
}

void append_padded(std::string& out, std::string_view bytes) {
    const std::size_t needed = out.size() + bytes.size() + kBodyPadding;
    if (needed > out.capacity()) {
        out.reserve(std::max(needed, out.capacity() + out.capacity() / 2));
    }
    out.append(bytes);
}

}  // namespace meshscope::clients
