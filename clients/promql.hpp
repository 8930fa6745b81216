#pragma once

#include "core/result.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// Builds PromQL. Whatever a caller names enters a query as a quoted value, a quoted piece of a
// regular expression or a checked label name: there is no way to put other text into one.
namespace meshscope::clients::promql {

// [a-zA-Z_][a-zA-Z0-9_]*, at most 63 bytes, not beginning with "__" (the store's own).
constexpr std::size_t kMaxLabelBytes = 63;
constexpr bool is_label(std::string_view text) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    if (text.empty() || text.size() > kMaxLabelBytes || !letter(text.front()) ||
        text.starts_with("__")) {
        return false;
    }
    for (const char c : text) {
        if (!letter(c) && !(c >= '0' && c <= '9')) {
            return false;
        }
    }
    return true;
}

// The name of a label: a literal of the code, or a checked one.
class Label {
 public:
    template <std::size_t N>
    consteval Label(const char (&literal)[N])  // NOLINT: literals are labels
        : Label(std::string_view(literal, N - 1), Checked()) {
        if (!is_label(std::string_view(literal, N - 1))) {
            throw "not a label name";  // at compile time
        }
    }
    // kInvalidArgument says what a label name is.
    static Result<Label> parse(std::string_view text);

    [[nodiscard]] constexpr std::string_view name() const { return {bytes_.data(), size_}; }
    friend bool operator==(const Label& a, const Label& b) { return a.name() == b.name(); }

 private:
    struct Checked {};
    constexpr Label(std::string_view text, Checked) : size_(text.size()) {
        for (std::size_t i = 0; i < text.size() && i < kMaxLabelBytes; ++i) {
            bytes_[i] = text[i];
        }
    }
    std::array<char, kMaxLabelBytes> bytes_{};
    std::size_t size_ = 0;
};

// A text of the code itself: metric names and pieces of regular expressions (RE2).
class Literal {
 public:
    template <std::size_t N>
    consteval Literal(const char (&text)[N]) : text_(text, N - 1) {}  // NOLINT: implicit on purpose
    [[nodiscard]] constexpr std::string_view text() const { return text_; }

 private:
    std::string_view text_;
};

// A regular expression, anchored by the store at both ends.
class Pattern {
 public:
    Pattern& raw(Literal piece);                             // as it is
    Pattern& quoted(std::string_view text);                  // matches just this text
    Pattern& any_of(const std::vector<std::string>& texts);  // (a|b|c), each quoted; "()" of none
    [[nodiscard]] const std::string& text() const { return text_; }

 private:
    std::string text_;
};

// One condition of a selector.
class Matcher {
 public:
    static Matcher equals(const Label& label, std::string_view value);
    static Matcher differs(const Label& label, std::string_view value);
    // = for one value, =~ for several (ascending, each once). None: matches nothing.
    static Matcher one_of(const Label& label, std::vector<std::string> values);
    static Matcher matches(const Label& label, const Pattern& pattern);
    static Matcher mismatches(const Label& label, const Pattern& pattern);
    [[nodiscard]] const std::string& text() const { return text_; }  // `reporter="source"`

 private:
    explicit Matcher(std::string text) : text_(std::move(text)) {}
    std::string text_;
};
using Matchers = std::vector<Matcher>;

// A quantile as the caller spelled it: finite, in [0, 1].
class Quantile {
 public:
    static Result<Quantile> parse(std::string_view text);
    [[nodiscard]] double value() const { return value_; }
    [[nodiscard]] const std::string& spelling() const { return spelling_; }

 private:
    Quantile(double value, std::string spelling) : value_(value), spelling_(std::move(spelling)) {}
    double value_;
    std::string spelling_;
};

// Labels and values that every selector of a query gets besides its own.
using Scope = std::map<std::string, std::string>;

// A query. Two with the same text are the same query.
class Expr {
 public:
    // The query; `scope` goes right behind each `{`. Keys of the scope that are no label names are
    // left out (the configuration is checked for them when it is loaded).
    [[nodiscard]] std::string text(const Scope& scope = {}) const;

    static Expr selector(Literal metric, const Matchers& matchers);

    // Builders' use: text around and between selectors.
    [[nodiscard]] Expr wrapped(std::string_view before, std::string_view after) const;
    [[nodiscard]] Expr joined(std::string_view between, const Expr& right) const;

 private:
    std::vector<std::string> pieces_;  // the scope goes between two neighbours
};

enum class RateFunc { kRate, kIrate };

// Per second, over the range before the evaluated moment. `range` of at least one second; less is
// taken as one. Prints whole seconds: "[600s]".
Expr rate(
    Literal metric,
    const Matchers& matchers,
    std::chrono::seconds range,
    RateFunc func = RateFunc::kRate
);
// `sum(expr) by (labels)`; no labels: `sum(expr)`.
Expr sum(const Expr& expr, const std::vector<Label>& by = {});
// `histogram_quantile(q, expr)`: expr keeps the label `le`.
Expr histogram_quantile(const Quantile& quantile, const Expr& expr);
Expr divided(const Expr& left, const Expr& right);
Expr added(const Expr& left, const Expr& right);
// `left or right`: of two with the same labels only the left one stays.
Expr either(const Expr& left, const Expr& right);
Expr above_zero(const Expr& expr);
// `expr` with one more label of a fixed value: tells parts of a union from each other.
Expr tagged(const Expr& expr, const Label& label, Literal value);
}  // namespace meshscope::clients::promql
