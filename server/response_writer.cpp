#include "server/response_writer.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace meshscope::server {
namespace {

constexpr std::size_t kCompressFrom = 1400;         // below, a body fits one packet anyway
constexpr std::size_t kPiece = 64 * 1024;           // of a body that is streamed
constexpr std::size_t kCompressAtOnce = 64 * 1024;  // well below a millisecond
constexpr std::size_t kCopied = 8 * 1024;           // a shorter body travels in the head's buffer

void append_hex(std::string& out, std::size_t value) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
    out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

}  // namespace

ResponseWriter::ResponseWriter(Response response, const WriteOptions& options)
    : response_(std::move(response)),
      accept_encoding_(options.accept_encoding),
      head_only_(options.head_only) {
    parts_.fixed = options.fixed;
    parts_.now = options.now;
    parts_.request_id = options.request_id;
    parts_.keep_alive = options.keep_alive && !is_live();
    parts_.http10 = options.http10;
}

bool ResponseWriter::is_live() const {
    return std::holds_alternative<std::shared_ptr<LiveBody>>(response_.body);
}

// Also notes that the answer depends on Accept-Encoding, and on which coding it got.
bool ResponseWriter::may_compress(std::size_t size) {
    if (!accept_encoding_ || size < kCompressFrom || !is_compressible(response_.content_type) ||
        response_.headers.get("Content-Encoding")) {
        return false;
    }
    parts_.vary = true;
    parts_.coding = choose_coding(*accept_encoding_);
    return parts_.coding != ContentCoding::kIdentity;
}

void ResponseWriter::begin_text(std::string body) {
    text_ = std::move(body);
    response_.body = std::string();
    if (may_compress(text_.size())) {
        if (text_.size() > kCompressAtOnce && !parts_.http10) {
            begin_stream();
            return;
        }
        std::string packed;
        packed.reserve(text_.size() / 4);
        make_encoder(parts_.coding)->write(text_, true, packed);
        text_ = std::move(packed);
    }
    parts_.content_length = text_.size();
    append_response_head(first_, response_, parts_);
    if (head_only_) {
        text_.clear();
    } else if (text_.size() <= kCopied) {
        first_ += text_;
        text_.clear();
    }
}

void ResponseWriter::begin_stream() {
    streaming_ = true;
    if (parts_.http10) {
        parts_.keep_alive = false;
    } else {
        parts_.chunked = true;
    }
    if (parts_.coding != ContentCoding::kIdentity) {
        encoder_ = make_encoder(parts_.coding);
    }
    append_response_head(first_, response_, parts_);
}

bool ResponseWriter::pull() {
    if (auto* source = std::get_if<BodySource>(&response_.body); source != nullptr && *source) {
        return (*source)(raw_);
    }
    const std::string_view rest = std::string_view(text_).substr(text_at_, kPiece);
    raw_ += rest;
    text_at_ += rest.size();
    return text_at_ < text_.size();
}

ResponseWriter::Piece ResponseWriter::next_of_stream() {
    if (raw_.empty() && !source_done_) {
        source_done_ = !pull();
    }
    second_.clear();
    if (encoder_) {
        encoder_->write(raw_, source_done_, second_);
    } else {
        second_.swap(raw_);
    }
    raw_.clear();
    if (parts_.chunked) {
        if (!second_.empty()) {
            append_hex(first_, second_.size());
            first_ += "\r\n";
            second_ += "\r\n";
        }
        if (source_done_) {
            second_ += "0\r\n\r\n";
        }
    }
    return {first_, second_, source_done_};
}

ResponseWriter::Piece ResponseWriter::frame(std::string bytes, bool last) {
    first_.clear();
    raw_ = std::move(bytes);
    source_done_ = last;
    return raw_.empty() && !last ? Piece{} : next_of_stream();
}

ResponseWriter::Piece ResponseWriter::next() {
    if (begun_) {
        first_.clear();
        return next_of_stream();
    }
    begun_ = true;
    if (!status_has_body(response_.status)) {
        append_response_head(first_, response_, parts_);
        return {first_, {}, true};
    }
    if (auto* text = std::get_if<std::string>(&response_.body)) {
        begin_text(std::move(*text));
    } else if (head_only_) {
        append_response_head(first_, response_, parts_);
        return {first_, {}, true};
    } else if (is_live()) {
        begin_stream();
        return {first_, {}, false};
    } else {
        for (std::size_t before = 1; !source_done_ && raw_.size() < kCompressFrom && before != 0;) {
            before = raw_.size();
            source_done_ = !pull();
            before = raw_.size() - before;  // a source that gives nothing is not asked forever
        }
        if (source_done_) {
            begin_text(std::exchange(raw_, {}));
        } else {
            may_compress(kCompressFrom);
            begin_stream();
        }
    }
    if (streaming_) {
        return head_only_ ? Piece{first_, {}, true} : next_of_stream();
    }
    return {first_, text_, true};
}

}  // namespace meshscope::server
