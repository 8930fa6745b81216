#include "business/log_lines.hpp"
#include "core/text.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

using namespace meshscope;
using business::AccessLogFormat;
using business::AccessLogParser;
using business::LineReader;
using business::LogTexts;
using models::AccessLine;
using models::LogLine;

namespace {

constexpr std::size_t kLineBytes = 512;

void demand(bool condition) {
    if (!condition) {
        __builtin_trap();
    }
}

bool inside(std::string_view part, std::string_view whole) {
    const std::less_equal<const char*> before;
    return part.empty() || (before(whole.data(), part.data()) &&
                            before(part.data() + part.size(), whole.data() + whole.size()));
}

std::vector<LogLine> read(
    std::string_view log, std::size_t piece, const AccessLogParser& parser, LogTexts& texts
) {
    std::vector<LogLine> lines;
    LineReader reader({0, models::LogSource::kProxy}, parser, nullptr, kLineBytes);
    for (std::size_t at = 0; at < log.size(); at += piece) {
        reader.feed(log.substr(at, piece), lines, texts);
    }
    reader.finish(lines, texts);
    return lines;
}

void check_line(const LogLine& line) {
    demand(!line.message.empty() && line.message.size() <= kLineBytes);
    demand(is_valid_utf8(line.message));
    demand(inside(line.request_id, line.message) || line.access != nullptr);
    std::string out;
    business::append_log_time(out, line.time_ns);
    demand(out.size() == 23);
}

// A format that is any text reads its own lines without looking outside of them.
void check_parser(const AccessLogParser& parser, std::string_view message) {
    std::string store;
    const auto access = parser.parse(message, store);
    if (access) {
        for (const auto member :
             {&AccessLine::start_time,
              &AccessLine::path,
              &AccessLine::status_code,
              &AccessLine::request_id,
              &AccessLine::route_name,
              &AccessLine::trace_id}) {
            const std::string_view value = (*access).*member;
            demand(inside(value, message) || inside(value, store));
        }
    }
    business::parse_ztunnel(message);
    const business::LineIds ids = business::find_ids(message);
    demand(inside(ids.trace_id, message) && inside(ids.request_id, message));
}

}  // namespace

// The first line is a format, the rest a log.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t end = input.find('\n');
    const AccessLogParser parser(input.substr(0, end));
    const std::string_view log =
        end == std::string_view::npos ? std::string_view() : input.substr(end + 1);
    LogTexts texts;
    LogTexts others;
    const std::vector<LogLine> whole = read(log, log.size() + 1, parser, texts);
    const std::vector<LogLine> pieces = read(log, 7, parser, others);
    demand(whole.size() == pieces.size());
    for (std::size_t i = 0; i < whole.size(); ++i) {
        check_line(whole[i]);
        demand(whole[i].message == pieces[i].message && whole[i].time_ns == pieces[i].time_ns);
        demand(whole[i].severity == pieces[i].severity && whole[i].cut == pieces[i].cut);
        demand((whole[i].access == nullptr) == (pieces[i].access == nullptr));
    }
    check_parser(parser, log);
    return 0;
}
