#include "server/content_coding.hpp"

#include "core/text.hpp"

#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <vector>

namespace meshscope::server {
namespace {

constexpr std::size_t kGrowth = 16 * 1024;  // room made for each step of an encoder
constexpr int kZstdLevel = 1;
constexpr std::size_t kIdleEncoders =
    2;  // kept by each thread: their memory is worth more than a malloc

struct GzipState {
    isal_zstream stream{};
    std::vector<std::uint8_t> level_buffer = std::vector<std::uint8_t>(ISAL_DEF_LVL1_DEFAULT);
};

struct ZstdDelete {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
using ZstdState = std::unique_ptr<ZSTD_CCtx, ZstdDelete>;

template <class State>
std::vector<State>& idle_states() {
    thread_local std::vector<State> states;
    return states;
}

template <class State>
State take_idle() {
    auto& states = idle_states<State>();
    if (states.empty()) {
        return {};
    }
    State state = std::move(states.back());
    states.pop_back();
    return state;
}

template <class State>
void give_back(State state) {
    auto& states = idle_states<State>();
    if (state && states.size() < kIdleEncoders) {
        states.push_back(std::move(state));
    }
}

// Makes room behind the text of `out`, calls step(where, room) -> bytes written, until it says
// false.
template <class Step>
void grow(std::string& out, Step step) {
    for (bool more = true; more;) {
        const std::size_t size = out.size();
        out.resize(size + kGrowth);
        std::size_t written = 0;
        more = step(out.data() + size, kGrowth, written);
        out.resize(size + written);
    }
}

class GzipEncoder final : public ContentEncoder {
 public:
    GzipEncoder() : state_(take_idle<std::unique_ptr<GzipState>>()) {
        if (!state_) {
            state_ = std::make_unique<GzipState>();
        }
        isal_zstream& stream = state_->stream;
        isal_deflate_init(&stream);
        stream.level = 1;
        stream.level_buf = state_->level_buffer.data();
        stream.level_buf_size = static_cast<std::uint32_t>(state_->level_buffer.size());
        stream.gzip_flag = IGZIP_GZIP;
    }
    ~GzipEncoder() override { give_back(std::move(state_)); }
    GzipEncoder(const GzipEncoder&) = delete;
    GzipEncoder& operator=(const GzipEncoder&) = delete;

    void write(std::string_view piece, bool last, std::string& out) override {
        constexpr std::size_t kStep = 1U << 30U;  // its counters have 32 bits
        while (piece.size() > kStep) {
            run(piece.substr(0, kStep), false, out);
            piece.remove_prefix(kStep);
        }
        run(piece, last, out);
    }

 private:
    void run(std::string_view piece, bool last, std::string& out) {
        isal_zstream& stream = state_->stream;
        // The library's interface is not const-correct; it does not write here.
        stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(piece.data()));
        stream.avail_in = static_cast<std::uint32_t>(piece.size());
        stream.end_of_stream = last ? 1 : 0;
        grow(out, [&](char* where, std::size_t room, std::size_t& written) {
            stream.next_out = reinterpret_cast<std::uint8_t*>(where);
            stream.avail_out = static_cast<std::uint32_t>(room);
            if (isal_deflate(&stream) != COMP_OK) {
                throw std::logic_error("gzip: the encoder refused its input");
            }
            written = room - stream.avail_out;
            return stream.avail_out == 0;
        });
    }

    std::unique_ptr<GzipState> state_;
};

class ZstdEncoder final : public ContentEncoder {
 public:
    ZstdEncoder() : context_(take_idle<ZstdState>()) {
        if (!context_) {
            context_.reset(ZSTD_createCCtx());
        }
        ZSTD_CCtx_reset(context_.get(), ZSTD_reset_session_and_parameters);
        ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kZstdLevel);
    }
    ~ZstdEncoder() override { give_back(std::move(context_)); }
    ZstdEncoder(const ZstdEncoder&) = delete;
    ZstdEncoder& operator=(const ZstdEncoder&) = delete;

    void write(std::string_view piece, bool last, std::string& out) override {
        ZSTD_inBuffer in{piece.data(), piece.size(), 0};
        grow(out, [&](char* where, std::size_t room, std::size_t& written) {
            ZSTD_outBuffer to{where, room, 0};
            const std::size_t left =
                ZSTD_compressStream2(context_.get(), &to, &in, last ? ZSTD_e_end : ZSTD_e_continue);
            if (ZSTD_isError(left) != 0) {
                throw std::logic_error(std::string("zstd: ") + ZSTD_getErrorName(left));
            }
            written = to.pos;
            return last ? left != 0 : in.pos < in.size;
        });
    }

 private:
    ZstdState context_;
};

// A q-value in thousandths; nullopt when malformed (RFC 9110 12.4.2).
std::optional<int> parse_quality(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) {
        return std::nullopt;
    }
    int value = (text[0] - '0') * 1000;
    if (text.size() > 1 && text[1] != '.') {
        return std::nullopt;
    }
    int weight = 100;
    for (const char c : text.substr(std::min<std::size_t>(text.size(), 2))) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        value += (c - '0') * weight;
        weight /= 10;
    }
    return value <= 1000 ? std::optional(value) : std::nullopt;
}

struct Preferences {
    std::optional<int> gzip;
    std::optional<int> zstd;
    std::optional<int> identity;
    std::optional<int> any;

    void set(std::string_view coding, int quality) {
        if (iequals(coding, "gzip") || iequals(coding, "x-gzip")) {
            gzip = quality;
        } else if (iequals(coding, "zstd")) {
            zstd = quality;
        } else if (iequals(coding, "identity")) {
            identity = quality;
        } else if (coding == "*") {
            any = quality;
        }
    }
};

Preferences parse_accept(std::string_view text) {
    Preferences preferences;
    for (const std::string_view item : split(text, ',')) {
        const std::size_t semicolon = item.find(';');
        const std::string_view coding = trim(item.substr(0, semicolon));
        int quality = 1000;
        if (semicolon != std::string_view::npos) {
            const std::string_view parameter = trim(item.substr(semicolon + 1));
            const std::size_t equals = parameter.find('=');
            if (equals == std::string_view::npos ||
                !iequals(trim(parameter.substr(0, equals)), "q")) {
                continue;
            }
            const std::optional<int> value = parse_quality(trim(parameter.substr(equals + 1)));
            if (!value) {
                continue;
            }
            quality = *value;
        }
        preferences.set(coding, quality);
    }
    return preferences;
}

}  // namespace

std::string_view to_string(ContentCoding coding) {
    switch (coding) {
        case ContentCoding::kIdentity:
            return "identity";
        case ContentCoding::kGzip:
            return "gzip";
        case ContentCoding::kZstd:
            return "zstd";
    }
    return "identity";
}

ContentCoding choose_coding(std::string_view accept_encoding) {
    if (accept_encoding.empty()) {
        return ContentCoding::kIdentity;
    }
    const Preferences wish = parse_accept(accept_encoding);
    const int zstd = wish.zstd.value_or(wish.any.value_or(0));
    const int gzip = wish.gzip.value_or(wish.any.value_or(0));
    // Plain is liked less than what is named, unless it is named itself.
    const int identity = wish.identity.value_or(0);
    if (zstd > 0 && zstd >= gzip && zstd >= identity) {
        return ContentCoding::kZstd;
    }
    if (gzip > 0 && gzip >= identity) {
        return ContentCoding::kGzip;
    }
    return ContentCoding::kIdentity;
}

bool is_compressible(std::string_view content_type) {
    const std::string type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
    static constexpr std::array<std::string_view, 8> kTypes{
        "application/javascript",
        "application/json",
        "application/manifest+json",
        "application/openmetrics-text",
        "application/wasm",
        "application/xml",
        "application/yaml",
        "image/svg+xml"
    };
    if (type == "text/event-stream") {
        return false;  // an event must not wait in the encoder
    }
    return type.starts_with("text/") || type.ends_with("+json") ||
           std::ranges::find(kTypes, type) != kTypes.end();
}

std::unique_ptr<ContentEncoder> make_encoder(ContentCoding coding) {
    if (coding == ContentCoding::kZstd) {
        return std::make_unique<ZstdEncoder>();
    }
    return std::make_unique<GzipEncoder>();
}

}  // namespace meshscope::server
