#pragma once

#include "business/masking_names.hpp"
#include "core/credential_text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace meshscope::business {

// A piece [from, to) of a text.
struct Cut {
    std::size_t from = 0;
    std::size_t to = 0;
};

// Whether a finder could find anything: every secret stands behind a '=', before a '@', or is a
// credential behind the name of its scheme and a blank. Reads eight bytes at a time: this is asked
// for each value of each span.
inline bool may_hold_secret(std::string_view text) {
    constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
    std::uint64_t blanks = 0;
    const auto hit = [&blanks](std::uint64_t word) {
        const std::uint64_t equals = word ^ (kOnes * '=');
        const std::uint64_t sign = word ^ (kOnes * '@');
        const std::uint64_t blank = word ^ (kOnes * ' ');
        blanks |= (blank - kOnes) & ~blank;
        return (((equals - kOnes) & ~equals) | ((sign - kOnes) & ~sign)) & (kOnes * 0x80);
    };
    const char* at = text.data();
    std::size_t left = text.size();
    std::uint64_t word = 0;
    if (left < sizeof(word)) {
        return text.find_first_of("=@") != std::string_view::npos;
    }
    for (; left > sizeof(word); at += sizeof(word), left -= sizeof(word)) {
        std::memcpy(&word, at, sizeof(word));
        if (hit(word) != 0) {
            return true;
        }
    }
    std::memcpy(&word, at + left - sizeof(word), sizeof(word));
    return hit(word) != 0 || ((blanks & (kOnes * 0x80)) != 0 && find_credential(text).has_value());
}

// Finds the secrets inside a text, from left to right: values of sensitive parameters
// (`?token=...`, `password=...;`), also inside percent-encoded values, user information of URLs,
// and credentials of Authorization values ("Bearer ..."). Linear in the text. `text` and `names`
// outlive the finder.
class SecretFinder {
 public:
    enum class Form { kText, kQuery };  // kQuery: a bare query string, as url.query has it

    SecretFinder(const SecretNames& names, std::string_view text, Form form, int depth = 0);

    // The next secret, nullopt when there is none left.
    std::optional<Cut> next();

 private:
    std::optional<Cut> user_information();
    std::optional<Cut> parameter();
    std::optional<Cut> credential();
    void pass(std::size_t end);
    [[nodiscard]] bool hides_secret(std::string_view value) const;

    const SecretNames& names_;
    std::string_view text_;
    Form form_;
    int depth_;
    std::size_t done_ = 0;                 // nothing before this is looked at again
    std::size_t equals_;                   // the next '=', npos when none
    std::size_t scheme_;                   // the next "://", npos when none or when there is no '@'
    std::optional<TextRange> credential_;  // the next one
    std::size_t decoded_ = 0;              // values up to here have been looked at decoded
};

}  // namespace meshscope::business
