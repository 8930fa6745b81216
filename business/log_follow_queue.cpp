#include "business/log_follow_queue.hpp"

#include "business/log_lines.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace meshscope::business {
namespace {

constexpr std::size_t kPartBytes = 64UL << 10U;
constexpr std::size_t kPartLines = 250;

}  // namespace

LogFollowQueue::Part& LogFollowQueue::open_part() {
    if (parts_.empty() || parts_.back().bytes >= kPartBytes ||
        parts_.back().lines.size() >= kPartLines) {
        parts_.emplace_back();
    }
    return parts_.back();
}

LogTexts& LogFollowQueue::texts() { return open_part().texts; }

void LogFollowQueue::add(std::vector<models::LogLine> lines, std::size_t bytes) {
    Part& part = open_part();
    if (lines.empty() && part.lines.empty()) {
        part.texts.take();  // of lines that nobody wants
        return;
    }
    part.bytes += bytes;
    bytes_ += bytes;
    lines_ += lines.size();
    std::move(lines.begin(), lines.end(), std::back_inserter(part.lines));
}

void LogFollowQueue::drop_older_half() {
    for (std::size_t left = (parts_.size() + 1) / 2; left > 0; --left) {
        const Part& oldest = parts_.front();
        dropped_ += oldest.lines.size();
        lines_ -= oldest.lines.size();
        bytes_ -= oldest.bytes;
        parts_.pop_front();
    }
}

LogFollowQueue::Taken LogFollowQueue::take() {
    Taken taken;
    std::vector<std::vector<models::LogLine>> lines(1);
    lines.front().reserve(lines_);
    for (Part& part : parts_) {
        std::move(part.lines.begin(), part.lines.end(), std::back_inserter(lines.front()));
        for (auto& block : part.texts.take()) {
            taken.texts.push_back(std::move(block));
        }
    }
    taken.lines = merge_newest(std::move(lines), lines_);
    parts_.clear();
    bytes_ = lines_ = 0;
    taken.dropped = std::exchange(dropped_, 0);
    return taken;
}

}  // namespace meshscope::business
