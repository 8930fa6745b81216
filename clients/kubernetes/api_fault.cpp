#include "clients/kubernetes/api_fault.hpp"

#include "clients/http/retry_after.hpp"
#include "clients/json/json_tokens.hpp"
#include "clients/json/json_walk.hpp"
#include "core/credential_text.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace meshscope::clients::kubernetes {

using simdjson::SUCCESS;

namespace {

constexpr std::size_t kLongestStatus = 256UL * 1024;
constexpr std::size_t kLongestMessage = 500;
constexpr std::chrono::seconds kLongestWait{60};

struct Status {
    bool is_status = false;
    bool success = false;
    std::string reason;
    std::string message;
    std::int64_t code = 0;
    std::optional<std::int64_t> retry_after;
    bool too_large_version = false;
};

void read_causes(json::value value, Status& status) {
    static_cast<void>(for_each_item(value, [&](json::value cause) {
        return for_each_field(cause, [&](const char* key, json::value field) {
            if (is_key(key, "reason")) {
                status.too_large_version =
                    status.too_large_version ||
                    copy_of(field.raw_json_token()) == "ResourceVersionTooLarge";
            }
            return SUCCESS;
        });
    }));
}

simdjson::error_code read_details(json::value value, Status& status) {
    return for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "retryAfterSeconds")) {
            status.retry_after = integer_of(field.raw_json_token());
        } else if (is_key(key, "causes")) {
            read_causes(field, status);
        }
        return SUCCESS;
    });
}

Status read_status(const std::string& body) {
    Status status;
    if (body.empty() || body.size() > kLongestStatus ||
        !trim(std::string_view(body).substr(0, 64)).starts_with('{')) {
        return status;
    }
    std::string padded = body;
    padded.reserve(padded.size() + simdjson::SIMDJSON_PADDING);
    const auto error = ThreadParser::get().parse(padded, [&](json::value root) {
        return for_each_field(root, [&](const char* key, json::value field) {
            const std::string_view token = field.raw_json_token();
            if (is_key(key, "kind")) {
                status.is_status = copy_of(token) == "Status";
            } else if (is_key(key, "status") && is_string(token)) {
                status.success = copy_of(token) == "Success";
            } else if (is_key(key, "reason") && is_string(token)) {
                status.reason = copy_of(token);
            } else if (is_key(key, "message") && is_string(token)) {
                status.message = copy_of(token);
            } else if (is_key(key, "code")) {
                status.code = integer_of(token).value_or(0);
            } else if (is_key(key, "details")) {
                return read_details(field, status);
            }
            return SUCCESS;
        });
    });
    return error ? Status{} : status;
}

// Printable, short, and without credentials that a server may have repeated.
std::string shown(std::string_view text) {
    const std::string_view start = trim(text.substr(0, 4 * kLongestMessage));
    std::string all = mask_credentials(to_valid_utf8(start), "***");
    for (char& c : all) {
        c = static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
    if (all.size() > kLongestMessage) {
        all = to_valid_utf8(std::string_view(all).substr(0, kLongestMessage - 6));
        all = all.substr(0, kLongestMessage - 3) + "...";
    }
    return all;
}

bool looks_like_page(const HttpResponse& response) {
    const std::string start = to_lower(trim(std::string_view(response.body).substr(0, 64)));
    return response.header("content-type").find("text/html") != std::string_view::npos ||
           start.starts_with("<!doctype") || start.starts_with("<html");
}

std::optional<std::chrono::seconds> wait_of(
    const HttpResponse& response, const Status& status, SystemTime now
) {
    if (const auto asked = parse_retry_after(response.header("retry-after"), now)) {
        return std::chrono::ceil<std::chrono::seconds>(*asked);
    }
    if (status.retry_after && *status.retry_after > 0) {
        return std::chrono::seconds(
            std::min<std::int64_t>(*status.retry_after, kLongestWait.count())
        );
    }
    return std::nullopt;
}

std::string with_words(std::string sentence, const ApiFault& fault) {
    return fault.message.empty() ? sentence : sentence + ": " + fault.message;
}

Error refused_server(const ApiFault& fault) {
    const bool forbidden = fault.http == 403;
    Error error(
        ErrorKind::kUpstreamAuth,
        with_words(
            forbidden ? "Kubernetes does not allow this to the server's own account"
                      : "Kubernetes does not accept the server's own account",
            fault
        )
    );
    return error.with_hint(
        {"",
         forbidden ? "give the server's service account a role that allows it"
                   : "check the server's token or client certificate: it may have expired"}
    );
}

Error of_kind(const ApiFault& fault, bool as_caller) {
    const std::string number = std::to_string(fault.http);
    // The API server says in a Status that it does not take a token; other words are those of
    // something before it, which knows nothing of the caller's token.
    if (fault.is_page || (fault.http == 401 && !fault.is_status)) {
        return Error(
                   ErrorKind::kUpstreamProtocol,
                   std::string(fault.is_page ? "a page" : "something else") +
                       " answered in place of the Kubernetes API (status " + number + ")"
        )
            .with_hint({"", "check the URL of the API server and the proxies on the way"});
    }
    if (fault.http == 404 && !fault.is_status) {
        return Error(ErrorKind::kUpstreamProtocol, "this is not a path of the Kubernetes API")
            .with_hint({"", "check the URL of the API server and the proxies on the way"});
    }
    switch (fault.http) {
        case 401:
            return as_caller
                       ? Error(
                             ErrorKind::kUnauthenticated,
                             "Kubernetes does not accept the token: it is not valid or has expired"
                         )
                       : refused_server(fault);
        case 403:
            return as_caller ? Error(ErrorKind::kForbidden, with_words("not allowed", fault))
                             : refused_server(fault);
        case 404:
            return {ErrorKind::kNotFound, with_words("not found", fault)};
        case 400:
        case 422:
            return {
                ErrorKind::kInvalidArgument, with_words("Kubernetes refuses the request", fault)
            };
        case 409:
            return {ErrorKind::kConflict, with_words("conflict", fault)};
        case 429:
            return {ErrorKind::kRateLimited, with_words("Kubernetes is too busy", fault)};
        default:
            break;
    }
    if (fault.http >= 500) {
        return {
            ErrorKind::kUpstreamUnavailable,
            with_words("Kubernetes answers with status " + number, fault)
        };
    }
    return {
        ErrorKind::kUpstreamProtocol, with_words("Kubernetes answers with status " + number, fault)
    };
}

}  // namespace

std::optional<ApiFault> fault_of(const HttpResponse& response, SystemTime now) {
    const bool good = response.status / 100 == 2;
    // A Status names itself at its beginning; large answers are data.
    if (good && (response.streamed || response.body.size() > kLongestStatus ||
                 std::string_view(response.body).substr(0, 4096).find("\"Status\"") ==
                     std::string_view::npos)) {
        return std::nullopt;
    }
    const Status status = read_status(response.body);
    if (good && (!status.is_status || status.success)) {
        return std::nullopt;
    }
    ApiFault fault;
    fault.http = response.status;
    if (good) {
        fault.http =
            status.code >= 400 && status.code < 600 ? static_cast<unsigned>(status.code) : 500;
    }
    fault.is_status = status.is_status;
    fault.is_page = !status.is_status && looks_like_page(response);
    if (status.is_status) {
        fault.reason = shown(status.reason);
        fault.message = shown(status.message);
    } else if (!fault.is_page) {
        fault.message = shown(response.body);
    }
    fault.retry_after = wait_of(response, status, now);
    fault.too_large_version = status.too_large_version ||
                              fault.message.find("Too large resource version") != std::string::npos;
    return fault;
}

Error error_of(const ApiFault& fault, std::string_view path, bool as_caller) {
    const std::string place(path.substr(0, path.find('?')));
    std::string detail = place + ": status " + std::to_string(fault.http);
    if (!fault.reason.empty()) {
        detail += " " + fault.reason;
    }
    return of_kind(fault, as_caller).with_upstream("kubernetes").with_detail(std::move(detail));
}

}  // namespace meshscope::clients::kubernetes
