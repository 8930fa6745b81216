#pragma once

#include "business/trace_request.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"
#include "server/http_types.hpp"

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace meshscope::handlers {

// The latest moment in microseconds that also fits in 64 bits as nanoseconds.
inline constexpr std::int64_t kMaxMicros = std::numeric_limits<std::int64_t>::max() / 1000;

enum class ParameterType : std::uint8_t { kText, kInteger, kBoolean };

struct ParameterRule {
    std::string_view name;
    ParameterType type = ParameterType::kText;
    std::int64_t min = 0;  // integers: the value; texts: bytes
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
    bool required = false;
};

ParameterRule text_parameter(std::string_view name, std::int64_t max_bytes = 1024);
ParameterRule integer_parameter(std::string_view name, std::int64_t min, std::int64_t max);
ParameterRule boolean_parameter(std::string_view name);

// The query parameters of one request, checked against the rules of its route. Views point into the
// request.
class Parameters {
 public:
    // kInvalidArgument, naming the parameter: not in the rules, malformed escapes, not of its type,
    // out of range, missing though required. An empty value counts as not given; of a repeated
    // parameter the first value counts.
    static Result<Parameters> read(
        const server::Query& query, std::span<const ParameterRule> rules
    );

    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
    [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;
    [[nodiscard]] bool boolean(std::string_view name) const;  // false when not given

 private:
    using Value = std::variant<std::string_view, std::int64_t, bool>;
    [[nodiscard]] const Value* find(std::string_view name) const;
    std::vector<std::pair<std::string_view, Value>> values_;
};

// startMicros, endMicros, limit, minDuration, tags, clusterName.
std::span<const ParameterRule> trace_search_rules();

// The search that parameters of trace_search_rules() describe. kInvalidArgument for bad `tags`.
Result<business::TraceRequest> read_trace_request(const Parameters& parameters);

// A JSON object of strings, at most 64 of them.
Result<std::map<std::string, std::string>> read_tags(std::string_view json);

// kInvalidArgument unless the path parameter is a DNS-1123 label or, where dots are allowed, a
// subdomain.
std::optional<Error> check_name(std::string_view what, std::string_view value, bool dots);

// 1 to 32 hex digits, not all zero.
Result<TraceId> read_trace_id(std::string_view text);

}  // namespace meshscope::handlers
