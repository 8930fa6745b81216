#include "clients/prometheus/query_form.hpp"

#include "core/text.hpp"

namespace meshscope::clients::prometheus {

std::int64_t to_millis(SystemTime time) {
    return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

QueryForm& QueryForm::add(std::string_view name, std::string_view value) {
    text_ += text_.empty() ? "" : "&";
    text_ += name;
    text_ += '=';
    text_ += percent_encode(value);
    return *this;
}

QueryForm& QueryForm::add_time(std::string_view name, SystemTime time) {
    const std::int64_t millis = to_millis(time);
    const std::int64_t whole = millis < 0 ? -millis : millis;
    std::string text = (millis < 0 ? "-" : "") + std::to_string(whole / 1'000);
    if (whole % 1'000 != 0) {
        const std::string fraction = std::to_string(1'000 + whole % 1'000);
        text += '.' + fraction.substr(1);
    }
    return add(name, text);
}

QueryForm& QueryForm::add_duration(std::string_view name, std::chrono::milliseconds time) {
    return add(name, std::to_string(time.count()) + "ms");
}

}  // namespace meshscope::clients::prometheus
