#pragma once

#include "models/dense_index.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::models {

// The labels of many series, a row each: columns are label names, in the order they were first met;
// an empty cell is an absent label. The table keeps every text of a cell, once: what repeats from
// row to row costs a number.
class LabelTable {
 public:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    // Of a text, less than texts(): equal texts of one table, equal numbers.
    using Text = std::uint32_t;
    static constexpr Text kAbsent = 0;  // the empty text

    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
    // kNone when no row has that label. Ask once for a table, not once for a row.
    [[nodiscard]] std::size_t column(std::string_view label) const;
    // kAbsent for column kNone.
    [[nodiscard]] Text number(std::size_t row, std::size_t column) const {
        return column < columns_.size() ? cells_[row * stride_ + column] : kAbsent;
    }
    [[nodiscard]] std::string_view text(Text number) const { return texts_[number]; }
    [[nodiscard]] std::size_t texts() const { return texts_.size(); }
    // "" for column kNone.
    [[nodiscard]] std::string_view cell(std::size_t row, std::size_t column) const {
        return texts_[number(row, column)];
    }
    // What the columns, the cells and their texts take of the heap.
    [[nodiscard]] std::size_t memory_bytes() const;

    // Building: columns may be added at any time; rows already there have no such label.
    std::size_t add_column(std::string_view label);  // that of the name when it is there
    std::size_t add_row() { return add_row({}); }
    // The numbers of the row's texts by column; those beyond are absent. At most one per column.
    std::size_t add_row(std::span<const Text> texts);
    // Copies a text that is not there yet.
    Text add_text(std::string_view text);
    void set(std::size_t row, std::size_t column, std::string_view text) {
        cells_[row * stride_ + column] = add_text(text);
    }
    // To be called when all texts are there: gives back what finding them needed.
    void finish() { text_index_ = {}; }

 private:
    // Blocks of bytes that grow with what is in them: most tables are small.
    struct Bytes {
        std::vector<std::unique_ptr<char[]>> blocks;
        char* free = nullptr;
        std::size_t left = 0;
        std::size_t total = 0;
        std::string_view copy(std::string_view text);
    };
    void widen(std::size_t columns);

    std::vector<std::string> columns_;
    std::vector<Text> cells_;  // rows_ times stride_
    std::size_t stride_ = 0;
    std::size_t rows_ = 0;
    std::vector<std::string_view> texts_{std::string_view()};
    DenseIndex text_index_;
    std::shared_ptr<Bytes> bytes_;  // of the texts; copies of the table share them
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
