#pragma once

#include "clients/json/json_walk.hpp"
#include "models/dense_index.hpp"
#include "models/metric_table.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::clients::prometheus {

// Fills a LabelTable with the label sets of series, each once. No text of it points into the
// document.
class LabelRows {
 public:
    struct Limits {
        std::size_t names;  // of labels, over all series: each is looked for among all
        std::size_t cells;  // of the table: rows times names
    };
    enum class Full : std::uint8_t { kNo, kNames, kCells };
    LabelRows(models::LabelTable& table, Limits limits) : table_(table), limits_(limits) {}

    // The labels of the next series, in place of those before. CAPACITY: full() says of what.
    simdjson::error_code read(json::value metric);
    // The same where they are written plainly (plain_answer.hpp), at the beginning of `text`; they
    // are passed. False: they look different, or full() says of what there is too much.
    bool read_plain(std::string_view& text);
    void clear();
    // A row of them; false when there is one like it already.
    bool add();
    // What there was no room for; then nothing more is to be read.
    [[nodiscard]] Full full() const { return full_; }
    // Whether there is room for one row more, of `columns`.
    [[nodiscard]] bool has_room(std::size_t columns) const {
        return (table_.rows() + 1) * columns <= limits_.cells;
    }
    // To be called when all are there.
    void finish() { table_.finish(); }

 private:
    using Text = models::LabelTable::Text;
    struct Name {
        std::string spelling;  // as it stands in the document
        std::string plain;     // what stands before a value of it: quotes and colon, too
        std::size_t column;    // kNone until a series has a text for it
        Text last;             // of the series before; has no backslash
    };
    // kNone: there are too many names, or (plain) it looks different.
    std::size_t place_of(std::size_t expected, const char* key, const char* value);
    std::size_t plain_place_of(std::size_t expected, std::string_view& text);
    std::size_t add_name(std::string_view spelling);
    Text text_of(Name& name, std::string_view token);
    std::optional<Text> plain_text_of(Name& name, std::string_view& text);
    // False: full().
    bool put(Name& name, Text text);
    [[nodiscard]] bool is_row(std::size_t row) const;

    models::LabelTable& table_;
    Limits limits_;
    Full full_ = Full::kNo;
    std::vector<Name> names_;  // in the order of the series that first had them
    std::vector<Text> row_;    // by column
    models::DenseIndex rows_;  // by the hash of their labels
};

}  // namespace meshscope::clients::prometheus
