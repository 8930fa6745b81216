#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::test {

struct Answer {
    std::string method = "get";  // lower case, as in the contract
    std::string pattern;         // of the route
    unsigned status = 200;
    std::string content_type;
    std::string body;
    std::string meta_header;  // "" when there was none
};

// Holds answers against the contract. A member that a schema does not name, a status, a content
// type or a meta header that the route does not declare is a problem; so is a keyword of JSON
// Schema that this class does not know, so that nothing is passed over in silence.
class OpenApiCheck {
 public:
    explicit OpenApiCheck(std::string_view contract_json);
    ~OpenApiCheck();

    // One line for each problem; empty when the answer is as it should be.
    [[nodiscard]] std::vector<std::string> problems(const Answer& answer) const;

    // Method and path of every operation, ascending.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> operations() const;

    // Every object schema that neither forbids further members nor says what they are, and every
    // member without a value (a comma in a description without quotes makes one).
    [[nodiscard]] std::vector<std::string> open_objects() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::test
