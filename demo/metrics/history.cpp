#include "demo/metrics/history.hpp"

#include <algorithm>
#include <optional>

namespace meshscope::demo {
namespace {

constexpr std::string_view kBound = "le";

BlockWriter::SeriesRef add_group(BlockWriter& block, const SeriesGroup& group) {
    std::vector<Label> plain = {{"__name__", ""}};
    plain.insert(plain.end(), group.labels.begin(), group.labels.end());
    std::vector<Label> bucket = plain;
    const auto place = std::find_if(bucket.begin(), bucket.end(), [](const Label& label) {
        return label.first > kBound;
    });
    const auto at = static_cast<std::size_t>(place - bucket.begin());
    bucket.insert(place, {kBound, ""});

    std::optional<BlockWriter::SeriesRef> first;
    for (const ValueName& value : values_of(group.measured)) {
        const bool bounded = !value.le.empty();
        std::vector<Label>& labels = bounded ? bucket : plain;
        labels.front().second = value.name;
        if (bounded) {
            labels[at].second = value.le;
        }
        const BlockWriter::SeriesRef ref = block.add_series(labels);
        first = first.value_or(ref);
    }
    return first.value_or(0);
}

std::int64_t milliseconds(SystemTime time) { return to_micros(time) / 1'000; }

}  // namespace

bool write_history(
    MeshMetrics& metrics,
    SystemTime from,
    SystemTime to,
    BlockWriter& block,
    std::atomic<int>& percent,
    const std::atomic<bool>& wanted
) {
    const auto step = std::chrono::duration_cast<std::chrono::microseconds>(kHistoryStep);
    std::vector<BlockWriter::SeriesRef> first;  // of each group
    const auto since = from.time_since_epoch();
    SystemTime at = from + (step - since % step) % step;
    for (; at <= to; at += step) {
        if (!wanted) {
            return false;
        }
        metrics.advance(at);
        const auto groups = metrics.groups();
        while (first.size() < groups.size()) {
            first.push_back(add_group(block, groups[first.size()]));
        }
        for (std::size_t i = 0; i < groups.size(); ++i) {
            for (std::size_t value = 0; value < groups[i].values.size(); ++value) {
                const auto series = static_cast<BlockWriter::SeriesRef>(first[i] + value);
                block.append(series, milliseconds(at), groups[i].values[value]);
            }
        }
        percent = static_cast<int>(100 * (at - from) / std::max(to - from, step));
    }
    return true;
}

}  // namespace meshscope::demo
