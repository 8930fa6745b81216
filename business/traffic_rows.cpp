#include "business/traffic_rows.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace meshscope::business {

namespace {

using models::hash_number;
using models::kHashStart;
using models::kNoIndex;

constexpr std::array<std::string_view, kTrafficLabels - 1> kNames{
    "source_cluster",
    "source_workload_namespace",
    "source_workload",
    "source_canonical_service",
    "source_canonical_revision",
    "destination_cluster",
    "destination_service_namespace",
    "destination_service",
    "destination_service_name",
    "destination_workload_namespace",
    "destination_workload",
    "destination_canonical_service",
    "destination_canonical_revision",
    "request_protocol",
    "response_code",
    "grpc_response_status",
    "response_flags",
    "app"
};
constexpr auto kFirstOfTarget = static_cast<std::size_t>(TrafficLabel::kTargetCluster);
constexpr auto kBehindTarget = static_cast<std::size_t>(TrafficLabel::kProtocol);

}  // namespace

void TrafficTexts::reserve(std::size_t texts) {
    texts_.reserve(texts);
    index_.reserve(texts);
}

std::uint32_t TrafficTexts::number(std::string_view text) {
    const std::uint64_t hash = models::hash_text(kHashStart, text);
    const std::uint32_t found =
        index_.find(hash, [&](std::uint32_t index) { return texts_[index].text == text; });
    if (found != kNoIndex) {
        return found;
    }
    const auto number = static_cast<std::uint32_t>(texts_.size());
    texts_.push_back({text, hash});
    index_.add(hash, number);
    return number;
}

std::uint32_t TrafficReader::number(
    const models::LabelTable& table, std::size_t row, std::size_t column
) {
    const models::LabelTable::Text own = table.number(row, column);
    std::uint32_t& number = numbers_[own];
    if (number == kNoIndex) {
        number = texts_.number(table.text(own));
    }
    return number;
}

void TrafficReader::order(const models::LabelTable& table) {
    std::array<std::size_t, kTrafficLabels> columns{};
    std::ranges::transform(kNames, columns.begin(), [&](std::string_view name) {
        return table.column(name);
    });
    columns.back() = aggregate_.empty() ? models::LabelTable::kNone : table.column(aggregate_);
    numbers_.assign(table.texts(), kNoIndex);
    texts_.reserve(table.texts());
    rows_.resize(table.rows());
    unordered_.resize(table.rows());
    for (std::size_t at = 0; at < rows_.size(); ++at) {
        TrafficRow& row = rows_[at];
        for (std::size_t label = 0; label < kTrafficLabels; ++label) {
            row.texts[label] = number(table, at, columns[label]);
        }
        const auto hash = [&](std::uint64_t start, std::size_t from, std::size_t behind) {
            for (std::size_t label = from; label < behind; ++label) {
                start = hash_number(start, texts_.hash(row.texts[label]));
            }
            return start;
        };
        row.index = static_cast<std::uint32_t>(at);
        row.source_hash = hash(kHashStart, 0, kFirstOfTarget);
        row.target_hash = hash(hash(kHashStart, 0, 1), kFirstOfTarget, kBehindTarget);
        const std::uint64_t all =
            hash(hash_number(row.source_hash, row.target_hash), kBehindTarget, kTrafficLabels);
        // Rows of one source lie together: what they lead to is then near at hand.
        constexpr std::uint64_t kSource = 0xFFFF'FFFF'0000'0000U;
        unordered_[at] = {(row.source_hash & kSource) | (all >> 32U), row.index};
    }
    sort();
}

// First by their first bits into groups, which are small: the order is one of hashes.
void TrafficReader::sort() {
    constexpr std::size_t kInGroup = 8;
    const auto bits = static_cast<unsigned>(std::bit_width(unordered_.size() / kInGroup));
    const auto group = [&](const Ordered& row) {
        return bits == 0 ? 0 : static_cast<std::size_t>(row.first >> (64U - bits));
    };
    std::vector<std::size_t> first((std::size_t{1} << bits) + 1);
    for (const Ordered& row : unordered_) {
        ++first[group(row)];
    }
    std::partial_sum(first.begin(), first.end(), first.begin());
    order_.resize(unordered_.size());
    for (const Ordered& row : unordered_) {
        order_[--first[group(row)]] = row;
    }
    const auto place = [&](std::size_t index) {
        return order_.begin() + static_cast<std::ptrdiff_t>(first[index]);
    };
    for (std::size_t index = 0; index + 1 < first.size(); ++index) {
        std::sort(place(index), place(index + 1));
    }
}

}  // namespace meshscope::business
