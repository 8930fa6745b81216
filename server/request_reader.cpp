#include "server/request_reader.hpp"

#include "server/chunk_decoder.hpp"
#include "server/server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <limits>
#include <optional>

namespace meshscope::server {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

constexpr FramingError kNotUnderstood{400, "bad_framing", "the request is malformed"};
constexpr FramingError kBadChunk{400, "bad_framing", "the chunked body is malformed"};
constexpr FramingError kBodyTooLarge{413, "too_large", "the body of the request is too large"};
constexpr std::size_t kMaxReserve =
    256 * 1024;  // believed of a Content-Length before its bytes are there

Method to_method(http::verb verb) {
    switch (verb) {
        case http::verb::get:
            return Method::kGet;
        case http::verb::head:
            return Method::kHead;
        case http::verb::post:
            return Method::kPost;
        case http::verb::put:
            return Method::kPut;
        case http::verb::patch:
            return Method::kPatch;
        case http::verb::delete_:
            return Method::kDelete;
        case http::verb::options:
            return Method::kOptions;
        default:
            return Method::kOther;
    }
}

std::string to_text(string_view text) { return {text.data(), text.size()}; }

// Beast's parser without its containers.
class Parser final : public http::basic_parser<true> {
 public:
    explicit Parser(Request& request) : request_(request) {}

 private:
    void on_request_impl(http::verb verb, string_view, string_view target, int, error_code&)
        override {
        request_.method = to_method(verb);
        request_.target.assign(target.data(), target.size());
    }
    void on_response_impl(int, string_view, int, error_code&) override {}
    void on_field_impl(http::field, string_view name, string_view value, error_code&) override {
        request_.headers.add(to_text(name), to_text(value));
    }
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
        if (length) {
            request_.body.reserve(
                static_cast<std::size_t>(std::min<std::uint64_t>(*length, kMaxReserve))
            );
        }
    }
    std::size_t on_body_impl(string_view text, error_code&) override {
        request_.body.append(text.data(), text.size());
        return text.size();
    }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view text, error_code&) override {
        return text.size();  // ChunkDecoder reads chunks; none come here
    }
    void on_finish_impl(error_code&) override {}

    Request& request_;
};

}  // namespace

struct RequestReader::Impl {
    explicit Impl(const Limits& the_limits)
        : limits(the_limits),
          head_limits{
              the_limits.max_target_bytes, the_limits.max_header_bytes, the_limits.max_header_fields
          },
          scanner(head_limits) {}

    const Limits& limits;
    HeadLimits head_limits;
    HeadScanner scanner;
    std::optional<Parser> parser;  // set once the head is complete
    std::optional<ChunkDecoder> chunks;
    HeadFacts facts;
    FramingError refusal;
    std::size_t consumed = 0;
    bool skipped_empty_line = false;

    Step refuse(FramingError error) {
        refusal = error;
        return Step::kRefused;
    }

    Step read_head(std::string_view data, Request& request);
    Step read_chunks(std::string_view data, Request& request);
    Step read_body(std::string_view data);
    std::optional<FramingError> feed(std::string_view data);
};

// Gives `data` to the parser; consumed grows by what it took.
std::optional<FramingError> RequestReader::Impl::feed(std::string_view data) {
    error_code error;
    consumed += parser->put(boost::asio::buffer(data.data(), data.size()), error);
    if (!error || error == http::error::need_more) {
        return std::nullopt;
    }
    return error == http::error::body_limit ? kBodyTooLarge : kNotUnderstood;
}

RequestReader::Step RequestReader::Impl::read_head(std::string_view data, Request& request) {
    // One empty line before a request is what old clients send after a body (RFC 9112 2.2).
    std::size_t skip = 0;
    if (data.starts_with('\r') && !skipped_empty_line) {
        if (data.size() < 2) {
            return Step::kNeedMore;
        }
        skip = data.starts_with("\r\n") ? 2 : 0;
        skipped_empty_line = true;
        data.remove_prefix(skip);
        consumed = skip;
    }
    if (!scanner.scan(data)) {
        return scanner.error() ? refuse(*scanner.error()) : Step::kNeedMore;
    }
    const std::string_view head = data.substr(0, scanner.size());
    if (auto error = check_head(head, head_limits, facts)) {
        return refuse(*error);
    }
    if (facts.content_length > limits.max_body_bytes) {
        return refuse(kBodyTooLarge);
    }
    parser.emplace(request);
    parser->eager(true);
    constexpr std::size_t kMaxHead = std::numeric_limits<std::uint32_t>::max();
    parser->header_limit(static_cast<std::uint32_t>(std::min(head.size() + 1, kMaxHead)));
    parser->body_limit(limits.max_body_bytes);
    if (auto error = feed(head)) {
        return refuse(*error);
    }
    if (!parser->is_header_done() || consumed != skip + head.size() ||
        parser->is_done() != (facts.body == BodyFraming::kNone)) {
        return refuse(kNotUnderstood);
    }
    if (facts.body == BodyFraming::kChunked) {
        chunks.emplace(limits.max_body_bytes);
    }
    return Step::kHead;
}

RequestReader::Step RequestReader::Impl::read_chunks(std::string_view data, Request& request) {
    consumed = chunks->take(data, request.body);
    if (chunks->malformed()) {
        return refuse(kBadChunk);
    }
    if (chunks->too_large()) {
        return refuse(kBodyTooLarge);
    }
    return chunks->done() ? Step::kComplete : Step::kNeedMore;
}

RequestReader::Step RequestReader::Impl::read_body(std::string_view data) {
    if (parser->is_done()) {
        return Step::kComplete;
    }
    if (!data.empty()) {
        if (auto error = feed(data)) {
            return refuse(*error);
        }
    }
    return parser->is_done() ? Step::kComplete : Step::kNeedMore;
}

RequestReader::RequestReader(const Limits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestReader::~RequestReader() = default;

RequestReader::Step RequestReader::advance(std::string_view data, Request& request) {
    impl_->consumed = 0;
    if (!impl_->parser) {
        return impl_->read_head(data, request);
    }
    return impl_->chunks ? impl_->read_chunks(data, request) : impl_->read_body(data);
}

std::size_t RequestReader::consumed() const { return impl_->consumed; }
const HeadFacts& RequestReader::facts() const { return impl_->facts; }
const FramingError& RequestReader::refusal() const { return impl_->refusal; }

void RequestReader::reset() {
    impl_->scanner.reset();
    impl_->parser.reset();
    impl_->chunks.reset();
    impl_->facts = {};
    impl_->skipped_empty_line = false;
}

}  // namespace meshscope::server
