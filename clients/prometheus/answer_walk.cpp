#include "clients/prometheus/answer_walk.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace meshscope::clients::prometheus {

namespace {

constexpr std::size_t kMostWarnings = 10;

std::string_view unquoted(std::string_view token) {
    token = trim(token);
    const bool quoted = token.size() >= 2 && token.front() == '"' && token.back() == '"';
    return quoted ? token.substr(1, token.size() - 2) : token;
}

void add_once(std::vector<std::string>& warnings, std::string text) {
    if (!text.empty() && std::ranges::find(warnings, text) == warnings.end()) {
        warnings.push_back(std::move(text));
    }
}

void add_count(std::vector<std::string>& warnings, std::size_t count, std::string_view what) {
    if (count > 0) {
        warnings.push_back(std::to_string(count) + std::string(what));
    }
}

}  // namespace

std::optional<double> sample_value(std::string_view token) {
    std::string_view text = unquoted(token);
    if (text.starts_with('+')) {
        text.remove_prefix(1);
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.starts_with('+') || error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::optional<std::int64_t> sample_time(std::string_view token) {
    constexpr double kLastSecond = 95'617'584'000.0;  // of the year 4999
    const auto seconds = sample_value(token);
    if (!seconds || !(std::fabs(*seconds) < kLastSecond)) {
        return std::nullopt;
    }
    return std::llround(*seconds * 1'000.0);
}

std::vector<std::string> warnings_of(const Envelope& envelope, const LeftOut& left) {
    std::vector<std::string> warnings;
    if (envelope.is_partial) {
        warnings.emplace_back("the store answers with a part only: some of its nodes are missing");
    }
    add_count(
        warnings,
        left.histograms,
        " native histograms are left out: the query reads classic buckets or numbers"
    );
    add_count(warnings, left.values, " values are left out: they are no numbers");
    add_count(warnings, left.times, " points are left out: their times are no times");
    add_count(
        warnings,
        left.twice,
        " series are left out: others have the same labels (replicas that are not deduplicated?)"
    );
    for (const std::string& text : envelope.said) {
        add_once(warnings, text);
    }
    if (warnings.size() > kMostWarnings) {
        const std::size_t more = warnings.size() - kMostWarnings + 1;
        warnings.resize(kMostWarnings - 1);
        warnings.push_back("and " + std::to_string(more) + " more warnings");
    }
    return warnings;
}

}  // namespace meshscope::clients::prometheus
