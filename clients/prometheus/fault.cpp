#include "clients/prometheus/fault.hpp"

#include "clients/http/retry_after.hpp"
#include "clients/json/json_tokens.hpp"
#include "clients/json/json_walk.hpp"
#include "clients/prometheus/json_body.hpp"
#include "core/text.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace meshscope::clients::prometheus {

namespace {

constexpr std::size_t kMaxExcerpt = 300;

Error failed(ErrorKind kind, std::string message, const StoreFault& fault) {
    return Error(kind, std::move(message))
        .with_upstream("prometheus")
        .with_detail(excerpt(fault.text));
}

bool says_any(const StoreFault& fault, std::initializer_list<std::string_view> words) {
    const std::string text = to_lower(fault.text);
    for (const std::string_view word : words) {
        if (text.find(word) != std::string::npos) {
            return true;
        }
    }
    return false;
}

// More points or samples than the store reads for one query, whatever it calls that.
bool is_too_large(const StoreFault& fault) {
    return fault.type == "too_large_entry" || says_any(
                                                  fault,
                                                  {"maximum resolution",
                                                   "too many points",
                                                   "too many samples",
                                                   "cannot select more than",
                                                   "query exceeded the maximum",
                                                   "the query hit the max number",
                                                   "exceeds the limit"}
                                              );
}

Error refused(const StoreFault& fault) {
    if (is_too_large(fault)) {
        return failed(
                   ErrorKind::kInvalidArgument,
                   "the query reads more than Prometheus allows for one query",
                   fault
        )
            .with_code("metrics_query_too_large")
            .with_hint({"", "ask for a shorter time or larger steps, or raise the store's limit"});
    }
    return failed(ErrorKind::kInvalidArgument, "Prometheus refuses the query", fault);
}

Error gave_up(const StoreFault& fault) {
    return failed(ErrorKind::kDeadline, "Prometheus gave up on the query: it took too long", fault)
        .with_code("upstream_query_timeout")
        .with_hint({"", "ask for a shorter time or larger steps"});
}

Error not_now(std::string message, const StoreFault& fault) {
    return failed(ErrorKind::kUpstreamUnavailable, std::move(message), fault)
        .with_code(std::string(kBusyCode))
        .with_hint({"", "look at the log of Prometheus: it starts, stops or has too much to do"});
}

// The type in words: some stores write the status in its place.
std::string_view type_of(const StoreFault& fault, unsigned status) {
    struct Row {
        std::string_view number;
        std::string_view type;
    };
    constexpr std::array<Row, 6> kNumbers{{
        {"400", "bad_data"},
        {"413", "too_large_entry"},
        {"422", "execution"},
        {"429", "too_many_requests"},
        {"500", "internal"},
        {"503", "timeout"},
    }};
    const std::string by_status = std::to_string(status);
    const std::string_view wanted =
        fault.type.empty() ? std::string_view(by_status) : std::string_view(fault.type);
    for (const Row& row : kNumbers) {
        if (row.number == wanted) {
            return row.type;
        }
    }
    return fault.type;
}

}  // namespace

std::string excerpt(std::string_view text) {
    std::string shown = clean_json_text(trim(text.substr(0, kMaxExcerpt + 4)));
    if (shown.size() > kMaxExcerpt || text.size() > kMaxExcerpt + 4) {
        shown = to_valid_utf8(shown.substr(0, kMaxExcerpt)) + "...";
    }
    return shown;
}

std::optional<StoreFault> decode_fault(std::string body) {
    StoreFault fault;
    bool is_error = false;
    const auto read = [&](json::value root) {
        return for_each_field(root, [&](const char* key, json::value value) {
            if (is_key(key, "status")) {
                is_error = copy_of(value.raw_json_token()) == "error";
            } else if (is_key(key, "errorType")) {
                fault.type = copy_of(value.raw_json_token());
            } else if (is_key(key, "error")) {
                fault.text = copy_of(value.raw_json_token());
            }
            return simdjson::SUCCESS;
        });
    };
    if (read_json(body, read) || !(is_error || !fault.type.empty())) {
        return std::nullopt;
    }
    return fault;
}

Error error_of(const StoreFault& fault, unsigned status) {
    const std::string_view type = type_of(fault, status);
    if (type == "bad_data" || type == "execution" || type == "too_large_entry") {
        return refused(fault);
    }
    if (type == "timeout") {
        return gave_up(fault);
    }
    if (type == "unavailable" || type == "too_many_requests") {
        return not_now("Prometheus cannot answer now", fault);
    }
    if (type == "canceled") {
        return failed(
            ErrorKind::kUpstreamUnavailable,
            "Prometheus broke the query off: it may be stopping",
            fault
        );
    }
    return failed(ErrorKind::kUpstreamProtocol, "Prometheus fails to answer the query", fault)
        .with_hint({"", "look at the log of Prometheus and its storage"});
}

}  // namespace meshscope::clients::prometheus
