#pragma once

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
    // The rows of the table in an order of their labels, whatever the store's. Valid until the next
    // call.
    template <class Visit>
    void read(const models::LabelTable& table, const Visit& visit) {
        order(table);
        for (const auto& [order, row] : order_) {
            visit(rows_[row]);
        }
    }

 private:
    void order(const models::LabelTable& table);
    std::uint32_t number(const models::LabelTable& table, std::size_t row, std::size_t column);

    std::string_view aggregate_;
    TrafficTexts texts_;
    std::vector<std::uint32_t> numbers_;  // by those of the table
    std::vector<TrafficRow> rows_;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> order_;
};

}  // namespace meshscope::business
