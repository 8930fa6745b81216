#include "business/graph_listing.hpp"
#include "business/graphs.hpp"
#include "business/masking.hpp"
#include "business/traffic_queries.hpp"
#include "clients/json/json_walk.hpp"
#include "clients/prometheus/decode.hpp"
#include "handlers/graph_json.hpp"
#include "tests/bench/cpu_time.hpp"
#include "tests/bench/entries.hpp"
#include "tests/bench/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
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

// Reads every label and every value with the parser that the server has for what is not written as
// Prometheus writes it, and keeps nothing. There is padding behind the body.
std::size_t plain_read(const std::string& body) {
    using clients::for_each_field;
    using clients::for_each_item;
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
    const auto error = clients::ThreadParser::get().parse(body, [&](auto root) {
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
        for (const bool by_source : {false, true}) {
            std::string& body = bodies_.emplace_back(body_of(workloads, by_source));
            body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
        }
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
    [[nodiscard]] std::shared_ptr<const business::GraphWork> build(
        const std::vector<VectorAnswerPtr>& answers
    ) const {
        auto work = std::make_shared<business::GraphWork>();
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
    // As the route does it: the answer leaves in pieces and is never there as a whole.
    [[nodiscard]] std::size_t write(const std::shared_ptr<const business::GraphWork>& work) const {
        const server::BodySource body = handlers::graph_body(work, masker_);
        std::string piece;
        std::size_t written = 0;
        for (bool more = true; more;) {
            piece.clear();
            more = body(piece);
            written += piece.size();
        }
        return written;
    }
    void demand_all_there() const {
        const auto work = build(decode());
        if (work->graph.edge_count() != edges() || write(work) < edges() * 300) {
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
    std::shared_ptr<const business::Masker> masker_ = std::make_shared<business::Masker>();
};

struct Costs {
    double plain, decode, build, write;  // ms CPU
    double ratio;                        // of all of ours to 1.5 plain reads and writing
};

// Parts in turns, so that whatever else the machine does meets all of them.
Costs measure(const Options& options, const Recorded& recorded, int repeat) {
    recorded.demand_all_there();
    const auto answers = recorded.decode();
    const auto work = recorded.build(answers);
    const auto cpu = [&](const auto& part) {
        return cpu_ms([&] {
                   for (int i = 0; i < repeat; ++i) {
                       static_cast<void>(part());
                   }
               }) /
               repeat;
    };
    std::vector<Costs> all;
    for (int i = 0; i < options.runs; ++i) {
        Costs costs{};
        costs.plain = cpu([&] { return recorded.plain(); });
        costs.decode = cpu([&] { return recorded.decode(); });
        costs.build = cpu([&] { return recorded.build(answers); });
        costs.write = cpu([&] { return recorded.write(work); });
        costs.ratio =
            (costs.decode + costs.build + costs.write) / (1.5 * costs.plain + costs.write);
        all.push_back(costs);
    }
    const auto median_of = [&](double Costs::* part) {
        std::vector<double> values;
        std::ranges::transform(all, std::back_inserter(values), part);
        return median(std::move(values));
    };
    return {
        median_of(&Costs::plain),
        median_of(&Costs::decode),
        median_of(&Costs::build),
        median_of(&Costs::write),
        median_of(&Costs::ratio)
    };
}

// CPU time of everything that makes an answer, us of one edge: the mean of `repeat` in a row.
double cost_of_edge(const Recorded& recorded, int repeat) {
    constexpr double kMicros = 1'000;
    const double cost = cpu_ms([&] {
        for (int i = 0; i < repeat; ++i) {
            static_cast<void>(recorded.write(recorded.build(recorded.decode())));
        }
    });
    return cost * kMicros / static_cast<double>(recorded.edges()) / repeat;
}

// In turns, so that whatever else the machine does meets both; the ratio is that of a pair. Both
// sides of a pair make as many edges.
struct Growth {
    double few, many, ratio;
};
Growth growth_of(const Options& options, std::size_t few, std::size_t many) {
    const Recorded small(few);
    const Recorded large(many);
    small.demand_all_there();
    large.demand_all_there();
    std::vector<double> of_few;
    std::vector<double> of_many;
    std::vector<double> ratios;
    for (int i = 0; i < options.runs; ++i) {
        of_few.push_back(cost_of_edge(small, static_cast<int>(many / few)));
        of_many.push_back(cost_of_edge(large, 1));
        ratios.push_back(of_many.back() / of_few.back());
    }
    return {median(of_few), median(of_many), median(ratios)};
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
    Line whole = line_of(
        "graph of 1 000 workloads: reading answers, building, writing; against 1.5 times a plain "
        "read and writing",
        "ms CPU",
        usual.decode + usual.build + usual.write,
        1.5 * usual.plain + usual.write,
        1
    );
    whole.ratio = usual.ratio;
    report.lines.push_back(std::move(whole));
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
    const Growth growth = growth_of(options, kFew, kMany);
    Line line = line_of(
        "an edge of a graph of 5 000 workloads, against one of 100, in turns",
        "us CPU",
        growth.many,
        growth.few,
        1.6
    );
    line.ratio = growth.ratio;
    report.lines.push_back(std::move(line));
}

}  // namespace meshscope::bench
