#include "clients/jaeger/json_cut.hpp"

#include <algorithm>
#include <cstddef>

namespace meshscope::clients::jaeger {

Cut close_cut_json(std::string& text, std::size_t deepest) {
    std::string open;
    std::string open_at_cut;
    std::size_t cut = 0;
    bool in_string = false;
    std::size_t depth_behind = 0;  // containers open below the remembered ones
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (open.size() > deepest) {
                ++depth_behind;
            } else {
                open.push_back(c);
            }
        } else if (c == '}' || c == ']') {
            if (depth_behind > 0) {
                --depth_behind;
                continue;
            }
            if (open.size() <= 1 || (open.back() == '{') != (c == '}')) {
                return Cut::kNone;
            }
            open.pop_back();
            if (open.size() <= deepest) {
                cut = i + 1;
                open_at_cut = open;
            }
        }
    }
    if (cut == 0 || open.empty()) {
        return Cut::kNone;
    }
    text.resize(cut);
    for (auto it = open_at_cut.rbegin(); it != open_at_cut.rend(); ++it) {
        text.push_back(*it == '{' ? '}' : ']');
    }
    return open_at_cut.size() > 2 ? Cut::kInsideItem : Cut::kBetweenItems;
}

Cut close_cut_otlp(std::string& text) {
    // resourceSpans, its item, scopeSpans, its item, spans.
    constexpr std::size_t kBelowEnvelope = 5;
    const std::size_t begin = text.find("\"resourceSpans\"");
    if (begin == std::string::npos) {
        return Cut::kNone;
    }
    const auto envelope =
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), '{');
    return close_cut_json(text, kBelowEnvelope + static_cast<std::size_t>(envelope));
}

}  // namespace meshscope::clients::jaeger
