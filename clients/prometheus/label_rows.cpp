#include "clients/prometheus/label_rows.hpp"

#include "clients/json/json_tokens.hpp"
#include "clients/prometheus/plain_answer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

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
    return add_name(key_text(key));
}

std::size_t LabelRows::plain_place_of(std::size_t expected, std::string_view& text) {
    const auto is = [&](const Name& name) { return text.starts_with(name.plain); };
    std::size_t place = expected;
    if (expected >= names_.size() || !is(names_[expected])) {
        const auto found = std::ranges::find_if(names_, is);
        place = static_cast<std::size_t>(found - names_.begin());
    }
    if (place < names_.size()) {
        text.remove_prefix(names_[place].plain.size());
        return place;
    }
    if (!pass(text, "\"")) {
        return LabelTable::kNone;
    }
    const auto spelling = pass_text(text);
    return spelling && pass(text, ":\"") ? add_name(*spelling) : LabelTable::kNone;
}

std::size_t LabelRows::add_name(std::string_view spelling) {
    if (names_.size() >= limits_.names) {
        full_ = Full::kNames;
        return LabelTable::kNone;
    }
    std::string plain = "\"";
    plain.append(spelling).append("\":\"");
    names_.push_back(
        {std::string(spelling), std::move(plain), LabelTable::kNone, LabelTable::kAbsent}
    );
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

std::optional<LabelRows::Text> LabelRows::plain_text_of(Name& name, std::string_view& text) {
    const std::string_view last = table_.text(name.last);
    if (text.size() > last.size() && text[last.size()] == '"' && text.starts_with(last)) {
        text.remove_prefix(last.size() + 1);
        return name.last;
    }
    const auto found = pass_text(text);
    if (!found) {
        return std::nullopt;
    }
    return name.last = table_.add_text(*found);
}

bool LabelRows::put(Name& name, Text text) {
    if (text == LabelTable::kAbsent) {
        return true;  // the same as no label
    }
    if (name.column == LabelTable::kNone) {
        if (!has_room(table_.columns().size() + 1)) {
            full_ = Full::kCells;
            return false;
        }
        name.column = table_.add_column(unescaped(name.spelling));
        row_.resize(table_.columns().size());
    }
    row_[name.column] = text;  // the last of two counts
    return true;
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
        return put(name, text_of(name, token)) ? simdjson::SUCCESS : simdjson::CAPACITY;
    });
}

bool LabelRows::read_plain(std::string_view& text) {
    clear();
    if (pass(text, "{}")) {
        return true;
    }
    std::size_t place = 0;
    for (std::string_view before = "{"; pass(text, before); before = ",") {
        place = plain_place_of(place, text);
        if (place == LabelTable::kNone) {
            return false;
        }
        Name& name = names_[place++];
        const auto found = plain_text_of(name, text);
        if (!found || !put(name, *found)) {
            return false;
        }
    }
    return pass(text, "}");
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
