#include "handlers/error_response.hpp"

#include "core/json_writer.hpp"
#include "handlers/safe_text.hpp"

#include <string>

namespace meshscope::handlers {

unsigned status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::kInvalidArgument:
            return 400;
        case ErrorKind::kUnauthenticated:
            return 401;
        case ErrorKind::kForbidden:
            return 403;
        case ErrorKind::kNotFound:
            return 404;
        case ErrorKind::kMethodNotAllowed:
            return 405;
        case ErrorKind::kRequestTimeout:
            return 408;
        case ErrorKind::kConflict:
            return 409;
        case ErrorKind::kTooLarge:
            return 413;
        case ErrorKind::kUriTooLong:
            return 414;
        case ErrorKind::kUnsupportedMedia:
            return 415;
        case ErrorKind::kRateLimited:
            return 429;
        case ErrorKind::kHeadersTooLarge:
            return 431;
        case ErrorKind::kCancelled:
            return 499;
        case ErrorKind::kInternal:
            return 500;
        case ErrorKind::kNotImplemented:
            return 501;
        case ErrorKind::kUpstreamAuth:
        case ErrorKind::kUpstreamProtocol:
            return 502;
        case ErrorKind::kUpstreamUnavailable:
        case ErrorKind::kUnavailable:
            return 503;
        case ErrorKind::kDeadline:
            return 504;
    }
    return 500;
}

server::Response error_response(const Error& error, std::string_view request_id) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().field("error", safe_text(error.message()));
    if (!error.detail().empty()) {
        json.field("detail", safe_text(error.detail()));
    }
    json.field("code", error.code()).field("requestId", request_id);
    if (!error.upstream().empty()) {
        json.field("upstream", error.upstream());
    }
    const Hint& hint = error.hint();
    if (!hint.setting.empty() || !hint.advice.empty()) {
        json.key("hint").begin_object();
        if (!hint.setting.empty()) {
            json.field("setting", hint.setting);
        }
        json.field("advice", safe_text(hint.advice)).end_object();
    }
    json.end_object();
    return server::Response::json(std::move(body), status_of(error.kind()));
}

}  // namespace meshscope::handlers
