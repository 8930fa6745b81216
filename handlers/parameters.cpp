#include "handlers/parameters.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace meshscope::handlers {

namespace {

Error invalid(std::string_view name, const std::string& what) {
    return Error(ErrorKind::kInvalidArgument, "parameter '" + std::string(name) + "' " + what);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const char* begin = text.data();
    const char* end = begin + text.size();
    const auto parsed = std::from_chars(begin, end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
        return std::nullopt;
    }
    return value;
}

std::optional<bool> parse_boolean(std::string_view text) {
    static constexpr std::array<std::string_view, 6> kTrue{"1", "t", "T", "TRUE", "true", "True"};
    static constexpr std::array<std::string_view, 6> kFalse{
        "0", "f", "F", "FALSE", "false", "False"
    };
    if (std::find(kTrue.begin(), kTrue.end(), text) != kTrue.end()) {
        return true;
    }
    if (std::find(kFalse.begin(), kFalse.end(), text) != kFalse.end()) {
        return false;
    }
    return std::nullopt;
}

bool has_control_characters(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
}

using Value = std::variant<std::string_view, std::int64_t, bool>;

Result<Value> parse_value(const ParameterRule& rule, std::string_view text) {
    switch (rule.type) {
        case ParameterType::kInteger: {
            const auto number = parse_integer(text);
            if (!number || *number < rule.min || *number > rule.max) {
                return invalid(
                    rule.name,
                    "must be an integer from " + std::to_string(rule.min) + " to " +
                        std::to_string(rule.max)
                );
            }
            return Value(*number);
        }
        case ParameterType::kBoolean: {
            const auto flag = parse_boolean(text);
            if (!flag) {
                return invalid(rule.name, "must be true or false");
            }
            return Value(*flag);
        }
        case ParameterType::kText:
            break;
    }
    if (text.size() > static_cast<std::size_t>(rule.max)) {
        return invalid(rule.name, "must not exceed " + std::to_string(rule.max) + " bytes");
    }
    if (!is_valid_utf8(text) || has_control_characters(text)) {
        return invalid(rule.name, "must be UTF-8 text without control characters");
    }
    return Value(text);
}

constexpr std::int64_t kMaxInteger = std::numeric_limits<std::int64_t>::max();

constexpr std::array<ParameterRule, 6> kTraceSearch{{
    {"startMicros", ParameterType::kInteger, 0, kMaxMicros},
    {"endMicros", ParameterType::kInteger, 0, kMaxMicros},
    {"limit", ParameterType::kInteger, 1, kMaxInteger},
    {"minDuration", ParameterType::kInteger, 0, kMaxMicros},
    {"tags", ParameterType::kText, 0, 8192},
    {"clusterName", ParameterType::kText, 0, 253},
}};

}  // namespace

ParameterRule text_parameter(std::string_view name, std::int64_t max_bytes) {
    return {name, ParameterType::kText, 0, max_bytes};
}

ParameterRule integer_parameter(std::string_view name, std::int64_t min, std::int64_t max) {
    return {name, ParameterType::kInteger, min, max};
}

ParameterRule boolean_parameter(std::string_view name) { return {name, ParameterType::kBoolean}; }

Result<Parameters> Parameters::read(
    const server::Query& query, std::span<const ParameterRule> rules
) {
    if (!query.malformed.empty()) {
        return Error(
            ErrorKind::kInvalidArgument,
            "malformed query parameter '" + to_valid_utf8(query.malformed.front()) + "'"
        );
    }
    Parameters parameters;
    for (const auto& [name, text] : query.items) {
        const auto same = [&name](const ParameterRule& rule) { return rule.name == name; };
        const auto rule = std::find_if(rules.begin(), rules.end(), same);
        if (rule == rules.end()) {
            return Error(
                ErrorKind::kInvalidArgument,
                "unsupported query parameter '" + to_valid_utf8(name) + "'"
            );
        }
        if (text.empty() || parameters.find(rule->name) != nullptr) {
            continue;
        }
        Result<Value> value = parse_value(*rule, text);
        if (!value) {
            return value.error();
        }
        parameters.values_.emplace_back(rule->name, *value);
    }
    for (const ParameterRule& rule : rules) {
        if (rule.required && parameters.find(rule.name) == nullptr) {
            return invalid(rule.name, "is required");
        }
    }
    return parameters;
}

const Parameters::Value* Parameters::find(std::string_view name) const {
    for (const auto& [key, value] : values_) {
        if (key == name) {
            return &value;
        }
    }
    return nullptr;
}

std::optional<std::string_view> Parameters::text(std::string_view name) const {
    const Value* value = find(name);
    return value == nullptr ? std::nullopt : std::optional(std::get<std::string_view>(*value));
}

std::optional<std::int64_t> Parameters::integer(std::string_view name) const {
    const Value* value = find(name);
    return value == nullptr ? std::nullopt : std::optional(std::get<std::int64_t>(*value));
}

bool Parameters::boolean(std::string_view name) const {
    const Value* value = find(name);
    return value != nullptr && std::get<bool>(*value);
}

std::span<const ParameterRule> trace_search_rules() { return kTraceSearch; }

Result<business::TraceRequest> read_trace_request(const Parameters& parameters) {
    business::TraceRequest request;
    if (const auto start = parameters.integer("startMicros")) {
        request.start = from_micros(*start);
    }
    if (const auto end = parameters.integer("endMicros")) {
        request.end = from_micros(*end);
    }
    if (const auto limit = parameters.integer("limit")) {
        request.limit = static_cast<std::uint64_t>(*limit);
    }
    request.min_duration = std::chrono::microseconds(parameters.integer("minDuration").value_or(0));
    request.cluster_name = parameters.text("clusterName").value_or("");
    if (const auto json = parameters.text("tags")) {
        auto tags = read_tags(*json);
        if (!tags) {
            return tags.error();
        }
        request.tags = std::move(*tags);
    }
    return request;
}

std::optional<Error> check_name(std::string_view what, std::string_view value, bool dots) {
    const bool label = value.size() <= 63 && value.find('.') == std::string_view::npos;
    if (is_dns_name(value) && (dots || label)) {
        return std::nullopt;
    }
    return Error(
        ErrorKind::kInvalidArgument,
        "the " + std::string(what) + " in the path is not a name of Kubernetes (lower-case " +
            "letters, digits and '-'" + (dots ? ", with dots between)" : ", at most 63)")
    );
}

namespace {

// An id as people paste it: with blanks around it, with 0x, as a UUID, as the end of a trace's URL.
std::string pasted_id(std::string_view text) {
    text = text.substr(0, text.find_first_of("?#"));
    text = trim(text.substr(text.rfind('/') + 1));
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
    }
    constexpr std::size_t kUuid = 36;
    std::string id(text);
    if (id.size() == kUuid && id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-') {
        std::erase(id, '-');
    }
    return id;
}

}  // namespace

Result<TraceId> read_trace_id(std::string_view text) {
    const auto id = TraceId::from_hex(pasted_id(text));
    if (!id || id->is_zero()) {
        return Error(ErrorKind::kInvalidArgument, "Invalid trace ID format")
            .with_detail("a trace ID is 1 to 32 hexadecimal digits, not all of them zero");
    }
    return *id;
}

}  // namespace meshscope::handlers
