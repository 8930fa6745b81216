#pragma once

#include "core/clock.hpp"
#include "server/content_coding.hpp"
#include "server/http_types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::server {

std::string_view reason_phrase(unsigned status);

// 1xx, 204 and 304 never have a body.
bool status_has_body(unsigned status);

// The fields that every answer carries, unless the handler sets a field of the same name itself.
class FixedHeaders {
 public:
    explicit FixedHeaders(std::vector<std::pair<std::string, std::string>> fields);
    void append_to(std::string& out, const Headers& own) const;

    // nosniff, frame and referrer rules, a Content-Security-Policy that allows nothing, with TLS
    // also Strict-Transport-Security; with CORS the fields that let every origin read.
    static FixedHeaders of_server(bool tls, bool cors_allow_all);

 private:
    std::vector<std::pair<std::string, std::string>> fields_;
    std::string all_;
};

// What the head of an answer says besides the Response itself.
struct HeadParts {
    const FixedHeaders* fixed = nullptr;
    SystemTime now{};
    std::string_view request_id;                  // "" for none
    std::optional<std::uint64_t> content_length;  // nullopt: not said
    ContentCoding coding = ContentCoding::kIdentity;
    bool vary = false;  // the coding was chosen by Accept-Encoding
    bool chunked = false;
    bool keep_alive = true;
    bool http10 = false;  // the client's version: it must be told "keep-alive"
};

// Appends the status line, all fields and the empty line. Fields that only the server may say are
// taken from `parts`; control characters in a handler's values become spaces.
void append_response_head(std::string& out, const Response& response, const HeadParts& parts);

// "Sun, 06 Nov 1994 08:49:37 GMT"; formatted once a second for each thread.
std::string_view http_date(SystemTime time);

}  // namespace meshscope::server
