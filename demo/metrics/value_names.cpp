#include "demo/metrics/value_names.hpp"

#include <vector>

namespace meshscope::demo {
namespace {

constexpr std::array kFamilies = {
    Family{"istio_requests", MetricType::kCounter},
    Family{"istio_request_duration_milliseconds", MetricType::kHistogram},
    Family{"istio_request_bytes", MetricType::kHistogram},
    Family{"istio_response_bytes", MetricType::kHistogram},
    Family{"istio_request_messages", MetricType::kCounter},
    Family{"istio_response_messages", MetricType::kCounter},
    Family{"istio_tcp_connections_opened", MetricType::kCounter},
    Family{"istio_tcp_connections_closed", MetricType::kCounter},
    Family{"istio_tcp_sent_bytes", MetricType::kCounter},
    Family{"istio_tcp_received_bytes", MetricType::kCounter},
};

constexpr std::array<std::string_view, kBuckets> kBoundTexts = {
    "0.5",  "1",    "5",     "10",    "25",    "50",     "100",    "250",     "500",     "1000",
    "2500", "5000", "10000", "30000", "60000", "300000", "600000", "1800000", "3600000", "+Inf"
};

void add_histogram(
    std::vector<ValueName>& out,
    std::size_t family,
    std::string_view bucket,
    std::string_view sum,
    std::string_view count
) {
    for (const std::string_view bound : kBoundTexts) {
        out.push_back({family, bucket, bound});
    }
    out.push_back({family, sum, ""});
    out.push_back({family, count, ""});
}

std::vector<ValueName> requests(bool sizes) {
    std::vector<ValueName> out = {{0, "istio_requests_total", ""}};
    add_histogram(
        out,
        1,
        "istio_request_duration_milliseconds_bucket",
        "istio_request_duration_milliseconds_sum",
        "istio_request_duration_milliseconds_count"
    );
    if (sizes) {
        add_histogram(
            out,
            2,
            "istio_request_bytes_bucket",
            "istio_request_bytes_sum",
            "istio_request_bytes_count"
        );
        add_histogram(
            out,
            3,
            "istio_response_bytes_bucket",
            "istio_response_bytes_sum",
            "istio_response_bytes_count"
        );
    }
    return out;
}

}  // namespace

std::span<const Family> families() { return kFamilies; }

std::span<const ValueName> values_of(Measured measured) {
    static const std::vector<ValueName> kAll = requests(true);
    static const std::vector<ValueName> kFew = requests(false);
    static constexpr std::array kMessageNames = {
        ValueName{4, "istio_request_messages_total", ""},
        ValueName{5, "istio_response_messages_total", ""},
    };
    static constexpr std::array kTcpNames = {
        ValueName{6, "istio_tcp_connections_opened_total", ""},
        ValueName{7, "istio_tcp_connections_closed_total", ""},
        ValueName{8, "istio_tcp_sent_bytes_total", ""},
        ValueName{9, "istio_tcp_received_bytes_total", ""},
    };
    switch (measured) {
        case Measured::kRequests:
            return kAll;
        case Measured::kRequestsOnly:
            return kFew;
        case Measured::kMessages:
            return kMessageNames;
        case Measured::kConnections:
            return kTcpNames;
    }
    return {};
}

}  // namespace meshscope::demo
