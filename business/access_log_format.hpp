#pragma once

#include "models/log_line.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

// A format of Envoy's access log ("[%START_TIME%] \"%REQ(:METHOD)% ..."), read backwards: from a
// line to the values of its commands. Every value ends where the text behind its command first
// occurs, so reading is linear and never goes back.
class AccessLogFormat {
 public:
    // nullopt when nothing in it tells of a request, when two commands touch each other or when a
    // '%' begins no command.
    static std::optional<AccessLogFormat> compile(std::string_view format);
    static const AccessLogFormat& istio();  // what istiod sets; the last value may be missing
    static const AccessLogFormat& envoy();  // Envoy's own when nothing is set

    // Whether the line has this form; what stands before its first literal does not count. Leaves
    // `out` in any state when it has not.
    [[nodiscard]] bool match(std::string_view line, models::AccessLine& out) const;

 private:
    using Member = std::string_view models::AccessLine::*;
    enum class Kind : std::uint8_t {
        kText,
        kWord,    // without blanks
        kNumber,  // digits
        kCount,   // digits, or '-' where formats of others may have it
    };
    struct Field {
        std::string before;       // the literal in front of it
        Member member = nullptr;  // null: a value that is of no use
        Kind kind = Kind::kText;
    };

    static std::optional<Field> read_command(std::string_view& format);
    static void name_command(std::string_view command, std::string_view argument, Field& field);
    [[nodiscard]] static bool fits(Kind kind, std::string_view value);
    [[nodiscard]] bool match_from(std::string_view line, models::AccessLine& out) const;

    std::vector<Field> fields_;
    std::string end_;  // the literal behind the last field
    bool last_optional_ = false;
};

}  // namespace meshscope::business
