#include "business/log_lines.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace meshscope::business {
namespace {

using models::LogLine;

bool earlier(const LogLine& a, const LogLine& b) { return a.time_ns < b.time_ns; }

// Ascending by time, else as they are. Lines are heavy: their places are sorted, then they move
// once.
void put_in_order(std::vector<LogLine>& lines) {
    if (std::is_sorted(lines.begin(), lines.end(), earlier)) {
        return;
    }
    std::vector<std::pair<std::int64_t, std::size_t>> order;
    order.reserve(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        order.emplace_back(lines[i].time_ns, i);
    }
    std::sort(order.begin(), order.end());
    std::vector<LogLine> sorted;
    sorted.reserve(lines.size());
    for (const auto& [time, i] : order) {
        sorted.push_back(std::move(lines[i]));
    }
    lines = std::move(sorted);
}

// What is left of one source, its last line first in the heap.
struct Cursor {
    std::size_t source = 0;
    std::size_t left = 0;
};

void append_padded(std::string& out, std::int64_t value, int width) {
    std::array<char, 20> digits{};
    int count = 0;
    do {
        digits[static_cast<std::size_t>(count++)] = static_cast<char>('0' + value % 10);
        value /= 10;
    } while (value > 0);
    out.append(static_cast<std::size_t>(std::max(0, width - count)), '0');
    while (count > 0) {
        out += digits[static_cast<std::size_t>(--count)];
    }
}

}  // namespace

std::vector<LogLine> merge_newest(std::vector<std::vector<LogLine>> sources, std::size_t tail) {
    std::size_t all = 0;
    std::vector<Cursor> heap;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        std::vector<LogLine>& lines = sources[i];
        put_in_order(lines);
        all += lines.size();
        if (!lines.empty()) {
            heap.push_back({i, lines.size()});
        }
    }
    const auto before = [&](const Cursor& a, const Cursor& b) {
        const LogLine& x = sources[a.source][a.left - 1];
        const LogLine& y = sources[b.source][b.left - 1];
        return x.time_ns != y.time_ns ? x.time_ns < y.time_ns : a.source < b.source;
    };
    std::make_heap(heap.begin(), heap.end(), before);
    std::vector<LogLine> merged(std::min(all, tail));
    for (std::size_t to = merged.size(); to > 0; --to) {
        std::pop_heap(heap.begin(), heap.end(), before);
        Cursor& newest = heap.back();
        merged[to - 1] = std::move(sources[newest.source][newest.left - 1]);
        if (--newest.left == 0) {
            heap.pop_back();
        } else {
            std::push_heap(heap.begin(), heap.end(), before);
        }
    }
    return merged;
}

void append_log_time(std::string& out, std::int64_t time_ns) {
    const std::chrono::sys_time<std::chrono::milliseconds> time(
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::nanoseconds(time_ns))
    );
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    append_padded(out, static_cast<int>(date.year()), 4);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.day()), 2);
    out += ' ';
    append_padded(out, clock.hours().count(), 2);
    out += ':';
    append_padded(out, clock.minutes().count(), 2);
    out += ':';
    append_padded(out, clock.seconds().count(), 2);
    out += '.';
    append_padded(out, clock.subseconds().count(), 3);
}

}  // namespace meshscope::business
