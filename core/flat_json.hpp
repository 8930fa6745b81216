#pragma once

#include "core/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace meshscope {

// JSON of many short members, where appending each to a string would cost more than what it says.
// Punctuation is the caller's: literals as they stand in the document. Keeps its memory; begin with
// clear().
class FlatJson {
 public:
    void clear() { size_ = 0; }
    [[nodiscard]] std::string_view view() const { return {data_.get(), size_}; }

    template <std::size_t N>
    void literal(const char (&text)[N]) {
        std::memcpy(room(N), text, N - 1);
        size_ += N - 1;
    }
    // Trusted, as it stands.
    void raw(std::string_view text) {
        std::copy(text.begin(), text.end(), room(text.size()));
        size_ += text.size();
    }
    // In quotes.
    void string(std::string_view text) {
        char* to = room(json_text_bound(text.size()) + 2);
        *to++ = '"';
        to = write_json_text(to, text);
        *to++ = '"';
        size_ = static_cast<std::size_t>(to - data_.get());
    }
    void integer(std::int64_t value) {
        char* const to = room(20);
        size_ += static_cast<std::size_t>(std::to_chars(to, to + 20, value).ptr - to);
    }

 private:
    char* room(std::size_t bytes) {
        if (capacity_ - size_ < bytes) {
            grow(bytes);
        }
        return data_.get() + size_;
    }
    void grow(std::size_t bytes) {
        const std::size_t capacity = std::max(2 * capacity_, size_ + bytes);
        auto data = std::make_unique_for_overwrite<char[]>(capacity);
        std::copy_n(data_.get(), size_, data.get());
        data_ = std::move(data);
        capacity_ = capacity;
    }

    static constexpr std::size_t kFirst = 4096;

    std::unique_ptr<char[]> data_ = std::make_unique_for_overwrite<char[]>(kFirst);
    std::size_t size_ = 0;
    std::size_t capacity_ = kFirst;
};

}  // namespace meshscope
