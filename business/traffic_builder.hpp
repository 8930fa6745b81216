#pragma once

#include "business/graph_appender.hpp"
#include "business/traffic_ends.hpp"
#include "business/traffic_said.hpp"
#include "models/list_index.hpp"
#include "models/metric_table.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

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
    // Rows with the same names of both ends and the same protocol.
    struct Path {
        std::uint32_t source = 0;    // names
        std::uint32_t target = 0;    // names
        std::uint32_t protocol = 0;  // a text
        models::EdgeIndex first = models::kNoIndex;
        models::EdgeIndex second = models::kNoIndex;  // behind a service's node
        std::string_view host;                        // kept by the graph
        models::Protocol kind = models::Protocol::kOther;
        std::uint32_t next = models::kNoIndex;  // of that source
        std::uint32_t first_told = models::kNoIndex;
        [[nodiscard]] bool is(const RowEnds& ends, std::uint32_t of_protocol) const {
            return source == ends.source_names && target == ends.target_names &&
                   protocol == of_protocol;
        }
    };
    struct Told {  // what makes two rows the same
        std::uint32_t path;
        std::uint32_t code;
        std::uint32_t flags;
        TrafficMetric metric;
        std::uint32_t next = models::kNoIndex;  // of that path
        [[nodiscard]] bool is(const Told& other) const {
            return path == other.path && code == other.code && flags == other.flags &&
                   metric == other.metric;
        }
    };

    struct Pending {  // a row that counts
        RowEnds ends;
        TrafficSaid said;
        TrafficMetric metric;
        double rate;
    };

    [[nodiscard]] bool counts(const TrafficAnswer& kind, const TrafficRow& row) const;
    void read(const TrafficAnswer& kind, const TrafficRow& row, double rate);
    void take_pending();
    void take(const Pending& row);
    static std::uint64_t hash_of(
        std::uint32_t source, std::uint32_t target, std::uint32_t protocol
    );
    std::uint32_t find_path(const RowEnds& ends, std::uint32_t protocol);  // kNoIndex: none
    std::uint32_t path_of(const RowEnds& ends, std::uint32_t protocol);
    void carry(models::EdgeIndex edge, const Path& path, const Told& told, double rate);
    bool is_new(const Told& told);
    void tell_service(const RowEnds& ends);
    std::string_view kept(std::uint32_t text);

    GraphWork& work_;
    TrafficReader reader_;
    TrafficTexts& texts_;
    TrafficEnds ends_;
    TrafficSayings sayings_;
    std::vector<Pending> pending_;
    std::vector<Path> paths_;
    std::vector<Told> told_;
    std::vector<std::uint32_t> first_path_;  // by the names of the source
    std::vector<std::uint8_t> called_;       // likewise of the target: which nodes know the service
    models::ListIndex path_index_, told_index_;
    std::vector<std::string_view> kept_;  // by the number of the text
    std::vector<std::uint64_t> faults_;
    std::uint64_t scanned_ = 0;
};

}  // namespace meshscope::business
