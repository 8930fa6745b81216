#include "business/log_parse.hpp"

#include <string>

namespace meshscope::business {

namespace {

constexpr std::size_t kBytesOfLine = 200;  // about

}  // namespace

std::vector<ParsedLog> LogParse::run() {
    std::vector<ParsedLog> parsed(logs_.size());
    for (std::size_t i = 0; i < logs_.size(); ++i) {
        auto& [kind, raw] = logs_[i];
        ParsedLog& log = parsed[i];
        log.lines.reserve(static_cast<std::size_t>(raw.bytes) / kBytesOfLine);
        LineReader reader({static_cast<std::uint32_t>(i), kind}, parser_, masker_, line_bytes_);
        for (std::string& piece : raw.pieces) {
            reader.take(std::move(piece), log.lines, log.texts);
        }
        reader.finish(log.lines, log.texts);
    }
    return parsed;
}

}  // namespace meshscope::business
