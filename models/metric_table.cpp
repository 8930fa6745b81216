#include "models/metric_table.hpp"

#include <algorithm>
#include <cstring>

namespace meshscope::models {

namespace {

constexpr std::size_t kColumnsAtOnce = 4;
constexpr std::size_t kLeastBlock = 512;
constexpr std::size_t kMostBlock = 256UL * 1024;

}  // namespace

std::size_t LabelTable::column(std::string_view label) const {
    const auto found = std::ranges::find(columns_, label);
    return found == columns_.end() ? kNone : static_cast<std::size_t>(found - columns_.begin());
}

std::size_t LabelTable::memory_bytes() const {
    std::size_t names = columns_.capacity() * sizeof(std::string);
    for (const std::string& name : columns_) {
        names += name.capacity();
    }
    return names + cells_.capacity() * sizeof(Text) + texts_.capacity() * sizeof(std::string_view) +
           (bytes_ ? bytes_->total : 0);
}

std::string_view LabelTable::Bytes::copy(std::string_view text) {
    if (text.size() > left) {
        const std::size_t size = std::max(text.size(), std::clamp(total, kLeastBlock, kMostBlock));
        blocks.push_back(std::make_unique_for_overwrite<char[]>(size));
        free = blocks.back().get();
        left = size;
        total += size;
    }
    std::memcpy(free, text.data(), text.size());
    const std::string_view copy(free, text.size());
    free += text.size();
    left -= text.size();
    return copy;
}

std::size_t LabelTable::add_column(std::string_view label) {
    const std::size_t known = column(label);
    if (known != kNone) {
        return known;
    }
    columns_.emplace_back(label);
    if (columns_.size() > stride_) {
        // Mostly the first series has all labels: only with rows there is something to move.
        widen(rows_ == 0 ? stride_ + kColumnsAtOnce : std::max(kColumnsAtOnce, stride_ * 2));
    }
    return columns_.size() - 1;
}

void LabelTable::widen(std::size_t columns) {
    std::vector<Text> cells(rows_ * columns);
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

std::size_t LabelTable::add_row(std::span<const Text> texts) {
    cells_.insert(cells_.end(), texts.begin(), texts.end());
    cells_.resize((rows_ + 1) * stride_);
    return rows_++;
}

LabelTable::Text LabelTable::add_text(std::string_view text) {
    if (text.empty()) {
        return kAbsent;
    }
    const std::uint64_t hash = hash_text(kHashStart, text);
    const std::uint32_t found =
        text_index_.find(hash, [&](std::uint32_t index) { return texts_[index] == text; });
    if (found != kNoIndex) {
        return found;
    }
    if (!bytes_) {
        bytes_ = std::make_shared<Bytes>();
    }
    const auto number = static_cast<Text>(texts_.size());
    texts_.push_back(bytes_->copy(text));
    text_index_.add(hash, number);
    return number;
}

}  // namespace meshscope::models
