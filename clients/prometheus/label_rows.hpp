#pragma once

#include "clients/json/json_walk.hpp"
#include "models/metric_table.hpp"
#include "models/storage.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace meshscope::clients::prometheus {

// Fills a LabelTable with the label sets of series, each once. With `copies` no text points into
// the document.
class LabelRows {
 public:
    LabelRows(models::LabelTable& table, bool copies);

    // The labels of the next series, in place of those before.
    simdjson::error_code read(json::value metric);
    void clear() { labels_.clear(); }
    // A row of them; false when there is one like it already.
    bool add();
    // To be called when all are there.
    void finish();

 private:
    struct Cell {
        std::size_t column;
        std::string_view text;
    };
    std::size_t column_of(std::string_view name);
    [[nodiscard]] bool is_row(std::size_t row) const;

    models::LabelTable& table_;
    const bool copies_;
    std::shared_ptr<models::Storage> storage_ = std::make_shared<models::Storage>();
    std::vector<Cell> labels_;
    std::unordered_map<std::uint64_t, std::size_t> rows_;  // by the hash of their labels
};

}  // namespace meshscope::clients::prometheus
