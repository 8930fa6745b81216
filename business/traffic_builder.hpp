#pragma once

#include "business/graph_appender.hpp"
#include "business/traffic_ends.hpp"
#include "models/metric_table.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::business {

// What a question of traffic counts. The names of TCP's metrics say whose bytes the proxy of the
// destination saw: what a client sends is what its destination has received.
enum class TrafficMetric : std::uint8_t {
    kRequests,
    kMessagesSent,
    kMessagesReceived,
    kBytesSent,
    kBytesReceived,
};

// Which rows of the answer count.
enum class TrafficRows : std::uint8_t {
    kAll,
    kFromElsewhere,  // whose source is in another namespace than the workload they reach
    kUnreached,      // that name a service of one of `namespaces`, from another namespace than that
};

struct TrafficAnswer {
    TrafficMetric metric = TrafficMetric::kRequests;
    TrafficRows rows = TrafficRows::kAll;
    const std::vector<std::string>* namespaces = nullptr;  // ascending; for kUnreached
};

// Makes nodes and edges of rows. Answers are added in the order in which they are to be believed:
// of rows that tell the same (metric, both ends by name, code, flags, host) the first one counts,
// so what both proxies report is counted once, and what only one reports is not lost. The rows of
// one answer come in an order of their labels, whatever the store's: the same rows make the same
// graph. Answers outlive the builder.
class TrafficBuilder {
 public:
    explicit TrafficBuilder(GraphWork& work);

    void add(const TrafficAnswer& kind, const models::MetricVector& answer);
    // Counts rows that told of no traffic, by reason, in the work's meta.
    void report();

 private:
    struct Row {
        std::uint64_t order;
        TrafficEnds::Hashes hashes;
        std::uint32_t row;
    };
    struct Columns;
    struct Told {  // what makes two rows the same
        std::uint32_t source;
        std::uint32_t target;
        std::uint32_t answer;  // code and flags
        TrafficMetric metric;
        models::Protocol protocol;
        friend bool operator==(const Told&, const Told&) = default;
    };
    struct Traffic {
        RowEnds ends;
        std::string_view protocol;
        std::string_view code;
        std::string_view flags;
        TrafficMetric metric = TrafficMetric::kRequests;
        double rate = 0;
    };

    [[nodiscard]] static bool counts(
        const TrafficAnswer& kind,
        std::string_view source_ns,
        std::string_view workload_ns,
        std::string_view host
    );
    void read(
        const TrafficAnswer& kind,
        const models::MetricVector& answer,
        const Columns& columns,
        const Row& row
    );
    void apply(const Traffic& traffic);
    void carry(models::EdgeIndex edge, const Traffic& traffic, const models::TrafficRates& rates);
    bool is_new(const Told& told);
    std::uint32_t number_of(std::string_view code, std::string_view flags);

    GraphWork& work_;
    TrafficEnds ends_;
    std::vector<Told> told_;
    std::vector<std::pair<std::string_view, std::string_view>> answers_;
    models::DenseIndex told_index_, answers_index_;
    std::vector<Row> rows_;  // of the answer being added
    std::vector<std::uint64_t> faults_;
    std::uint64_t scanned_ = 0;
};

// The rates of one row on its edge and on the node it reaches. `code` "-": no response.
models::TrafficRates rates_of(models::Protocol protocol, std::string_view code, double rate);

}  // namespace meshscope::business
