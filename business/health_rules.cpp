#include "business/health_rules.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <mutex>
#include <optional>
#include <re2/re2.h>
#include <utility>

namespace meshscope::business {

namespace {

using models::Health;
using models::HealthStatus;

constexpr int kProgramBytes = 1 << 20;
constexpr std::size_t kMostAnnotationBytes = 4096;
constexpr std::size_t kMostAnnotations = 256;  // that are kept compiled

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

// An expression for whole texts; an empty one is for all.
class Expression {
 public:
    static Result<Expression> make(const std::string& text) {
        Expression made;
        if (!text.empty()) {
            re2::RE2::Options options;
            options.set_log_errors(false);
            options.set_max_mem(kProgramBytes);
            made.compiled_ = std::make_shared<const re2::RE2>(text, options);
            if (!made.compiled_->ok()) {
                return Error(ErrorKind::kInvalidArgument, made.compiled_->error());
            }
        }
        return made;
    }
    [[nodiscard]] bool matches(std::string_view text) const {
        return compiled_ == nullptr || re2::RE2::FullMatch(piece(text), *compiled_);
    }

 private:
    std::shared_ptr<const re2::RE2> compiled_;
};

struct Tolerance {
    Expression code;
    Expression protocol;
    bool inbound = true;
    bool outbound = true;
    double degraded = 0;
    double failure = 0;

    [[nodiscard]] bool is_for(TrafficDirection direction) const {
        return direction == TrafficDirection::kInbound ? inbound : outbound;
    }
};

// "5XX" and "5xx" are any of 500 to 599.
std::string with_digits(std::string_view code) {
    std::string text;
    for (const char c : code) {
        text += c == 'X' || c == 'x' ? std::string("\\d") : std::string(1, c);
    }
    return text;
}

Result<Tolerance> compile(const ToleranceSetting& setting) {
    const auto named = [](const char* key, const Error& error) {
        return Error(ErrorKind::kInvalidArgument, std::string(key) + ": " + error.message());
    };
    auto code = Expression::make(with_digits(setting.code));
    if (!code) {
        return named("code", code.error());
    }
    auto protocol = Expression::make(setting.protocol);
    if (!protocol) {
        return named("protocol", protocol.error());
    }
    const auto direction = Expression::make(setting.direction);
    if (!direction) {
        return named("direction", direction.error());
    }
    Tolerance made;
    made.code = std::move(*code);
    made.protocol = std::move(*protocol);
    made.inbound = direction->matches(to_string(TrafficDirection::kInbound));
    made.outbound = direction->matches(to_string(TrafficDirection::kOutbound));
    made.degraded = setting.degraded;
    made.failure = setting.failure;
    return made;
}

// Where a rule names no tolerance: every code that is an error in its protocol.
const std::vector<ToleranceSetting>& any_error() {
    static const std::vector<ToleranceSetting> kAny{
        {"[45]XX|-", "http", "", 0.1, 10}, {"[1-9]|1[0-6]|-", "grpc", "", 0.1, 10}
    };
    return kAny;
}

const std::vector<ToleranceSetting>& built_in() {
    static const std::vector<ToleranceSetting> kBuiltIn{
        {"5XX", "http", "", 0, 10},
        {"4XX", "http", "", 10, 20},
        {"[1-9]|1[0-6]", "grpc", "", 0, 10},
        {"-", "http|grpc", "", 0, 10},
    };
    return kBuiltIn;
}

std::optional<double> number_of(std::string_view text) {
    text = trim(text);
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const bool good = error == std::errc() && stop == end && std::isfinite(value) && value >= 0;
    return good ? std::optional(value) : std::nullopt;
}

// nullopt: an entry that is not written as it has to be.
std::optional<Tolerance> compile_entry(std::string_view entry) {
    constexpr std::size_t kFields = 5;
    std::vector<std::string> fields;
    for (const std::string_view field : split(entry, ',')) {
        fields.emplace_back(trim(field));
    }
    if (fields.size() != kFields) {
        return std::nullopt;
    }
    const auto degraded = number_of(fields[1]);
    const auto failure = number_of(fields[2]);
    if (!degraded || !failure || *degraded > *failure) {
        return std::nullopt;
    }
    auto made = compile({fields[0], fields[3], fields[4], *degraded, *failure});
    return made ? std::optional(std::move(*made)) : std::nullopt;
}

HealthStatus status_of(double ratio, const Tolerance& tolerance) {
    if (ratio <= 0) {
        return HealthStatus::kHealthy;
    }
    if (ratio >= tolerance.failure) {
        return HealthStatus::kFailure;
    }
    return ratio >= tolerance.degraded ? HealthStatus::kDegraded : HealthStatus::kHealthy;
}

void take_worse(Health& health, HealthStatus status, double ratio) {
    if (status > health.status || (status == health.status && ratio > health.error_ratio)) {
        health.status = status;
        health.error_ratio = ratio;
    }
}

}  // namespace

struct Tolerances::State {
    std::vector<Tolerance> all;
};

namespace {

struct Rule {
    Expression ns;
    Expression kind;
    Expression name;
    std::vector<Tolerance> tolerances;
};

Result<Rule> compile(const HealthRateSetting& setting) {
    Rule rule;
    const std::array<std::pair<const std::string*, Expression*>, 3> parts{
        {{&setting.ns, &rule.ns}, {&setting.kind, &rule.kind}, {&setting.name, &rule.name}}
    };
    constexpr std::array<const char*, 3> kKeys{"namespace", "kind", "name"};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        auto made = Expression::make(*parts[i].first);
        if (!made) {
            return Error(
                ErrorKind::kInvalidArgument, std::string(kKeys[i]) + ": " + made.error().message()
            );
        }
        *parts[i].second = std::move(*made);
    }
    const auto& wanted = setting.tolerance.empty() ? any_error() : setting.tolerance;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto made = compile(wanted[i]);
        if (!made) {
            return Error(
                ErrorKind::kInvalidArgument,
                "tolerance[" + std::to_string(i) + "]." + made.error().message()
            );
        }
        rule.tolerances.push_back(std::move(*made));
    }
    return rule;
}

}  // namespace

struct HealthRules::State {
    struct Compiled {
        Expression ns;
        Expression kind;
        Expression name;
        Tolerances tolerances;
    };
    std::vector<Compiled> rules;  // the last one is for all
    mutable std::mutex mutex;
    // By the annotation's text; nullopt: nothing in it is valid.
    mutable std::map<std::string, std::optional<Tolerances>, std::less<>> annotations;
};

Health Tolerances::judge(const models::RatesByCode& rates, TrafficDirection direction) const {
    Health health;
    for (const auto& [protocol, codes] : rates) {
        double total = 0;
        for (const auto& [code, rate] : codes) {
            total += rate;
        }
        health.request_rate += total;
        if (!(total > 0)) {
            continue;
        }
        for (const Tolerance& tolerance : state_->all) {
            if (!tolerance.is_for(direction) || !tolerance.protocol.matches(protocol)) {
                continue;
            }
            double errors = 0;
            for (const auto& [code, rate] : codes) {
                errors += tolerance.code.matches(code) ? rate : 0;
            }
            const double ratio = errors / total * 100;
            take_worse(health, status_of(ratio, tolerance), ratio);
        }
    }
    return health;
}

Health Tolerances::judge(const models::RequestRates& rates) const {
    Health health = judge(rates.inbound, TrafficDirection::kInbound);
    const Health outbound = judge(rates.outbound, TrafficDirection::kOutbound);
    take_worse(health, outbound.status, outbound.error_ratio);
    health.request_rate += outbound.request_rate;
    return health;
}

HealthRules::HealthRules() : HealthRules(*make({})) {}

Result<HealthRules> HealthRules::make(const std::vector<HealthRateSetting>& rates) {
    auto state = std::make_shared<State>();
    for (std::size_t i = 0; i <= rates.size(); ++i) {
        auto rule =
            compile(i < rates.size() ? rates[i] : HealthRateSetting{"", "", "", built_in()});
        if (!rule) {
            return Error(
                ErrorKind::kInvalidArgument,
                "health_config.rate[" + std::to_string(i) + "]." + rule.error().message()
            );
        }
        auto tolerances = std::make_shared<Tolerances::State>();
        tolerances->all = std::move(rule->tolerances);
        state->rules.push_back(
            {std::move(rule->ns),
             std::move(rule->kind),
             std::move(rule->name),
             Tolerances(std::move(tolerances))}
        );
    }
    return HealthRules(std::shared_ptr<const State>(std::move(state)));
}

Tolerances HealthRules::of(
    std::string_view ns, std::string_view kind, std::string_view name, std::string_view annotation
) const {
    if (!annotation.empty() && annotation.size() <= kMostAnnotationBytes) {
        const std::scoped_lock lock(state_->mutex);
        auto found = state_->annotations.find(annotation);
        if (found == state_->annotations.end()) {
            if (state_->annotations.size() >= kMostAnnotations) {
                state_->annotations.clear();
            }
            auto own = std::make_shared<Tolerances::State>();
            for (const std::string_view entry : split(annotation, ';')) {
                if (auto made = compile_entry(entry)) {
                    own->all.push_back(std::move(*made));
                }
            }
            const bool any = !own->all.empty();
            found =
                state_->annotations
                    .emplace(
                        annotation, any ? std::optional(Tolerances(std::move(own))) : std::nullopt
                    )
                    .first;
        }
        if (found->second) {
            return *found->second;
        }
    }
    const auto& rules = state_->rules;
    const auto rule = std::ranges::find_if(rules, [&](const State::Compiled& one) {
        return one.ns.matches(ns) && one.kind.matches(kind) && one.name.matches(name);
    });
    return rule == rules.end() ? rules.back().tolerances : rule->tolerances;
}

HealthStatus judge(const models::Replicas& replicas) {
    const auto [desired, current, available, synced] = replicas;
    if (desired == 0) {
        return HealthStatus::kNotReady;
    }
    if (available == 0) {
        return HealthStatus::kFailure;
    }
    if (current > 0 && (current < desired || available < desired)) {
        return HealthStatus::kDegraded;
    }
    if (desired == available && available != current) {
        return HealthStatus::kFailure;
    }
    if (synced >= 0 && synced < desired) {
        return HealthStatus::kDegraded;
    }
    return desired == current && desired == available ? HealthStatus::kHealthy
                                                      : HealthStatus::kDegraded;
}

Health merged(const Health& requests, bool requests_known, std::span<const HealthStatus> replicas) {
    Health health = requests;
    for (const HealthStatus status : replicas) {
        health.status = std::max(health.status, status);
    }
    if (!requests_known && health.status == HealthStatus::kHealthy) {
        health.status = HealthStatus::kUnknown;
    }
    return health;
}

std::string_view to_string(HealthStatus status) {
    switch (status) {
        case HealthStatus::kUnknown:
            return "NA";
        case HealthStatus::kHealthy:
            return "Healthy";
        case HealthStatus::kNotReady:
            return "Not Ready";
        case HealthStatus::kDegraded:
            return "Degraded";
        case HealthStatus::kFailure:
            return "Failure";
    }
    return "NA";
}

}  // namespace meshscope::business
