#include "clients/http/response_reader.hpp"

#include "clients/http/gzip_decoder.hpp"
#include "core/text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

namespace meshscope::clients {
namespace http = boost::beast::http;
using boost::beast::error_code;

namespace {

constexpr std::size_t kMaxChunkHeader = 16UL * 1024;
constexpr int kMaxInterim = 16;
constexpr std::size_t kLeastChunks = 5;  // "0\r\n\r\n"
constexpr std::size_t kPiece = 1024UL * 1024;
constexpr std::size_t kPieceSlack = 128UL * 1024;  // the reads that may go beyond a piece

Fault protocol_fault(std::string cause) {
    Fault fault;
    fault.kind = ErrorKind::kUpstreamProtocol;
    fault.cause = std::move(cause);
    return fault;
}

// What sent bytes that are no HTTP response; nullopt while that is open.
std::optional<Fault> sniff(std::string_view bytes, bool over_tls, bool at_end) {
    if (bytes.empty() || std::string_view("HTTP/").starts_with(bytes.substr(0, 5))) {
        return std::nullopt;
    }
    const auto byte = [&](std::size_t i) {
        return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0x100U;
    };
    // An HTTP/2 connection begins with a SETTINGS frame: 24 bits of length, type 4.
    const bool maybe_http2 = byte(0) == 0 && (byte(1) == 0 || byte(1) == 0x100U);
    if (maybe_http2 && bytes.size() < 4 && !at_end) {
        return std::nullopt;
    }
    if (maybe_http2 && byte(3) == 4) {
        return grpc_port_fault();
    }
    const bool tls_record =
        byte(0) >= 0x14 && byte(0) <= 0x17 && (byte(1) == 3 || byte(1) == 0x100U);
    if (tls_record && !over_tls) {
        return tls_on_plain_fault();
    }
    Fault fault = protocol_fault("the answer is not HTTP");
    fault.setting = kUrlSetting;
    fault.advice = "check the port in the URL";
    return fault;
}

// Whether a chunk is none without data, by the first digit of its size.
bool has_data(char digit) {
    return std::string_view("123456789abcdefABCDEF").find(digit) != std::string_view::npos;
}

std::string explain(const error_code& error) {
    if (error == http::error::header_limit) {
        return "the response header is too large";
    }
    if (error == http::error::bad_content_length || error == http::error::bad_transfer_encoding ||
        error == http::error::multiple_content_length) {
        return "the response contradicts itself about its length";
    }
    if (error == http::error::bad_chunk || error == http::error::bad_chunk_extension) {
        return "the chunks of the response are broken";
    }
    return "the HTTP response is broken (" + error.message() + ")";
}

// Collects one response; our own refusals are kept in `fault`.
class Parser final : public http::basic_parser<false> {
 public:
    Parser(const HttpLimits& limits, ResponseExpectation expectation)
        : limits_(limits), expectation_(expectation) {
        header_limit(static_cast<std::uint32_t>(limits.max_header_bytes));
        body_limit(boost::none);
        eager(true);
        skip(expectation.no_body);
    }

    HttpResponse response;
    std::optional<Fault> fault;
    bool too_large = false;
    std::uint64_t body_bytes = 0;
    bool in_chunks = false;  // the header of a chunk with data has come
    std::unique_ptr<GzipDecoder> gzip;

    bool streaming = false;

    [[nodiscard]] bool interim() const { return response.status / 100 == 1; }

    std::string take_body(bool more) {
        std::string piece = std::move(response.body);
        response.body.clear();
        handed_out_ += piece.size();
        if (more && !expectation_.endless) {
            response.body.reserve(kPiece + kPieceSlack);
        }
        return piece;
    }

 private:
    using View = boost::beast::string_view;

    void refuse(std::string cause, error_code& error) {
        fault = protocol_fault(std::move(cause));
        error = http::error::bad_value;
    }

    void on_request_impl(http::verb, View, View, int, error_code&) override {}
    void on_response_impl(int code, View, int version, error_code& error) override {
        if (version != 10 && version != 11) {
            refuse("the answer is HTTP of another version than 1.0 and 1.1", error);
        }
        version_ = version;
        response.status = static_cast<unsigned>(code);
    }
    void on_field_impl(http::field, View name, View value, error_code& error) override {
        if (header_over_) {
            return;  // trailers are of no use here
        }
        if (response.headers.size() >= limits_.max_header_fields) {
            return refuse("the response has too many header fields", error);
        }
        response.headers.emplace_back(
            to_lower({name.data(), name.size()}), std::string(value.data(), value.size())
        );
    }
    void on_header_impl(error_code& error) override {
        header_over_ = true;
        std::size_t codings = 0;
        for (const auto& [name, value] : response.headers) {
            if (name == "transfer-encoding") {
                ++codings;
                if (!iequals(value, "chunked")) {
                    return refuse("transfer encoding '" + value.substr(0, 40) + "'", error);
                }
            }
        }
        if (codings > 1 || (codings == 1 && version_ == 10)) {
            return refuse("the response contradicts itself about its length", error);
        }
        check_encoding(error);
    }
    void check_encoding(error_code& error) {
        const std::string coding = to_lower(trim(response.header("content-encoding")));
        if (coding.empty() || coding == "identity" || interim()) {
            return;
        }
        const bool is_gzip = coding == "gzip" || coding == "x-gzip";
        if (!is_gzip || !expectation_.accept_gzip) {
            return refuse(
                "content encoding '" + coding.substr(0, 40) + "' was not asked for", error
            );
        }
        gzip = std::make_unique<GzipDecoder>();
    }
    void on_body_init_impl(
        const boost::optional<std::uint64_t>& length, error_code& /*error*/
    ) override {
        if (length && !gzip) {
            const std::uint64_t most = std::min<std::uint64_t>(*length, max_body());
            streaming = may_stream() && most > expectation_.stream_above;
            const std::size_t whole =
                streaming ? kPiece + kPieceSlack : static_cast<std::size_t>(most) + kBodyPadding;
            response.body.reserve(streaming && expectation_.endless ? 0 : whole);
        }
    }
    std::size_t on_body_impl(View bytes, error_code& error) override { return take(bytes, error); }
    void on_chunk_header_impl(std::uint64_t size, View, error_code&) override {
        in_chunks = in_chunks || size > 0;
    }
    std::size_t on_chunk_body_impl(std::uint64_t, View bytes, error_code& error) override {
        return take(bytes, error);
    }
    void on_finish_impl(error_code&) override {}

    [[nodiscard]] bool may_stream() const { return response.status / 100 == 2; }
    [[nodiscard]] std::size_t max_body() const {
        const bool any = expectation_.endless && may_stream();
        return any ? std::numeric_limits<std::size_t>::max() : limits_.max_body_bytes;
    }

    std::size_t take(View bytes, error_code& error) {
        body_bytes += bytes.size();
        const std::size_t most = max_body() - handed_out_;
        std::string_view text(bytes.data(), bytes.size());
        if (gzip) {
            const auto status = gzip->feed(text, response.body, most);
            if (status == GzipDecoder::Status::kCorrupt) {
                refuse("the gzip body is broken", error);
            }
            too_large = status == GzipDecoder::Status::kTooLarge;
        } else {
            const std::size_t room = most - response.body.size();
            too_large = text.size() > room;
            append_padded(response.body, text.substr(0, room));
        }
        streaming = streaming || (may_stream() && response.body.size() > expectation_.stream_above);
        if (too_large) {
            error = http::error::body_limit;
        }
        return bytes.size();
    }

    HttpLimits limits_;
    ResponseExpectation expectation_;
    bool header_over_ = false;
    int version_ = 11;
    std::size_t handed_out_ = 0;  // of the decoded body
};

}  // namespace

struct ResponseReader::Impl {
    Impl(const HttpLimits& limits_in, ResponseExpectation expectation_in)
        : limits(limits_in),
          expectation(expectation_in),
          parser(std::make_unique<Parser>(limits_in, expectation_in)) {}

    HttpLimits limits;
    ResponseExpectation expectation;
    std::unique_ptr<Parser> parser;
    std::string pending;  // bytes the parser could not use yet
    bool begun = false;
    bool surplus = false;
    int interim = 0;
    std::optional<Fault> cut;

    std::optional<Fault> parse(std::string_view bytes, std::size_t& used);
    void complete();
};

ResponseReader::ResponseReader(const HttpLimits& limits, ResponseExpectation expectation)
    : impl_(std::make_unique<Impl>(limits, expectation)) {}
ResponseReader::~ResponseReader() = default;

// Feeds the parser until it wants more; `used` is how far it came.
std::optional<Fault> ResponseReader::Impl::parse(std::string_view bytes, std::size_t& used) {
    used = 0;
    while (used < bytes.size() && !cut) {
        if (parser->is_done()) {
            if (!parser->interim()) {
                surplus = true;
                used = bytes.size();
                return std::nullopt;
            }
            if (parser->response.status == 101 || ++interim > kMaxInterim) {
                return protocol_fault("the server switches protocols or only sends interim answers"
                );
            }
            parser = std::make_unique<Parser>(limits, expectation);
        }
        error_code error;
        const std::string_view rest = bytes.substr(used);
        // Beast asserts on a last chunk that comes in pieces when there is none before it.
        if (parser->is_header_done() && parser->chunked() && !parser->in_chunks &&
            rest.size() < kLeastChunks && !has_data(rest.front())) {
            return std::nullopt;
        }
        used += parser->put(boost::asio::buffer(rest.data(), rest.size()), error);
        if (parser->too_large) {
            cut = Fault{
                ErrorKind::kTooLarge,
                "the body is larger than " + std::to_string(limits.max_body_bytes) + " bytes",
                "",
                "",
                "",
                false,
                "",
                Cause::kReceiveLimit
            };
            return std::nullopt;
        }
        if (error == http::error::need_more) {
            return std::nullopt;
        }
        if (error) {
            return parser->fault ? *parser->fault : protocol_fault(explain(error));
        }
    }
    return std::nullopt;
}

// A gzip stream has to end where the body ends.
void ResponseReader::Impl::complete() {
    if (parser->gzip && !parser->gzip->finish(parser->response.body) && !cut) {
        cut = Fault{ErrorKind::kUpstreamUnavailable, "the gzip body is cut short", "", "", ""};
    }
    parser->gzip.reset();
}

std::optional<Fault> ResponseReader::feed(std::string_view bytes) {
    Impl& self = *impl_;
    const bool joined = !self.pending.empty();
    if (joined) {
        self.pending.append(bytes);
        bytes = self.pending;
    }
    if (!self.begun) {
        if (auto fault = sniff(bytes, self.expectation.over_tls, false)) {
            return fault;
        }
        if (bytes.size() < 5) {
            if (!joined) {
                self.pending = bytes;
            }
            return std::nullopt;
        }
        self.begun = true;
    }
    std::size_t used = 0;
    if (auto fault = self.parse(bytes, used)) {
        return fault;
    }
    if (joined) {
        self.pending.erase(0, used);
    } else {
        self.pending.assign(bytes.substr(used));
    }
    if (header_done() && self.pending.size() > kMaxChunkHeader) {
        return protocol_fault("the chunks of the response are broken");
    }
    if (done()) {
        self.complete();
    }
    return std::nullopt;
}

std::optional<Fault> ResponseReader::end(bool orderly, const Fault& cause) {
    Impl& self = *impl_;
    if (!self.begun && !self.pending.empty()) {
        if (auto fault = sniff(self.pending, self.expectation.over_tls, true)) {
            return fault;
        }
    }
    if (!header_done()) {
        return cause;
    }
    if (!done()) {
        error_code error;
        if (orderly && self.parser->need_eof()) {
            self.parser->put_eof(error);
        } else {
            self.cut = cause;
        }
    }
    self.complete();
    return std::nullopt;
}

bool ResponseReader::begun() const { return impl_->begun || !impl_->pending.empty(); }

bool ResponseReader::header_done() const {
    return impl_->parser->is_header_done() && !impl_->parser->interim();
}

bool ResponseReader::done() const {
    return impl_->cut || (impl_->parser->is_done() && !impl_->parser->interim());
}

std::uint64_t ResponseReader::body_bytes() const { return impl_->parser->body_bytes; }

bool ResponseReader::reusable() const {
    return done() && !impl_->cut && !impl_->surplus && impl_->pending.empty() &&
           impl_->parser->keep_alive() && !impl_->expectation.no_body;
}

HttpResponse& ResponseReader::response() { return impl_->parser->response; }

bool ResponseReader::streaming() const { return impl_->parser->streaming; }

std::string ResponseReader::take_piece() {
    Parser& parser = *impl_->parser;
    const std::size_t least = impl_->expectation.endless ? 1 : kPiece;
    if (!parser.streaming || (!done() && parser.response.body.size() < least)) {
        return {};
    }
    return parser.take_body(!done());
}

const std::optional<Fault>& ResponseReader::cut() const { return impl_->cut; }

}  // namespace meshscope::clients
