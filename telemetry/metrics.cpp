#include "telemetry/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <tuple>
#include <vector>

namespace meshscope::telemetry {
namespace {

constexpr std::size_t kMaxLabelValues = 200;
constexpr unsigned kFirstStatus = 100;
constexpr unsigned kStatuses = 500;

const prometheus::Histogram::BucketBoundaries& duration_buckets() {
    static const prometheus::Histogram::BucketBoundaries kBuckets{
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60
    };
    return kBuckets;
}

double seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

class Meter final : public RequestMeter {
 public:
    Meter(
        prometheus::Family<prometheus::Counter>& requests,
        prometheus::Histogram& durations,
        std::string route,
        std::string method
    )
        : requests_(requests),
          durations_(durations),
          route_(std::move(route)),
          method_(std::move(method)) {}

    void record(unsigned status, std::chrono::nanoseconds took) override {
        const unsigned known =
            status >= kFirstStatus && status < kFirstStatus + kStatuses ? status : 599;
        std::atomic<prometheus::Counter*>& slot = counters_[known - kFirstStatus];
        prometheus::Counter* counter = slot.load(std::memory_order_acquire);
        if (counter == nullptr) {
            // Add() gives the same counter to every caller with the same labels.
            counter = &requests_.Add(
                {{"route", route_}, {"method", method_}, {"status", std::to_string(known)}}
            );
            slot.store(counter, std::memory_order_release);
        }
        counter->Increment();
        durations_.Observe(seconds(took));
    }

 private:
    prometheus::Family<prometheus::Counter>& requests_;
    prometheus::Histogram& durations_;
    std::string route_;
    std::string method_;
    std::array<std::atomic<prometheus::Counter*>, kStatuses> counters_{};
};

struct GaugeFamily {
    std::string help;
    std::string label;
    std::map<std::string, std::function<double()>, std::less<>> readers;  // by label value
};

std::string full_name(std::string_view name) { return "meshscope_" + std::string(name); }

}  // namespace

struct MetricsRegistry::Impl {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& requests =
        prometheus::BuildCounter()
            .Name("meshscope_http_requests_total")
            .Help("Requests answered, by route pattern.")
            .Register(registry);
    prometheus::Family<prometheus::Histogram>& durations =
        prometheus::BuildHistogram()
            .Name("meshscope_http_request_duration_seconds")
            .Help("From the head of a request to the last byte of its answer.")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& upstream_calls =
        prometheus::BuildCounter()
            .Name("meshscope_upstream_calls_total")
            .Help("Calls sent to an upstream, by how they ended.")
            .Register(registry);
    prometheus::Family<prometheus::Histogram>& upstream_durations =
        prometheus::BuildHistogram()
            .Name("meshscope_upstream_call_duration_seconds")
            .Help("How long calls to an upstream took.")
            .Register(registry);

    mutable std::mutex mutex;
    std::map<std::pair<std::string, std::string>, std::unique_ptr<Meter>> meters;
    std::map<std::string, prometheus::Family<prometheus::Counter>*, std::less<>> counters;
    std::map<std::string, std::set<std::string, std::less<>>, std::less<>> label_values;
    std::map<std::string, GaugeFamily, std::less<>> gauges;

    // `value`, or "other" when `set` already has as many values as it may. Call with the mutex
    // held.
    std::string bounded(std::string_view set, std::string_view value) {
        auto& values = label_values[std::string(set)];
        if (values.contains(value)) {
            return std::string(value);
        }
        if (values.size() >= kMaxLabelValues) {
            return "other";
        }
        return *values.emplace(value).first;
    }
};

MetricsRegistry::MetricsRegistry() : impl_(std::make_unique<Impl>()) {}
MetricsRegistry::~MetricsRegistry() = default;

RequestMeter& MetricsRegistry::request_meter(std::string_view route, std::string_view method) {
    const std::scoped_lock lock(impl_->mutex);
    const std::pair key(impl_->bounded("route", route), impl_->bounded("method", method));
    std::unique_ptr<Meter>& meter = impl_->meters[key];
    if (!meter) {
        prometheus::Histogram& durations = impl_->durations.Add(
            {{"route", key.first}, {"method", key.second}}, duration_buckets()
        );
        meter = std::make_unique<Meter>(impl_->requests, durations, key.first, key.second);
    }
    return *meter;
}

void MetricsRegistry::count_request(
    std::string_view route, std::string_view method, unsigned status, std::chrono::nanoseconds took
) {
    request_meter(route, method).record(status, took);
}

void MetricsRegistry::count_upstream_call(
    std::string_view upstream, std::string_view outcome, std::chrono::nanoseconds took
) {
    std::string name;
    std::string result;
    {
        const std::scoped_lock lock(impl_->mutex);
        name = impl_->bounded("upstream", upstream);
        result = impl_->bounded("outcome", outcome);
    }
    impl_->upstream_calls.Add({{"upstream", name}, {"outcome", result}}).Increment();
    impl_->upstream_durations.Add({{"upstream", name}}, duration_buckets()).Observe(seconds(took));
}

void MetricsRegistry::add_gauge(
    std::string name,
    std::string help,
    std::string label,
    std::string label_value,
    std::function<double()> read
) {
    const std::scoped_lock lock(impl_->mutex);
    GaugeFamily& family = impl_->gauges[full_name(name)];
    family.help = std::move(help);
    family.label = std::move(label);
    family.readers[std::move(label_value)] = std::move(read);
}

void MetricsRegistry::remove_gauge(std::string_view name, std::string_view label_value) {
    const std::scoped_lock lock(impl_->mutex);
    const auto family = impl_->gauges.find(full_name(name));
    if (family == impl_->gauges.end()) {
        return;
    }
    if (const auto reader = family->second.readers.find(label_value);
        reader != family->second.readers.end()) {
        family->second.readers.erase(reader);
    }
    if (family->second.readers.empty()) {
        impl_->gauges.erase(family);
    }
}

void MetricsRegistry::count(
    std::string_view name, std::string_view help, std::string_view reason, double amount
) {
    const std::scoped_lock lock(impl_->mutex);
    const std::string full = full_name(name);
    auto found = impl_->counters.find(full);
    if (found == impl_->counters.end()) {
        auto& family =
            prometheus::BuildCounter().Name(full).Help(std::string(help)).Register(impl_->registry);
        found = impl_->counters.emplace(full, &family).first;
    }
    found->second->Add({{"reason", impl_->bounded(full, reason)}}).Increment(amount);
}

std::string MetricsRegistry::expose() const {
    std::vector<prometheus::MetricFamily> families = impl_->registry.Collect();
    {
        // The lock is held while the readers run, so that nobody is called after remove_gauge().
        const std::scoped_lock lock(impl_->mutex);
        for (const auto& [name, gauge] : impl_->gauges) {
            prometheus::MetricFamily family;
            family.name = name;
            family.help = gauge.help;
            family.type = prometheus::MetricType::Gauge;
            for (const auto& [value, read] : gauge.readers) {
                prometheus::ClientMetric metric;
                if (!gauge.label.empty()) {
                    metric.label.push_back({gauge.label, value});
                }
                metric.gauge.value = read();
                family.metric.push_back(std::move(metric));
            }
            families.push_back(std::move(family));
        }
    }
    std::ostringstream out;
    out.imbue(std::locale::classic());
    prometheus::TextSerializer().Serialize(out, families);
    return std::move(out).str();
}

}  // namespace meshscope::telemetry
