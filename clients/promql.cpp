#include "clients/promql.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace meshscope::clients::promql {

namespace {

std::string in_quotes(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '\n') {
            quoted += "\\n";
            continue;
        }
        if (c == '\\' || c == '"') {
            quoted += '\\';
        }
        quoted += c;
    }
    quoted += '"';
    return quoted;
}

std::string regex_quoted(std::string_view text) {
    constexpr std::string_view kMeta = "\\.+*?()|[]{}^$";
    std::string quoted;
    for (const char c : text) {
        if (kMeta.find(c) != std::string_view::npos) {
            quoted += '\\';
        }
        quoted += c;
    }
    return quoted;
}

std::string alternatives(const std::vector<std::string>& texts) {
    std::string joined;
    for (const auto& text : texts) {
        joined += (joined.empty() ? "" : "|") + regex_quoted(text);
    }
    return joined;
}

std::string condition(const Label& label, std::string_view op, std::string_view value) {
    return std::string(label.name()) + std::string(op) + in_quotes(value);
}

std::string_view name_of(RateFunc func) { return func == RateFunc::kIrate ? "irate" : "rate"; }

}  // namespace

Result<Label> Label::parse(std::string_view text) {
    if (!is_label(text)) {
        return Error(
            ErrorKind::kInvalidArgument,
            "a label name is letters, digits and '_', at most 63 of them, not beginning with a "
            "digit or '__'"
        );
    }
    return Label(text, Checked());
}

Pattern& Pattern::raw(Literal piece) {
    text_ += piece.text();
    return *this;
}

Pattern& Pattern::quoted(std::string_view text) {
    text_ += regex_quoted(text);
    return *this;
}

Pattern& Pattern::any_of(const std::vector<std::string>& texts) {
    text_ += "(" + alternatives(texts) + ")";
    return *this;
}

Matcher Matcher::equals(const Label& label, std::string_view value) {
    return Matcher(condition(label, "=", value));
}

Matcher Matcher::differs(const Label& label, std::string_view value) {
    return Matcher(condition(label, "!=", value));
}

Matcher Matcher::one_of(const Label& label, std::vector<std::string> values) {
    std::ranges::sort(values);
    const auto twice = std::ranges::unique(values);
    values.erase(twice.begin(), twice.end());
    if (values.empty()) {
        return Matcher(condition(label, "=~", "[^\\s\\S]"));  // no text is so
    }
    return values.size() == 1 ? equals(label, values.front())
                              : Matcher(condition(label, "=~", alternatives(values)));
}

Matcher Matcher::matches(const Label& label, const Pattern& pattern) {
    return Matcher(condition(label, "=~", pattern.text()));
}

Matcher Matcher::mismatches(const Label& label, const Pattern& pattern) {
    return Matcher(condition(label, "!~", pattern.text()));
}

Result<Quantile> Quantile::parse(std::string_view text) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end || !std::isfinite(value) || value < 0 || value > 1) {
        return Error(ErrorKind::kInvalidArgument, "a quantile is a number from 0 to 1");
    }
    return Quantile(value, std::string(text));
}

std::string Expr::text(const Scope& scope) const {
    std::string labels;
    for (const auto& [name, value] : scope) {
        if (is_label(name)) {
            labels += name + "=" + in_quotes(value) + ",";
        }
    }
    std::string text;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        text += (i == 0 ? "" : labels) + pieces_[i];
    }
    return text;
}

Expr Expr::selector(Literal metric, const Matchers& matchers) {
    Expr expr;
    expr.pieces_.emplace_back(std::string(metric.text()) + "{");
    std::string conditions;
    for (const auto& matcher : matchers) {
        conditions += (conditions.empty() ? "" : ",") + matcher.text();
    }
    expr.pieces_.emplace_back(conditions + "}");
    return expr;
}

Expr Expr::wrapped(std::string_view before, std::string_view after) const {
    Expr expr = *this;
    if (expr.pieces_.empty()) {
        expr.pieces_.emplace_back();
    }
    expr.pieces_.front().insert(0, before);
    expr.pieces_.back() += after;
    return expr;
}

Expr Expr::joined(std::string_view between, const Expr& right) const {
    Expr expr = wrapped("", between);
    if (!right.pieces_.empty()) {
        expr.pieces_.back() += right.pieces_.front();
        expr.pieces_.insert(expr.pieces_.end(), right.pieces_.begin() + 1, right.pieces_.end());
    }
    return expr;
}

Expr rate(Literal metric, const Matchers& matchers, std::chrono::seconds range, RateFunc func) {
    const auto seconds = std::max<std::chrono::seconds::rep>(1, range.count());
    return Expr::selector(metric, matchers)
        .wrapped(std::string(name_of(func)) + "(", "[" + std::to_string(seconds) + "s])");
}

Expr sum(const Expr& expr, const std::vector<Label>& by) {
    std::string labels;
    for (const Label& label : by) {
        labels += (labels.empty() ? "" : ",") + std::string(label.name());
    }
    return expr.wrapped("sum(", labels.empty() ? ")" : ") by (" + labels + ")");
}

Expr histogram_quantile(const Quantile& quantile, const Expr& expr) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), quantile.value());
    return expr.wrapped("histogram_quantile(" + std::string(digits.begin(), end.ptr) + ", ", ")");
}

Expr divided(const Expr& left, const Expr& right) {
    return left.joined(" / ", right).wrapped("(", ")");
}

Expr added(const Expr& left, const Expr& right) {
    return left.joined(" + ", right).wrapped("(", ")");
}

Expr either(const Expr& left, const Expr& right) {
    return left.joined(" or ", right).wrapped("(", ")");
}

Expr above_zero(const Expr& expr) { return expr.wrapped("(", " > 0)"); }

Expr tagged(const Expr& expr, const Label& label, Literal value) {
    return expr.wrapped(
        "label_replace(",
        ", " + in_quotes(label.name()) + ", " + in_quotes(value.text()) + ", \"\", \"\")"
    );
}

}  // namespace meshscope::clients::promql
