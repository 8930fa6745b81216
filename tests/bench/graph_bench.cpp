#include "business/graph_listing.hpp"
#include "business/graphs.hpp"
#include "business/masking.hpp"
#include "business/traffic_queries.hpp"
#include "clients/json/json_walk.hpp"
#include "clients/prometheus/decode.hpp"
#include "handlers/graph_json.hpp"
#include "tests/bench/cpu_time.hpp"
#include "tests/bench/entries.hpp"

#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::bench {

namespace {

using clients::VectorAnswerPtr;

constexpr std::size_t kSpaces = 20;
constexpr std::size_t kCalls = 3;  // workloads that each one calls

// A workload by its number.
struct Name {
    std::size_t number;
    [[nodiscard]] std::string ns() const {
        return fmt::format("namespace-{:02}", number % kSpaces);
    }
    [[nodiscard]] std::string app() const { return fmt::format("service-{:04}", number); }
    [[nodiscard]] std::string workload() const { return app() + "-v1"; }
};

// A series as Prometheus writes it, of a call that was answered so.
void append_series(
    std::string& out,
    const Name& from,
    const Name& to,
    std::string_view code,
    std::string_view flags,
    double rate
) {
    const std::string host = to.app() + "." + to.ns() + ".svc.cluster.local";
    out += fmt::format(
        R"({}{{"metric":{{"destination_canonical_revision":"v1","destination_canonical_service":"{}",)"
        R"("destination_cluster":"Kubernetes","destination_service":"{}",)"
        R"("destination_service_name":"{}","destination_service_namespace":"{}",)"
        R"("destination_workload":"{}","destination_workload_namespace":"{}",)",
        out.back() == '[' ? "" : ",",
        to.app(),
        host,
        to.app(),
        to.ns(),
        to.workload(),
        to.ns()
    );
    out += fmt::format(
        R"("request_protocol":"http","response_code":"{}","response_flags":"{}",)"
        R"("source_canonical_revision":"v1","source_canonical_service":"{}",)"
        R"("source_cluster":"Kubernetes","source_workload":"{}",)"
        R"("source_workload_namespace":"{}"}},"value":[1763683200,"{}"]}})",
        code,
        flags,
        from.app(),
        from.workload(),
        from.ns(),
        rate
    );
}

// What Prometheus answers to one question: the calls of all workloads, some of which fail.
std::string body_of(std::size_t workloads, bool by_source) {
    std::string body = R"({"status":"success","data":{"resultType":"vector","result":[)";
    for (std::size_t i = 0; i < workloads; ++i) {
        // Prometheus orders by the hash of the labels, which is no order.
        const std::size_t from = i * 7919 % workloads;
        for (std::size_t call = 1; call <= kCalls; ++call) {
            const Name to{(from * kCalls + call) % workloads};
            const double rate = 0.25 + static_cast<double>(from % 97) / 7;
            append_series(body, {from}, to, "200", "-", rate);
            if ((from + call) % 5 == 0) {
                append_series(body, {from}, to, "503", by_source ? "UF" : "-", rate / 50);
            }
        }
    }
    return body + "]}}";
}

// Reads every label and every value with the parser that the server uses, and keeps nothing.
std::size_t plain_read(const std::string& body) {
    using clients::for_each_field;
    using clients::for_each_item;
    std::string padded = body;
    padded.reserve(padded.size() + simdjson::SIMDJSON_PADDING);
    std::size_t read = 0;
    const auto text = [&](simdjson::ondemand::value value) {
        std::string_view string;
        if (const auto error = value.get_string().get(string)) {
            return error;
        }
        read += string.size();
        return simdjson::SUCCESS;
    };
    const auto sample = [&](simdjson::ondemand::value value) {
        return for_each_item(value, [&](simdjson::ondemand::value item) {
            std::string_view token = item.raw_json_token();
            if (token.starts_with('"')) {
                double number = 0;
                std::from_chars(token.data() + 1, token.data() + token.size(), number);
                read += number > 0 ? 1 : 0;
            }
            return simdjson::SUCCESS;
        });
    };
    const auto series = [&](simdjson::ondemand::value item) {
        return for_each_field(item, [&](const char* key, simdjson::ondemand::value value) {
            if (clients::is_key(key, "metric")) {
                return for_each_field(
                    value,
                    [&](const char* name, simdjson::ondemand::value label) {
                        read += clients::key_text(name).size();
                        return text(label);
                    }
                );
            }
            return sample(value);
        });
    };
    const auto result = [&](const char* key, simdjson::ondemand::value value) {
        return clients::is_key(key, "result") ? for_each_item(value, series) : simdjson::SUCCESS;
    };
    const auto error = clients::ThreadParser::get().parse(padded, [&](auto root) {
        return for_each_field(root, [&](const char* key, simdjson::ondemand::value value) {
            return clients::is_key(key, "data") ? for_each_field(value, result) : simdjson::SUCCESS;
        });
    });
    if (error != simdjson::SUCCESS) {
        throw std::runtime_error("graph: the recorded answer cannot be read");
    }
    return read;
}

// A graph of all namespaces and the answers it is made of.
class Recorded {
 public:
    explicit Recorded(std::size_t workloads) : workloads_(workloads) {
        bodies_ = {body_of(workloads, false), body_of(workloads, true)};
        for (std::size_t i = 0; i < kSpaces; ++i) {
            names_.push_back(fmt::format("namespace-{:02}", i));
        }
    }

    [[nodiscard]] std::size_t plain() const {
        return plain_read(bodies_[0]) + plain_read(bodies_[1]);
    }
    [[nodiscard]] std::vector<VectorAnswerPtr> decode() const {
        std::vector<VectorAnswerPtr> answers;
        for (const std::string& body : bodies_) {
            answers.push_back(std::make_shared<const clients::VectorAnswer>(
                clients::prometheus::decode_vector(body).value()
            ));
        }
        return answers;
    }
    [[nodiscard]] std::unique_ptr<business::GraphWork> build(
        const std::vector<VectorAnswerPtr>& answers
    ) const {
        auto work = std::make_unique<business::GraphWork>();
        work->caller.cluster_wide = true;
        work->access = &access_;
        work->discovery = &discovery_;
        work->request.type = business::GraphType::kVersionedApp;
        for (const std::string& name : names_) {
            work->namespaces.push_back({name, std::chrono::seconds(600), false});
        }
        work->ranges = {{std::chrono::seconds(600), names_, {}}};
        const business::TrafficQuestion question;
        const std::vector<business::TrafficQuestion> questions(answers.size(), question);
        business::build_graph(*work, questions, answers, {});
        return work;
    }
    [[nodiscard]] std::string write(const business::GraphWork& work) const {
        std::string out;
        JsonWriter json(out);
        handlers::write_graph(json, work, masker_);
        return out;
    }
    void demand_all_there() const {
        const auto work = build(decode());
        if (work->graph.edge_count() != edges() || write(*work).size() < edges() * 300) {
            throw std::runtime_error(
                "graph: " + std::to_string(work->graph.edge_count()) + " edges are not all"
            );
        }
    }
    [[nodiscard]] std::size_t edges() const { return workloads_ * kCalls; }

 private:
    std::size_t workloads_;
    std::vector<std::string> bodies_;
    std::vector<std::string> names_;
    business::CallerAccess access_;
    business::Discovery discovery_{{}};
    business::Masker masker_;
};

struct Costs {
    double plain, decode, build, write;  // ms CPU
};

Costs measure(const Options& options, const Recorded& recorded, int repeat) {
    const auto cpu = [&](const std::function<void()>& work) {
        return median_cpu(
                   options.runs,
                   [&] {
                       for (int i = 0; i < repeat; ++i) {
                           work();
                       }
                   }
               ) /
               repeat;
    };
    recorded.demand_all_there();
    const auto answers = recorded.decode();
    const auto work = recorded.build(answers);
    Costs costs{};
    costs.plain = cpu([&] { static_cast<void>(recorded.plain()); });
    costs.decode = cpu([&] { static_cast<void>(recorded.decode()); });
    costs.build = cpu([&] { static_cast<void>(recorded.build(answers)); });
    costs.write = cpu([&] { static_cast<void>(recorded.write(*work)); });
    return costs;
}

Line line_of(std::string name, std::string unit, double ours, double baseline, double target) {
    Line line;
    line.name = std::move(name);
    line.unit = std::move(unit);
    line.ours = ours;
    line.baseline = baseline;
    line.ratio = ours / baseline;
    line.goal = target > 0 ? Line::Goal::kAtMost : Line::Goal::kNone;
    line.target = target;
    return line;
}

}  // namespace

void bench_graph(const Options& options, Report& report) {
    constexpr std::size_t kFew = 100;
    constexpr std::size_t kUsual = 1'000;
    constexpr std::size_t kMany = 5'000;
    const Costs usual = measure(options, Recorded(kUsual), 3);
    report.lines.push_back(line_of(
        "graph of 1 000 workloads: reading answers, building, writing; against 1.5 times a plain "
        "read and writing",
        "ms CPU",
        usual.decode + usual.build + usual.write,
        1.5 * usual.plain + usual.write,
        1
    ));
    report.lines.push_back(line_of(
        "graph of 1 000 workloads: building, against reading the answers",
        "ms CPU",
        usual.build,
        usual.decode,
        0
    ));
    report.lines.push_back(line_of(
        "graph of 1 000 workloads: reading the answers, against a plain read",
        "ms CPU",
        usual.decode,
        usual.plain,
        0
    ));
    const Recorded few(kFew);
    const Recorded many(kMany);
    const Costs of_few = measure(options, few, 40);
    const Costs of_many = measure(options, many, 1);
    const auto per_edge = [](const Costs& costs, const Recorded& recorded) {
        constexpr double kMicros = 1'000;
        return (costs.decode + costs.build + costs.write) * kMicros /
               static_cast<double>(recorded.edges());
    };
    report.lines.push_back(line_of(
        "an edge of a graph of 5 000 workloads, against one of 100",
        "us CPU",
        per_edge(of_many, many),
        per_edge(of_few, few),
        1.6
    ));
}

}  // namespace meshscope::bench
