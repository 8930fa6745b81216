#include "clients/prometheus/label_rows.hpp"

#include "clients/json/json_tokens.hpp"

#include <algorithm>
#include <functional>
#include <string>

namespace meshscope::clients::prometheus {

namespace {

// The name that begins at `key`; `unescaped` holds it when it has escapes.
std::string_view name_of(const char* key, std::string& unescaped) {
    const std::string_view raw = key_text(key);
    if (raw.find('\\') == std::string_view::npos) {
        return raw;
    }
    unescaped = copy_of(std::string_view(raw.data() - 1, raw.size() + 2));  // with its quotes
    return unescaped;
}

}  // namespace

LabelRows::LabelRows(models::LabelTable& table, bool copies) : table_(table), copies_(copies) {}

// Series mostly have the same labels in the same order.
std::size_t LabelRows::column_of(std::string_view name) {
    const auto& columns = table_.columns();
    const std::size_t next = labels_.empty() ? 0 : labels_.back().column + 1;
    return next < columns.size() && columns[next] == name ? next : table_.add_column(name);
}

simdjson::error_code LabelRows::read(json::value metric) {
    labels_.clear();
    return for_each_field(metric, [&](const char* key, json::value value) {
        const TokenText text = text_of(value.raw_json_token(), *storage_);
        if (text.text.empty()) {
            return simdjson::SUCCESS;  // the same as no label
        }
        std::string unescaped;
        const std::size_t column = column_of(name_of(key, unescaped));
        const std::string_view kept = copies_ ? storage_->intern(text.text) : text.text;
        const auto same = std::ranges::find(labels_, column, &Cell::column);
        if (same != labels_.end()) {
            same->text = kept;  // the last of two counts
        } else {
            labels_.push_back({column, kept});
        }
        return simdjson::SUCCESS;
    });
}

bool LabelRows::is_row(std::size_t row) const {
    std::size_t cells = 0;
    for (std::size_t column = 0; column < table_.columns().size(); ++column) {
        cells += table_.cell(row, column).empty() ? 0 : 1;
    }
    return cells == labels_.size() && std::ranges::all_of(labels_, [&](const Cell& cell) {
               return table_.cell(row, cell.column) == cell.text;
           });
}

bool LabelRows::add() {
    std::uint64_t hash = 0;
    for (const Cell& cell : labels_) {
        const std::uint64_t text = std::hash<std::string_view>()(cell.text);
        hash += (text ^ (cell.column * 0x9E37'79B9'7F4A'7C15U)) * 0xD6E8'FEB8'6659'FD93U;
    }
    const auto [found, is_new] = rows_.try_emplace(hash, table_.rows());
    if (!is_new && is_row(found->second)) {
        return false;
    }
    const std::size_t row = table_.add_row();
    for (const Cell& cell : labels_) {
        table_.set(row, cell.column, cell.text);
    }
    return true;
}

void LabelRows::finish() {
    storage_->drop_index();
    table_.keep(storage_);
}

}  // namespace meshscope::clients::prometheus
