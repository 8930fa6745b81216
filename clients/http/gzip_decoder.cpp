#include "clients/http/gzip_decoder.hpp"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>

namespace meshscope::clients {

namespace {

constexpr std::string_view kMagic("\x1f\x8b", 2);
constexpr std::size_t kPiece = 64UL * 1024;

}  // namespace

struct GzipDecoder::Impl {
    enum class Mode : std::uint8_t { kUnknown, kPlain, kInMember, kBetween };

    Mode mode = Mode::kUnknown;
    std::string held;  // a first byte that could still be either
    inflate_state state{};
    std::array<std::uint8_t, kPiece> piece{};

    void begin_member() {
        isal_inflate_init(&state);
        state.crc_flag = ISAL_GZIP;
        mode = Mode::kInMember;
    }

    static Status append(std::string& out, std::string_view bytes, std::size_t max_size) {
        const std::size_t room = max_size - std::min(max_size, out.size());
        append_padded(out, bytes.substr(0, room));
        return bytes.size() > room ? Status::kTooLarge : Status::kOk;
    }

    Status inflate(std::string_view bytes, std::string& out, std::size_t max_size);
};

GzipDecoder::GzipDecoder() : impl_(std::make_unique<Impl>()) {}
GzipDecoder::~GzipDecoder() = default;

GzipDecoder::Status GzipDecoder::Impl::inflate(
    std::string_view bytes, std::string& out, std::size_t max_size
) {
    // ISA-L does not write to its input.
    state.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
    state.avail_in = static_cast<std::uint32_t>(bytes.size());
    bool more = true;
    while (more) {
        if (mode == Mode::kBetween) {
            if (state.avail_in == 0) {
                return Status::kOk;
            }
            std::uint8_t* const next = state.next_in;
            const std::uint32_t left = state.avail_in;
            begin_member();
            state.next_in = next;
            state.avail_in = left;
        }
        state.next_out = piece.data();
        state.avail_out = static_cast<std::uint32_t>(piece.size());
        const int result = isal_inflate(&state);
        if (result != ISAL_DECOMP_OK && result != ISAL_END_INPUT) {
            return Status::kCorrupt;
        }
        const std::size_t got = piece.size() - state.avail_out;
        const Status status =
            append(out, {reinterpret_cast<const char*>(piece.data()), got}, max_size);
        if (status != Status::kOk) {
            return status;
        }
        if (state.block_state == ISAL_BLOCK_FINISH) {
            mode = Mode::kBetween;
        }
        more = state.avail_in > 0 || state.avail_out == 0;
    }
    return Status::kOk;
}

GzipDecoder::Status GzipDecoder::feed(
    std::string_view bytes, std::string& out, std::size_t max_size
) {
    std::string joined;
    if (impl_->mode == Impl::Mode::kUnknown) {
        if (!impl_->held.empty()) {
            joined = impl_->held.append(bytes);
            bytes = joined;
            impl_->held.clear();
        }
        const std::string_view start = bytes.substr(0, kMagic.size());
        if (!kMagic.starts_with(start)) {
            impl_->mode = Impl::Mode::kPlain;
        } else if (start.size() < kMagic.size()) {
            impl_->held = bytes;
            return Status::kOk;
        } else {
            impl_->begin_member();
        }
    }
    if (impl_->mode == Impl::Mode::kPlain) {
        return Impl::append(out, bytes, max_size);
    }
    return impl_->inflate(bytes, out, max_size);
}

bool GzipDecoder::finish(std::string& out) {
    append_padded(out, impl_->held);
    impl_->held.clear();
    return impl_->mode != Impl::Mode::kInMember;
}

void append_padded(std::string& out, std::string_view bytes) {
    const std::size_t needed = out.size() + bytes.size() + kBodyPadding;
    if (needed > out.capacity()) {
        out.reserve(std::max(needed, out.capacity() + out.capacity() / 2));
    }
    out.append(bytes);
}

}  // namespace meshscope::clients
