#include "clients/prometheus/label_rows.hpp"

#include "clients/json/json_tokens.hpp"

#include <algorithm>
#include <cstring>

namespace meshscope::clients::prometheus {

namespace {

using models::LabelTable;

std::string unescaped(std::string_view spelling) {
    return copy_of("\"" + std::string(spelling) + "\"");
}

}  // namespace

void LabelRows::clear() { std::ranges::fill(row_, LabelTable::kAbsent); }

// Series mostly have the same labels in the same order. The value stands behind the key, so between
// both there is all of the key and its quote.
std::size_t LabelRows::place_of(std::size_t expected, const char* key, const char* value) {
    const auto room = static_cast<std::size_t>(value - key);
    const auto is = [&](const Name& name) {
        const std::size_t size = name.spelling.size();
        return size < room && std::memcmp(key, name.spelling.data(), size) == 0 && key[size] == '"';
    };
    if (expected < names_.size() && is(names_[expected])) {
        return expected;
    }
    const auto found = std::ranges::find_if(names_, is);
    if (found != names_.end()) {
        return static_cast<std::size_t>(found - names_.begin());
    }
    if (names_.size() >= limits_.names) {
        full_ = Full::kNames;
        return LabelTable::kNone;
    }
    names_.push_back({std::string(key_text(key)), LabelTable::kNone, LabelTable::kAbsent});
    return names_.size() - 1;
}

LabelRows::Text LabelRows::text_of(Name& name, std::string_view token) {
    if (token.size() < 2 || token.front() != '"' || token.back() != '"') {
        return table_.add_text(copy_of(token));  // bare, or white space follows it
    }
    const std::string_view text = token.substr(1, token.size() - 2);
    if (table_.text(name.last) == text) {
        return name.last;
    }
    if (std::memchr(text.data(), '\\', text.size()) != nullptr) {
        return table_.add_text(copy_of(token));
    }
    return name.last = table_.add_text(text);
}

simdjson::error_code LabelRows::read(json::value metric) {
    clear();
    std::size_t place = 0;
    return for_each_field(metric, [&](const char* key, json::value value) {
        const std::string_view token = value.raw_json_token();
        place = place_of(place, key, token.data());
        if (place == LabelTable::kNone) {
            return simdjson::CAPACITY;
        }
        Name& name = names_[place++];
        const Text text = text_of(name, token);
        if (text == LabelTable::kAbsent) {
            return simdjson::SUCCESS;  // the same as no label
        }
        if (name.column == LabelTable::kNone) {
            if (!has_room(table_.columns().size() + 1)) {
                full_ = Full::kCells;
                return simdjson::CAPACITY;
            }
            name.column = table_.add_column(unescaped(name.spelling));
            row_.resize(table_.columns().size());
        }
        row_[name.column] = text;  // the last of two counts
        return simdjson::SUCCESS;
    });
}

bool LabelRows::is_row(std::size_t row) const {
    for (std::size_t column = 0; column < row_.size(); ++column) {
        if (table_.number(row, column) != row_[column]) {
            return false;
        }
    }
    return true;
}

bool LabelRows::add() {
    std::uint64_t hash = models::kHashStart;
    for (std::size_t column = 0; column < row_.size(); ++column) {
        if (row_[column] != LabelTable::kAbsent) {
            hash = models::hash_number(hash, std::uint64_t{column} << 32U | row_[column]);
        }
    }
    const auto same = [&](std::uint32_t row) { return is_row(row); };
    if (rows_.find(hash, same) != models::kNoIndex) {
        return false;
    }
    rows_.add(hash, static_cast<std::uint32_t>(table_.add_row(row_)));
    return true;
}

}  // namespace meshscope::clients::prometheus
