#pragma once

#include "core/clock.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace meshscope::clients::prometheus {

// The parameters of a call, as a form is encoded: the body of a POST or the query of a GET.
class QueryForm {
 public:
    QueryForm& add(std::string_view name, std::string_view value);
    // Decimal seconds, milliseconds as a fraction: "1763683200.5".
    QueryForm& add_time(std::string_view name, SystemTime time);
    // "4500ms".
    QueryForm& add_duration(std::string_view name, std::chrono::milliseconds time);
    [[nodiscard]] const std::string& text() const { return text_; }

 private:
    std::string text_;
};

// Whole milliseconds since the epoch, as they are sent.
[[nodiscard]] std::int64_t to_millis(SystemTime time);

}  // namespace meshscope::clients::prometheus
