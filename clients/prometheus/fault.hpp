#pragma once

#include "core/error.hpp"

#include <optional>
#include <string>

namespace meshscope::clients::prometheus {

// An answer that says what is wrong: `errorType` and `error` of the body.
struct StoreFault {
    std::string type;  // "bad_data"; some stores write the HTTP status, "422"
    std::string text;
};

// nullopt when the body is something else.
[[nodiscard]] std::optional<StoreFault> decode_fault(std::string body);

// What it means to us; `status` is that of the HTTP answer. Pure. Kinds:
//  - kInvalidArgument: the query is called bad or too large, the store's words in the detail;
//  - kDeadline: the store gave up on the query (code "upstream_query_timeout");
//  - kUpstreamUnavailable: it cannot answer now, code kBusyCode when asking again may help;
//  - kUpstreamProtocol: everything else.
[[nodiscard]] Error error_of(const StoreFault& fault, unsigned status);

// What a server says, short and printable.
[[nodiscard]] std::string excerpt(std::string_view text);

}  // namespace meshscope::clients::prometheus
