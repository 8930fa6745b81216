#pragma once

#include "core/fetch.hpp"
#include "models/dense_index.hpp"
#include "models/metric_table.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::business {

// The labels of a row of traffic.
enum class TrafficLabel : std::uint8_t {
    kSourceCluster,
    kSourceNamespace,
    kSourceWorkload,
    kSourceApp,
    kSourceVersion,
    kTargetCluster,
    kServiceNamespace,
    kHost,
    kService,
    kTargetNamespace,
    kTargetWorkload,
    kTargetApp,
    kTargetVersion,
    kProtocol,
    kHttpCode,
    kGrpcStatus,
    kFlags,
    kReportingApp,
    kAggregate,  // the label that the request names
};
inline constexpr std::size_t kTrafficLabels = 19;

// Texts of the rows of several answers, each once: a row is compared and looked up by numbers.
// The texts outlive it.
class TrafficTexts {
 public:
    void reserve(std::size_t texts);  // room for so many
    [[nodiscard]] std::uint32_t number(std::string_view text);
    [[nodiscard]] std::string_view text(std::uint32_t number) const { return texts_[number].text; }
    // Of the text alone: the same in every answer and process.
    [[nodiscard]] std::uint64_t hash(std::uint32_t number) const { return texts_[number].hash; }

 private:
    struct Text {
        std::string_view text;
        std::uint64_t hash;
    };
    std::vector<Text> texts_;
    models::DenseIndex index_;
};

// One row: the numbers of its texts, by label; that of "" where it has no such label.
struct TrafficRow {
    std::array<std::uint32_t, kTrafficLabels> texts;
    std::uint32_t index;        // in its answer
    std::uint64_t source_hash;  // of the labels of the source
    std::uint64_t target_hash;  // of those of the target, and of the source's cluster

    [[nodiscard]] std::uint32_t operator[](TrafficLabel label) const {
        return texts[static_cast<std::size_t>(label)];
    }
};

// Reads the rows of one answer after another.
class TrafficReader {
 public:
    // `aggregate`: the name of that label, "" for none.
    explicit TrafficReader(std::string_view aggregate = {}) : aggregate_(aggregate) {}

    // Of all answers that were read.
    [[nodiscard]] TrafficTexts& texts() { return texts_; }
    // The rows of the table in an order of their labels, whatever the store's; some rows before a
    // row's visit it is `ahead`. Valid until the next call.
    template <class Ahead, class Visit>
    void read(const models::LabelTable& table, const Ahead& ahead, const Visit& visit) {
        constexpr std::size_t kNear = 4;
        constexpr std::size_t kFar = 8;
        order(table);
        for (std::size_t at = 0; at < order_.size(); ++at) {
            if (at + kFar < order_.size()) {
                fetch(&rows_[order_[at + kFar].second], sizeof(TrafficRow));
            }
            if (at + kNear < order_.size()) {
                ahead(rows_[order_[at + kNear].second]);
            }
            visit(rows_[order_[at].second]);
        }
    }

 private:
    void order(const models::LabelTable& table);
    void sort();
    std::uint32_t number(const models::LabelTable& table, std::size_t row, std::size_t column);

    std::string_view aggregate_;
    TrafficTexts texts_;
    std::vector<std::uint32_t> numbers_;  // by those of the table
    std::vector<TrafficRow> rows_;
    using Ordered = std::pair<std::uint64_t, std::uint32_t>;
    std::vector<Ordered> order_, unordered_;
};

}  // namespace meshscope::business
