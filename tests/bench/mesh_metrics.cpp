#include "tests/bench/mesh_metrics.hpp"

#include "tests/bench/api_objects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace meshscope::bench {

namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

constexpr std::array<std::string_view, 6> kNames{
    "productpage-v1", "details-v1", "reviews-v1", "reviews-v2", "reviews-v3", "ratings-v1"
};
constexpr std::array<std::string_view, 20> kBounds{
    "0.5",  "1",    "5",     "10",    "25",    "50",     "100",    "250",     "500",     "1000",
    "2500", "5000", "10000", "30000", "60000", "300000", "600000", "1800000", "3600000", "+Inf"
};
constexpr std::array<std::string_view, 4> kCodes{"200", "301", "404", "503"};

// One end of a call.
struct End {
    std::string workload;
    std::string ns;
    std::string app;
};

End bookinfo(std::string_view workload) {
    return {std::string(workload), "bookinfo", std::string(workload.substr(0, workload.find('-')))};
}

End of_cluster(std::size_t workload) {
    const std::string app = fmt::format("service-{:04}", workload);
    return {app + "-v1", fmt::format("team-{:03}", workload % kClusterSpaces), app};
}

// As the proxy of that side tells of it.
Labels call(std::string_view reporter, const End& from, const End& to, std::string_view code) {
    return {
        {"destination_canonical_service", to.app},
        {"destination_cluster", "Kubernetes"},
        {"destination_service_name", to.app},
        {"destination_service_namespace", to.ns},
        {"destination_workload", to.workload},
        {"destination_workload_namespace", to.ns},
        {"reporter", std::string(reporter)},
        {"request_protocol", "http"},
        {"response_code", std::string(code)},
        {"source_canonical_service", from.app},
        {"source_cluster", "Kubernetes"},
        {"source_workload", from.workload},
        {"source_workload_namespace", from.ns},
    };
}

class Collector {
 public:
    void add(const std::string& name, Labels labels, double each, std::string_view bound = "") {
        labels.emplace_back("__name__", name);
        if (!bound.empty()) {
            labels.emplace_back("le", bound);
        }
        std::ranges::sort(labels);
        series_.push_back({std::move(labels), each});
    }
    void add_histogram(
        const std::string& name, const Labels& labels, std::size_t who, double many
    ) {
        double count = 0;
        for (std::size_t bound = 0; bound < kBounds.size(); ++bound) {
            const std::size_t distance = bound > who + 3 ? bound - who - 3 : who + 3 - bound;
            count += many / static_cast<double>(1 + distance * distance);
            add(name + "_bucket", labels, count, kBounds[bound]);
        }
        add(name + "_count", labels, count);
        add(name + "_sum", labels, count * 12.5);
    }
    [[nodiscard]] std::vector<GrowingSeries> take() { return std::move(series_); }

 private:
    std::vector<GrowingSeries> series_;
};

}  // namespace

std::vector<GrowingSeries> trace_metrics(bool all) {
    Collector out;
    for (const std::string_view reporter : {"destination", "source"}) {
        for (std::size_t who = 0; who < kNames.size(); ++who) {
            for (std::size_t code = 0; code < kCodes.size(); ++code) {
                const End from = bookinfo(kNames[(who + 1) % kNames.size()]);
                const Labels labels = call(reporter, from, bookinfo(kNames[who]), kCodes[code]);
                const auto many = static_cast<double>(7 * who + 3 * code + 11) / 4;
                out.add_histogram("istio_request_duration_milliseconds", labels, who, many);
                if (all) {
                    out.add_histogram("istio_request_bytes", labels, who, many);
                    out.add_histogram("istio_response_bytes", labels, who, many);
                    out.add("istio_requests_total", labels, many);
                }
            }
        }
    }
    return out.take();
}

std::vector<GrowingSeries> cluster_metrics(std::size_t namespaces) {
    Collector out;
    for (std::size_t i = 0; i < kClusterWorkloads; ++i) {
        if (i % kClusterSpaces >= namespaces) {
            continue;
        }
        for (const std::size_t caller : {1UL, 7UL}) {
            const End from = of_cluster((i + caller * kClusterSpaces) % kClusterWorkloads);
            for (const std::string_view reporter : {"destination", "source"}) {
                for (const std::string_view code : {"200", "503"}) {
                    const double each = code == "200" ? 30 : 0.25;
                    out.add(
                        "istio_requests_total", call(reporter, from, of_cluster(i), code), each
                    );
                }
            }
        }
    }
    return out.take();
}

}  // namespace meshscope::bench
