#pragma once

#include "clients/json/json_walk.hpp"
#include "models/dense_index.hpp"
#include "models/metric_table.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::clients::prometheus {

// Fills a LabelTable with the label sets of series, each once. No text of it points into the
// document.
class LabelRows {
 public:
    explicit LabelRows(models::LabelTable& table) : table_(table) {}

    // The labels of the next series, in place of those before.
    simdjson::error_code read(json::value metric);
    void clear();
    // A row of them; false when there is one like it already.
    bool add();
    // To be called when all are there.
    void finish() { table_.finish(); }

 private:
    using Text = models::LabelTable::Text;
    struct Name {
        std::string spelling;  // as it stands in the document
        std::size_t column;    // kNone until a series has a text for it
        Text last;             // of the series before; has no backslash
    };
    std::size_t place_of(std::size_t expected, const char* key, const char* value);
    Text text_of(Name& name, std::string_view token);
    [[nodiscard]] bool is_row(std::size_t row) const;

    models::LabelTable& table_;
    std::vector<Name> names_;  // in the order of the series that first had them
    std::vector<Text> row_;    // by column
    models::DenseIndex rows_;  // by the hash of their labels
};

}  // namespace meshscope::clients::prometheus
