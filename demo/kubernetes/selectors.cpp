#include "demo/kubernetes/selectors.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <optional>

namespace meshscope::demo {
namespace {

// At commas outside parentheses.
std::vector<std::string_view> terms_of(std::string_view text) {
    std::vector<std::string_view> out;
    std::size_t begin = 0;
    int depth = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        const char c = i < text.size() ? text[i] : ',';
        depth += c == '(' ? 1 : 0;
        depth -= c == ')' ? 1 : 0;
        if (c == ',' && depth <= 0) {
            out.push_back(trim(text.substr(begin, i - begin)));
            begin = i + 1;
        }
    }
    return out;
}

std::optional<std::string> field_of(const Object& object, std::string_view key) {
    if (key == "metadata.name") {
        return object.name;
    }
    if (key == "metadata.namespace") {
        return object.ns;
    }
    if (key == "spec.nodeName") {
        return object.node;
    }
    return std::nullopt;
}

bool among(const std::vector<std::string>& values, std::string_view value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

Result<Selectors> Selectors::parse(std::string_view labels, std::string_view fields) {
    Selectors out;
    const auto condition = [](std::string_view term) {
        Condition made;
        const std::size_t sign = term.find_first_of("=!", 1);
        const std::size_t set = term.find(" in (");
        const std::size_t out_of = term.find(" notin (");
        if (set != std::string_view::npos || out_of != std::string_view::npos) {
            made.negated = set == std::string_view::npos;
            made.key = trim(term.substr(0, made.negated ? out_of : set));
            const std::size_t open = term.find('(');
            const std::string_view inside = term.substr(open + 1, term.find(')') - open - 1);
            for (const std::string_view value : split(inside, ',')) {
                made.values.emplace_back(trim(value));
            }
        } else if (sign != std::string_view::npos) {
            made.negated = term[sign] == '!';
            made.key = trim(term.substr(0, sign));
            const std::size_t value = term.find_first_not_of("=!", sign);
            made.values.emplace_back(
                value == std::string_view::npos ? std::string_view() : trim(term.substr(value))
            );
        } else {
            made.negated = term.starts_with('!');
            made.key = term.substr(made.negated ? 1 : 0);
        }
        return made;
    };
    for (const std::string_view term : terms_of(labels)) {
        if (!term.empty()) {
            out.labels_.push_back(condition(term));
        }
    }
    for (const std::string_view term : terms_of(fields)) {
        if (term.empty()) {
            continue;
        }
        Condition made = condition(term);
        if (made.values.empty()) {
            return Error(
                ErrorKind::kInvalidArgument,
                "invalid selector: '" + std::string(fields) + "'; can't understand '" +
                    std::string(term) + "'"
            );
        }
        if (!field_of(Object{}, made.key)) {
            return Error(ErrorKind::kInvalidArgument, "field label not supported: " + made.key);
        }
        out.fields_.push_back(std::move(made));
    }
    return out;
}

bool Selectors::match(const Object& object) const {
    const auto label = [&object](const Condition& condition) {
        const auto at = std::find_if(
            object.labels.begin(),
            object.labels.end(),
            [&condition](const auto& pair) { return pair.first == condition.key; }
        );
        const bool there = at != object.labels.end();
        const bool fits =
            there && (condition.values.empty() || among(condition.values, at->second));
        return fits != condition.negated;
    };
    const auto field = [&object](const Condition& condition) {
        return among(condition.values, *field_of(object, condition.key)) != condition.negated;
    };
    return std::all_of(labels_.begin(), labels_.end(), label) &&
           std::all_of(fields_.begin(), fields_.end(), field);
}

}  // namespace meshscope::demo
