#include "core/error.hpp"

#include <utility>

namespace meshscope {

struct Error::Data {
    ErrorKind kind = ErrorKind::kInternal;
    std::string message;
    std::string code;
    std::string detail;
    std::string upstream;
    Hint hint;
    Cause cause = Cause::kNone;
    std::string log_detail;
};

std::string_view code_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::kInvalidArgument:
            return "invalid_parameter";
        case ErrorKind::kUnauthenticated:
            return "unauthenticated";
        case ErrorKind::kForbidden:
            return "forbidden";
        case ErrorKind::kNotFound:
            return "not_found";
        case ErrorKind::kMethodNotAllowed:
            return "method_not_allowed";
        case ErrorKind::kRequestTimeout:
            return "request_timeout";
        case ErrorKind::kConflict:
            return "conflict";
        case ErrorKind::kTooLarge:
            return "too_large";
        case ErrorKind::kUriTooLong:
            return "uri_too_long";
        case ErrorKind::kUnsupportedMedia:
            return "unsupported_media_type";
        case ErrorKind::kRateLimited:
            return "rate_limited";
        case ErrorKind::kHeadersTooLarge:
            return "headers_too_large";
        case ErrorKind::kCancelled:
            return "cancelled";
        case ErrorKind::kInternal:
            return "internal";
        case ErrorKind::kNotImplemented:
            return "not_implemented";
        case ErrorKind::kUpstreamAuth:
            return "upstream_auth";
        case ErrorKind::kUpstreamProtocol:
            return "upstream_protocol";
        case ErrorKind::kUpstreamUnavailable:
            return "upstream_unreachable";
        case ErrorKind::kUnavailable:
            return "unavailable";
        case ErrorKind::kDeadline:
            return "upstream_timeout";
    }
    return "internal";
}

Error::Error() : Error(ErrorKind::kInternal, "unknown error") {}

Error::Error(ErrorKind kind, std::string message) {
    auto data = std::make_shared<Data>();
    data->kind = kind;
    data->message = std::move(message);
    data->code = code_of(kind);
    data_ = std::move(data);
}

Error::Error(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

Error Error::with_code(std::string code) const {
    auto copy = std::make_shared<Data>(*data_);
    copy->code = std::move(code);
    return Error(std::shared_ptr<const Data>(std::move(copy)));
}

Error Error::with_detail(std::string detail) const {
    auto copy = std::make_shared<Data>(*data_);
    copy->detail = std::move(detail);
    return Error(std::shared_ptr<const Data>(std::move(copy)));
}

Error Error::with_upstream(std::string upstream) const {
    auto copy = std::make_shared<Data>(*data_);
    copy->upstream = std::move(upstream);
    return Error(std::shared_ptr<const Data>(std::move(copy)));
}

Error Error::with_hint(Hint hint) const {
    auto copy = std::make_shared<Data>(*data_);
    copy->hint = std::move(hint);
    return Error(std::shared_ptr<const Data>(std::move(copy)));
}

Error Error::with_cause(Cause cause) const {
    auto copy = std::make_shared<Data>(*data_);
    copy->cause = cause;
    return Error(std::shared_ptr<const Data>(std::move(copy)));
}

Error Error::with_log_detail(std::string text) const {
    auto copy = std::make_shared<Data>(*data_);
    copy->log_detail = std::move(text);
    return Error(std::shared_ptr<const Data>(std::move(copy)));
}

ErrorKind Error::kind() const { return data_->kind; }
const std::string& Error::message() const { return data_->message; }
const std::string& Error::code() const { return data_->code; }
const std::string& Error::detail() const { return data_->detail; }
const std::string& Error::upstream() const { return data_->upstream; }
const Hint& Error::hint() const { return data_->hint; }
Cause Error::cause() const { return data_->cause; }
const std::string& Error::log_detail() const { return data_->log_detail; }

}  // namespace meshscope
