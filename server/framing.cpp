#include "server/framing.hpp"

#include "core/text.hpp"
#include "server/byte_sets.hpp"

#include <algorithm>
#include <charconv>

namespace meshscope::server {
namespace {

constexpr std::size_t kMaxMethodBytes = 32;

constexpr FramingError kBadLine{400, "bad_request_line", "the request line is malformed"};
constexpr FramingError kBadTarget{
    400, "bad_request_line", "the request target holds a character that a URL must encode"
};
constexpr FramingError kBadVersion{
    505, "http_version", "only HTTP/1.0 and HTTP/1.1 are spoken here"
};
constexpr FramingError kLongTarget{414, "uri_too_long", "the request target is too long"};
constexpr FramingError kLongFields{431, "headers_too_large", "the header fields are too large"};
constexpr FramingError kManyFields{431, "headers_too_large", "there are too many header fields"};
constexpr FramingError kBareLf{
    400, "bad_framing", "a line ends without carriage return and line feed"
};
constexpr FramingError kFolded{400, "bad_framing", "a header field is folded over several lines"};
constexpr FramingError kBadName{400, "bad_header", "the name of a header field is malformed"};
constexpr FramingError kBadValue{
    400, "bad_header", "the value of a header field holds a control character"
};
constexpr FramingError kNoHost{400, "bad_host", "the Host field is missing"};
constexpr FramingError kTwoHosts{400, "bad_host", "there is more than one Host field"};
constexpr FramingError kBadHost{400, "bad_host", "the Host field is malformed"};
constexpr FramingError kBadLength{400, "bad_framing", "Content-Length is not one decimal number"};
constexpr FramingError kTwoLengths{
    400, "bad_framing", "there is more than one Content-Length field"
};
constexpr FramingError kBadCoding{
    400, "bad_framing", "Transfer-Encoding must be exactly \"chunked\", once"
};
constexpr FramingError kOldChunked{400, "bad_framing", "Transfer-Encoding is not part of HTTP/1.0"};
constexpr FramingError kBothLengths{
    400, "bad_framing", "Content-Length and Transfer-Encoding exclude each other"
};
constexpr FramingError kBadConnection{400, "bad_header", "the Connection field is malformed"};
constexpr FramingError kBadExpect{
    417, "expectation_failed", "the only expectation understood is 100-continue"
};

bool all_in(std::string_view text, const ByteSet& set) {
    return std::ranges::all_of(text, [&](char c) { return set[static_cast<unsigned char>(c)]; });
}

std::string_view trim_blanks(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<FramingError> check_version(std::string_view version, HeadFacts& facts) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (version.size() != 8 || !version.starts_with("HTTP/") || !digit(version[5]) ||
        version[6] != '.' || !digit(version[7])) {
        return kBadLine;
    }
    if (version[5] != '1' || version[7] > '1') {
        return kBadVersion;
    }
    facts.http10 = version[7] == '0';
    facts.keep_alive = !facts.http10;
    return std::nullopt;
}

std::optional<FramingError> check_request_line(
    std::string_view line, const HeadLimits& limits, HeadFacts& facts
) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last == first) {
        return kBadLine;
    }
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    if (method.size() > kMaxMethodBytes || !is_token(method) || target.empty()) {
        return kBadLine;
    }
    if (target.size() > limits.max_target_bytes) {
        return kLongTarget;
    }
    if (!all_in(target, kTargetBytes)) {
        return kBadTarget;
    }
    return check_version(line.substr(last + 1), facts);
}

// The fields that say where a message ends and what becomes of the connection.
class FieldCheck {
 public:
    explicit FieldCheck(HeadFacts& facts) : facts_(facts) {}

    std::optional<FramingError> field(std::string_view name, std::string_view value) {
        switch (name.size()) {
            case 4:
                return iequals(name, "host") ? host(value) : std::nullopt;
            case 6:
                return iequals(name, "expect") ? expect(value) : std::nullopt;
            case 10:
                return iequals(name, "connection") ? connection(value) : std::nullopt;
            case 14:
                return iequals(name, "content-length") ? length(value) : std::nullopt;
            case 17:
                return iequals(name, "transfer-encoding") ? coding(value) : std::nullopt;
            default:
                return std::nullopt;
        }
    }

    std::optional<FramingError> finish() {
        if (!host_ && !facts_.http10) {
            return kNoHost;
        }
        if (length_ && coding_) {
            return kBothLengths;
        }
        if (coding_ && facts_.http10) {
            return kOldChunked;
        }
        if (close_) {
            facts_.keep_alive = false;
        } else if (keep_alive_) {
            facts_.keep_alive = true;
        }
        if (coding_) {
            facts_.body = BodyFraming::kChunked;
        } else if (facts_.content_length > 0) {
            facts_.body = BodyFraming::kLength;
        }
        facts_.expects_continue = expect_ && !facts_.http10 && facts_.body != BodyFraming::kNone;
        return std::nullopt;
    }

 private:
    std::optional<FramingError> host(std::string_view value) {
        if (host_) {
            return kTwoHosts;
        }
        host_ = true;
        if (value.empty() || !all_in(value, kHostBytes)) {
            return kBadHost;
        }
        return std::nullopt;
    }

    std::optional<FramingError> expect(std::string_view value) {
        if (!iequals(value, "100-continue")) {
            return kBadExpect;
        }
        expect_ = true;
        return std::nullopt;
    }

    std::optional<FramingError> connection(std::string_view value) {
        while (!value.empty()) {
            const std::size_t comma = value.find(',');
            const std::string_view token = trim_blanks(value.substr(0, comma));
            value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
            if (token.empty()) {
                continue;
            }
            if (!is_token(token)) {
                return kBadConnection;
            }
            close_ = close_ || iequals(token, "close");
            keep_alive_ = keep_alive_ || iequals(token, "keep-alive");
        }
        return std::nullopt;
    }

    std::optional<FramingError> length(std::string_view value) {
        if (length_) {
            return kTwoLengths;
        }
        length_ = true;
        const char* end = value.data() + value.size();
        const auto [at, error] = std::from_chars(value.data(), end, facts_.content_length);
        // from_chars takes a minus sign only for signed types, and never a plus sign or a space.
        if (error != std::errc() || at != end) {
            return kBadLength;
        }
        return std::nullopt;
    }

    std::optional<FramingError> coding(std::string_view value) {
        if (coding_ || !iequals(value, "chunked")) {
            return kBadCoding;
        }
        coding_ = true;
        return std::nullopt;
    }

    HeadFacts& facts_;
    bool host_ = false;
    bool length_ = false;
    bool coding_ = false;
    bool close_ = false;
    bool keep_alive_ = false;
    bool expect_ = false;
};

std::optional<FramingError> check_field(std::string_view line, FieldCheck& check) {
    if (line.front() == ' ' || line.front() == '\t') {
        return kFolded;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
        return kBadName;
    }
    const std::string_view value = line.substr(colon + 1);
    if (!all_in(value, kValueBytes)) {
        return kBadValue;
    }
    return check.field(line.substr(0, colon), trim_blanks(value));
}

}  // namespace

bool is_token(std::string_view text) { return !text.empty() && all_in(text, kTokenBytes); }

bool HeadScanner::refuse(FramingError error) {
    error_ = error;
    return false;
}

void HeadScanner::reset() {
    scanned_ = 0;
    line_start_ = 0;
    fields_start_ = 0;
    fields_ = 0;
    error_.reset();
}

// Whether a head may have `size` bytes, as far as it has been read.
bool HeadScanner::within_limits(std::size_t size) {
    if (fields_start_ == 0) {
        const std::size_t longest = limits_.max_target_bytes + kMaxMethodBytes + 12;
        return size <= longest || refuse(kLongTarget);
    }
    return size - fields_start_ <= limits_.max_header_bytes + 2 || refuse(kLongFields);
}

// `line_end` is the place of the CR. True at the empty line.
bool HeadScanner::end_line(std::size_t line_end) {
    const bool empty = line_end == line_start_;
    if (!within_limits(scanned_)) {
        return false;
    }
    line_start_ = scanned_;
    if (fields_start_ == 0) {
        fields_start_ = scanned_;
        return empty ? refuse(kBadLine) : false;
    }
    if (empty) {
        return true;
    }
    ++fields_;
    return fields_ > limits_.max_header_fields ? refuse(kManyFields) : false;
}

bool HeadScanner::scan(std::string_view data) {
    // Anything that is not text, a TLS hello for instance, need not wait for a time limit.
    if (!data.empty() && !kTokenBytes[static_cast<unsigned char>(data.front())]) {
        return refuse(kBadLine);
    }
    while (scanned_ < data.size()) {
        const std::size_t lf = data.find('\n', scanned_);
        if (lf == std::string_view::npos) {
            scanned_ = data.size();
            (void)within_limits(scanned_);
            return false;
        }
        scanned_ = lf + 1;
        if (lf == 0 || data[lf - 1] != '\r') {
            return refuse(kBareLf);
        }
        if (end_line(lf - 1)) {
            return true;
        }
        if (error_) {
            return false;
        }
    }
    return false;
}

std::optional<FramingError> check_head(
    std::string_view head, const HeadLimits& limits, HeadFacts& facts
) {
    facts = {};
    std::size_t end = head.find("\r\n");
    if (end == std::string_view::npos) {
        return kBadLine;
    }
    if (auto error = check_request_line(head.substr(0, end), limits, facts)) {
        return error;
    }
    head.remove_prefix(end + 2);
    if (head.size() > limits.max_header_bytes + 2) {
        return kLongFields;
    }
    FieldCheck check(facts);
    for (std::size_t fields = 0;; ++fields) {
        end = head.find("\r\n");
        if (end == std::string_view::npos) {
            return kBareLf;
        }
        if (end == 0) {
            return check.finish();
        }
        if (fields == limits.max_header_fields) {
            return kManyFields;
        }
        if (auto error = check_field(head.substr(0, end), check)) {
            return error;
        }
        head.remove_prefix(end + 2);
    }
}

}  // namespace meshscope::server
