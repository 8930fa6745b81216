#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope {

struct JsonMember {
    std::string name;
    bool is_text = false;
    std::string value;  // a decoded text; of everything else the JSON as it stands there
};

// A small JSON object (RFC 8259), read once: claims of a token, what a cookie holds. Not for what
// upstreams send.
class JsonObject {
 public:
    // nullopt when it is not exactly one well-formed object, or one nested deeper than 32. Of equal
    // names the last one counts. Linear in the text.
    static std::optional<JsonObject> parse(std::string_view text);

    [[nodiscard]] const std::vector<JsonMember>& members() const { return members_; }
    // A text; nullopt when there is none of that name or it is something else.
    [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const;
    // Likewise a number that is finite.
    [[nodiscard]] std::optional<double> number(std::string_view name) const;
    [[nodiscard]] std::optional<JsonObject> object(std::string_view name) const;

 private:
    [[nodiscard]] const JsonMember* find(std::string_view name) const;
    std::vector<JsonMember> members_;
};

}  // namespace meshscope
