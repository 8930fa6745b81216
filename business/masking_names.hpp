#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

// The names whose values are secret. Compared without case, '-' and '_' alike. Most names are
// refused by their length and first letter, without a comparison.
class SecretNames {
 public:
    // `extra`: configured names, secret wherever they stand.
    explicit SecretNames(std::span<const std::string> extra);

    // As an attribute, a header, or anywhere in a text: "authorization", "cookie", "password".
    [[nodiscard]] bool anywhere(std::string_view name) const;
    // As a parameter of a URL, where "code" and "sig" are secrets too.
    [[nodiscard]] bool parameter(std::string_view name) const;

 private:
    enum class Use : std::uint8_t { kAnywhere, kParameter };
    struct Name {
        std::string text;  // lower case, '-' for '_'
        Use use = Use::kAnywhere;
    };

    void add(std::string_view name, Use use);
    [[nodiscard]] const Name* find(std::string_view name) const;

    static constexpr std::size_t kLengths = 64;  // longer names share one list
    std::array<std::uint32_t, kLengths> letters_{
    };  // by length: the first letters; bit 0 for any other
    std::array<std::vector<Name>, kLengths> by_length_;
    std::vector<Name> long_names_;
};

}  // namespace meshscope::business
