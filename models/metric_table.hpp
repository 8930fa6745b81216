#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::models {

// The labels of many series, a row each: columns are label names, in the order they were first met;
// an empty cell is an absent label. The text points into bytes that `owner` keeps.
class LabelTable {
 public:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
    // kNone when no row has that label. Ask once for a table, not once for a row.
    [[nodiscard]] std::size_t column(std::string_view label) const;
    // "" for column kNone.
    [[nodiscard]] std::string_view cell(std::size_t row, std::size_t column) const {
        return column < columns_.size() ? cells_[row * stride_ + column] : std::string_view();
    }

    // Building: columns may be added at any time; rows already there have no such label.
    std::size_t add_column(std::string_view label);  // that of the name when it is there
    std::size_t add_row();
    void set(std::size_t row, std::size_t column, std::string_view text);  // as it is, not copied
    // Copies the text into memory of the table.
    void set_copy(std::size_t row, std::size_t column, std::string_view text);
    void keep(std::shared_ptr<const void> owner) { owners_.push_back(std::move(owner)); }

 private:
    void widen(std::size_t columns);

    std::vector<std::string> columns_;
    std::vector<std::string_view> cells_;  // rows_ times stride_
    std::size_t stride_ = 0;
    std::size_t rows_ = 0;
    std::vector<std::shared_ptr<const void>> owners_;
};

// The answer of an instant query: `values[i]` belongs to row i. NaN and infinities are values.
struct MetricVector {
    LabelTable labels;
    std::vector<double> values;
};

struct MetricPoint {
    std::int64_t time_ms = 0;  // since the epoch
    double value = 0;
};

// The answer of a range query: the points of row i are [first[i], first[i + 1]), ascending by time.
struct MetricMatrix {
    LabelTable labels;
    std::vector<MetricPoint> points;
    std::vector<std::size_t> first = {0};  // rows() + 1 entries

    [[nodiscard]] std::span<const MetricPoint> of(std::size_t row) const {
        return std::span(points).subspan(first[row], first[row + 1] - first[row]);
    }
};

}  // namespace meshscope::models
