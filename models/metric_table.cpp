#include "models/metric_table.hpp"

#include <algorithm>

namespace meshscope::models {

namespace {

constexpr std::size_t kLeastStride = 8;

}  // namespace

std::size_t LabelTable::column(std::string_view label) const {
    const auto found = std::ranges::find(columns_, label);
    return found == columns_.end() ? kNone : static_cast<std::size_t>(found - columns_.begin());
}

std::size_t LabelTable::add_column(std::string_view label) {
    const std::size_t known = column(label);
    if (known != kNone) {
        return known;
    }
    columns_.emplace_back(label);
    if (columns_.size() > stride_) {
        widen(std::max(kLeastStride, stride_ * 2));
    }
    return columns_.size() - 1;
}

void LabelTable::widen(std::size_t columns) {
    std::vector<std::string_view> cells(rows_ * columns);
    for (std::size_t row = 0; row < rows_; ++row) {
        const auto from = cells_.begin() + static_cast<std::ptrdiff_t>(row * stride_);
        std::copy_n(
            from,
            static_cast<std::ptrdiff_t>(stride_),
            cells.begin() + static_cast<std::ptrdiff_t>(row * columns)
        );
    }
    cells_ = std::move(cells);
    stride_ = columns;
}

std::size_t LabelTable::add_row() {
    cells_.resize(cells_.size() + stride_);
    return rows_++;
}

void LabelTable::set(std::size_t row, std::size_t column, std::string_view text) {
    cells_[row * stride_ + column] = text;
}

void LabelTable::set_copy(std::size_t row, std::size_t column, std::string_view text) {
    auto kept = std::make_shared<const std::string>(text);
    set(row, column, *kept);
    keep(std::move(kept));
}

}  // namespace meshscope::models
