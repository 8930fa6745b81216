#include "clients/prometheus/store_facts.hpp"

#include "clients/prometheus/json_body.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

namespace meshscope::clients::prometheus {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The texts in `data` of an answer, by name.
std::map<std::string, std::string> texts_of(std::string body) {
    std::map<std::string, std::string> texts;
    const auto read = [&](json::value root) {
        texts.clear();
        return for_each_field(root, [&](const char* key, json::value value) {
            if (!is_key(key, "data")) {
                return simdjson::SUCCESS;
            }
            return for_each_field(value, [&](const char* name, json::value item) {
                const std::string_view token = item.raw_json_token();
                if (is_string(token)) {
                    texts[std::string(key_text(name))] = copy_of(token);
                }
                return simdjson::SUCCESS;
            });
        });
    };
    if (read_json(body, read)) {
        texts.clear();
    }
    return texts;
}

std::string text_in(const std::map<std::string, std::string>& texts, const std::string& name) {
    const auto found = texts.find(name);
    return found == texts.end() ? std::string() : found->second;
}

// "2.54.1+dev" is 2.54; {0, 0} when it does not begin so.
std::pair<int, int> numbers_of(std::string_view version) {
    std::pair<int, int> numbers{0, 0};
    const char* const end = version.data() + version.size();
    const auto major = std::from_chars(version.data(), end, numbers.first);
    if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.') {
        std::from_chars(major.ptr + 1, end, numbers.second);
    }
    return numbers;
}

// "v2.54.1", printable and short, or nothing.
std::string version_text(std::string text) {
    constexpr std::size_t kLongest = 64;
    if (text.starts_with('v')) {
        text.erase(0, 1);
    }
    const bool sound = text.size() <= kLongest && std::ranges::all_of(text, [](char c) {
                           return c > ' ' && c < '\x7F' && c != '<' && c != '&';
                       });
    return sound ? text : std::string();
}

struct Unit {
    std::string_view name;
    milliseconds length;
};
constexpr std::array<Unit, 7> kUnits{{
    {"ms", milliseconds(1)},
    {"s", seconds(1)},
    {"m", std::chrono::minutes(1)},
    {"h", std::chrono::hours(1)},
    {"d", std::chrono::hours(24)},
    {"w", std::chrono::hours(24 * 7)},
    {"y", std::chrono::hours(24 * 365)},
}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t indentation(std::string_view line) {
    return std::min(line.find_first_not_of(' '), line.size());
}

}  // namespace

BuildInfo decode_build_info(std::string body, bool is_victoria) {
    const auto texts = texts_of(std::move(body));
    BuildInfo build;
    build.version = version_text(text_in(texts, "version"));
    const std::string application = text_in(texts, "application");
    if (application.find("Mimir") != std::string::npos) {
        build.product = "Mimir";
    } else if (is_victoria || (texts.size() == 1 && !build.version.empty())) {
        build = {"VictoriaMetrics", ""};
    } else if (!build.version.empty()) {
        // Prometheus has been at 2 or above ever since it has this page.
        build.product = numbers_of(build.version).first == 0 ? "Thanos" : "Prometheus";
    }
    return build;
}

bool flattens_small_deltas(const BuildInfo& build) {
    const auto version = numbers_of(build.version);
    if (build.product == "Thanos") {
        return version >= std::pair(0, 34);
    }
    if (build.product == "Mimir") {
        return version >= std::pair(2, 12);
    }
    return build.product == "Prometheus" && version >= std::pair(2, 49);
}

std::optional<seconds> parse_duration(std::string_view text) {
    constexpr milliseconds kMost = std::chrono::hours(24 * 365 * 1'000);
    milliseconds total{0};
    text = trim(text);
    while (!text.empty()) {
        std::int64_t count = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (error != std::errc() || !is_digit(text.front())) {
            return std::nullopt;
        }
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const auto name = text.substr(
            0, static_cast<std::size_t>(std::ranges::find_if(text, is_digit) - text.begin())
        );
        const auto* unit = std::ranges::find(kUnits, name, &Unit::name);
        if (unit == kUnits.end() || count > (kMost - total) / unit->length) {
            return std::nullopt;
        }
        total += unit->length * count;
        text.remove_prefix(name.size());
    }
    const auto whole = std::chrono::ceil<seconds>(total);
    return whole.count() > 0 ? std::optional(whole) : std::nullopt;
}

std::string duration_text(seconds time) {
    for (const auto& [name, length] :
         {Unit{"d", std::chrono::hours(24)},
          Unit{"h", std::chrono::hours(1)},
          Unit{"m", std::chrono::minutes(1)}}) {
        if (time >= length && time % length == milliseconds(0)) {
            return std::to_string(time / length) + std::string(name);
        }
    }
    return std::to_string(time.count()) + "s";
}

std::optional<seconds> retention_of_runtime(std::string body) {
    const std::string text = text_in(texts_of(std::move(body)), "storageRetention");
    return parse_duration(std::string_view(text).substr(0, text.find(" or ")));
}

std::optional<seconds> retention_of_flags(std::string body) {
    return parse_duration(text_in(texts_of(std::move(body)), "storage.tsdb.retention.time"));
}

std::optional<seconds> scrape_interval_of_config(std::string body) {
    const std::string yaml = text_in(texts_of(std::move(body)), "yaml");
    constexpr std::string_view kKey = "scrape_interval:";
    bool in_global = false;
    for (const std::string_view line : split(yaml, '\n')) {
        const std::string_view text = trim(line);
        if (text.empty() || text.starts_with('#')) {
            continue;
        }
        if (indentation(line) == 0) {
            in_global = text == "global:";
        } else if (in_global && text.starts_with(kKey)) {
            return parse_duration(text.substr(kKey.size()));
        }
    }
    return std::nullopt;
}

}  // namespace meshscope::clients::prometheus
