#pragma once

#include "business/masking_names.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace meshscope::business {

// A piece [from, to) of a text.
struct Cut {
    std::size_t from = 0;
    std::size_t to = 0;
};

// Finds the secrets inside a text, from left to right: values of sensitive parameters
// (`?token=...`, `password=...;`), also inside percent-encoded values, and user information of
// URLs. Linear in the text. `text` and `names` outlive the finder.
class SecretFinder {
 public:
    enum class Form { kText, kQuery };  // kQuery: a bare query string, as url.query has it

    SecretFinder(const SecretNames& names, std::string_view text, Form form, int depth = 0);

    // The next secret, nullopt when there is none left.
    std::optional<Cut> next();

 private:
    std::optional<Cut> user_information();
    std::optional<Cut> parameter();
    [[nodiscard]] bool hides_secret(std::string_view value) const;

    const SecretNames& names_;
    std::string_view text_;
    Form form_;
    int depth_;
    std::size_t done_ = 0;     // nothing before this is looked at again
    std::size_t equals_;       // the next '=', npos when none
    std::size_t scheme_;       // the next "://", npos when none or when there is no '@'
    std::size_t decoded_ = 0;  // values up to here have been looked at decoded
};

}  // namespace meshscope::business
