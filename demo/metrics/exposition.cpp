#include "demo/metrics/mesh_metrics.hpp"

#include <charconv>

namespace meshscope::demo {
namespace {

void put_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || c == '"') {
            out.push_back('\\');
        }
        out.push_back(c);
    }
}

std::string text_of(const Labels& labels) {
    std::string out;
    for (const auto& [name, value] : labels) {
        out += out.empty() ? "{" : ",";
        out += name;
        out += "=\"";
        put_escaped(out, value);
        out.push_back('"');
    }
    return out;
}

void put_number(std::string& out, double value) {
    char digits[32];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    out.append(std::begin(digits), end);
}

}  // namespace

std::string exposition(std::span<const SeriesGroup> groups) {
    std::vector<std::string> labels;
    labels.reserve(groups.size());
    for (const SeriesGroup& group : groups) {
        labels.push_back(text_of(group.labels));
    }
    std::string out;
    for (std::size_t family = 0; family < families().size(); ++family) {
        const auto& [name, type] = families()[family];
        const bool counter = type == MetricType::kCounter;
        out += "# TYPE ";
        out += name;
        out += counter ? "_total counter\n" : " histogram\n";
        for (std::size_t i = 0; i < groups.size(); ++i) {
            const auto names = values_of(groups[i].measured);
            for (std::size_t value = 0; value < names.size(); ++value) {
                if (names[value].family != family) {
                    continue;
                }
                out += names[value].name;
                out += labels[i];
                if (!names[value].le.empty()) {
                    out += ",le=\"";
                    out += names[value].le;
                    out.push_back('"');
                }
                out += "} ";
                put_number(out, groups[i].values[value]);
                out.push_back('\n');
            }
        }
    }
    return out;
}

}  // namespace meshscope::demo
