#include "tests/contract/metric_backend.hpp"
#include "tests/support/fake_metric_store.hpp"
#include "tests/unit/prometheus/scripted_prometheus.hpp"

#include <cstdlib>
#include <optional>
#include <string>

namespace meshscope::contract {

namespace {

using clients::prometheus::PrometheusStore;
using clients::prometheus::PrometheusStoreOptions;

Error error_of(MetricTrouble trouble) {
    switch (trouble) {
        case MetricTrouble::kRefused:
            return {ErrorKind::kUpstreamUnavailable, "refused"};
        case MetricTrouble::kSilent:
            return {ErrorKind::kDeadline, "silent"};
        case MetricTrouble::kDenied:
            return {ErrorKind::kUpstreamAuth, "denied"};
        case MetricTrouble::kBad:
            break;
    }
    return {ErrorKind::kInvalidArgument, "bad"};
}

class FakeBackend final : public MetricBackend {
 public:
    FakeBackend() {
        store_.answer("held", {{{{"app", "a"}}, 40}, {{{"app", "b"}}, 7}});
        std::vector<models::MetricPoint> a;
        std::vector<models::MetricPoint> b;
        for (int i = 0; i <= 4; ++i) {
            const std::int64_t at = (kHeldEnd - 60 + i * 15) * 1'000;
            a.push_back({at, 36.0 + i});
            if (i >= 3) {
                b.push_back({at, 7});
            }
        }
        store_.answer_range("held", {{{{"app", "a"}}, a}, {{{"app", "b"}}, b}});
    }
    clients::MetricStore& store() override { return store_; }
    bool suffer(MetricTrouble trouble) override {
        store_.fail("", error_of(trouble));
        return true;
    }

 private:
    test::FakeMetricStore store_;
};

std::string series(const std::string& app, const std::string& values, bool is_range) {
    return R"({"metric":{"app":")" + app + (is_range ? R"("},"values":[)" : R"("},"value":)") +
           values + (is_range ? "]}" : "}");
}

std::string pair(std::int64_t at, std::int64_t value) {
    return "[" + std::to_string(at) + ",\"" + std::to_string(value) + "\"]";
}

std::string held(const test::SeenRequest& seen) {
    const bool is_range = seen.path.ends_with("_range");
    std::string items;
    if (seen.parameter("query").find("held") != std::string::npos && is_range) {
        std::string a;
        for (int i = 0; i <= 4; ++i) {
            a += (i == 0 ? "" : ",") + pair(kHeldEnd - 60 + i * 15, 36 + i);
        }
        items = series("a", a, true) + "," +
                series("b", pair(kHeldEnd - 15, 7) + "," + pair(kHeldEnd, 7), true);
    } else if (seen.parameter("query").find("held") != std::string::npos) {
        items =
            series("a", pair(kHeldEnd, 40), false) + "," + series("b", pair(kHeldEnd, 7), false);
    }
    return test::json_answer(
        R"({"status":"success","data":{"resultType":")" +
        std::string(is_range ? "matrix" : "vector") + R"(","result":[)" + items + "]}}"
    );
}

class ScriptedBackend final : public MetricBackend {
 public:
    ScriptedBackend() : server_([this](const test::SeenRequest& seen) { return answer(seen); }) {
        server_.options.query_timeout = std::chrono::seconds(20);
    }
    clients::MetricStore& store() override { return server_.store(); }
    bool suffer(MetricTrouble trouble) override {
        if (trouble == MetricTrouble::kRefused) {
            server_.options.http.base.port = 1;
        }
        server_.options.query_timeout = trouble == MetricTrouble::kSilent
                                            ? std::chrono::milliseconds(100)
                                            : server_.options.query_timeout;
        trouble_ = trouble;
        return true;
    }

 private:
    std::string answer(const test::SeenRequest& seen) const {
        if (trouble_ == MetricTrouble::kSilent) {
            return "";
        }
        if (trouble_ == MetricTrouble::kDenied) {
            return test::status_answer(401, "who are you");
        }
        return trouble_ == MetricTrouble::kBad
                   ? test::status_answer(
                         400, R"({"status":"error","errorType":"bad_data","error":"parse error"})"
                     )
                   : held(seen);
    }
    std::optional<MetricTrouble> trouble_;  // before the first call
    test::ScriptedPrometheus server_;
};

class RealBackend final : public MetricBackend {
 public:
    explicit RealBackend(const std::string& url) {
        options_.http.upstream = "prometheus";
        options_.http.setting_prefix = "external_services.prometheus";
        options_.http.url_setting = "url";
        options_.http.base = *clients::parse_url(url);
        options_.http.use_proxy_environment = false;
    }
    clients::MetricStore& store() override {
        if (!store_) {
            store_ = std::make_unique<PrometheusStore>(options_, governor_, clock_);
        }
        return *store_;
    }
    bool suffer(MetricTrouble trouble) override {
        if (trouble == MetricTrouble::kRefused) {
            options_.http.base.port = 1;
        }
        return trouble == MetricTrouble::kRefused;
    }

 private:
    PrometheusStoreOptions options_;
    SystemClock clock_;
    Governor governor_{"prometheus", {}};
    std::unique_ptr<PrometheusStore> store_;
};

}  // namespace

std::vector<MetricImplementation> metric_implementations() {
    std::vector<MetricImplementation> all{
        {"fake", [] { return std::make_unique<FakeBackend>(); }},
        {"scripted", [] { return std::make_unique<ScriptedBackend>(); }},
    };
    const char* url = std::getenv("MESHSCOPE_TEST_PROMETHEUS");  // NOLINT(concurrency-mt-unsafe)
    if (url != nullptr) {
        const std::string text = url;
        all.push_back({"real", [text] { return std::make_unique<RealBackend>(text); }});
    }
    return all;
}

}  // namespace meshscope::contract
