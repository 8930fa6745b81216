#pragma once

#include "clients/metric_store.hpp"

#include <initializer_list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::test {

// A row of an answer: labels and a value, or labels and points.
struct MetricRow {
    std::map<std::string, std::string> labels;
    double value = 0;
};
struct MetricSeriesRow {
    std::map<std::string, std::string> labels;
    std::vector<models::MetricPoint> points;
};

inline std::size_t add_labels(
    models::LabelTable& table, const std::map<std::string, std::string>& labels
) {
    std::vector<std::size_t> columns;
    for (const auto& [name, value] : labels) {
        columns.push_back(table.add_column(name));
    }
    const std::size_t row = table.add_row();
    std::size_t next = 0;
    for (const auto& [name, value] : labels) {
        table.set(row, columns[next++], value);
    }
    return row;
}

inline models::MetricVector metric_vector(const std::vector<MetricRow>& rows) {
    models::MetricVector vector;
    for (const auto& row : rows) {
        add_labels(vector.labels, row.labels);
        vector.values.push_back(row.value);
    }
    return vector;
}

inline models::MetricMatrix metric_matrix(const std::vector<MetricSeriesRow>& rows) {
    models::MetricMatrix matrix;
    for (const auto& row : rows) {
        add_labels(matrix.labels, row.labels);
        matrix.points.insert(matrix.points.end(), row.points.begin(), row.points.end());
        matrix.first.push_back(matrix.points.size());
    }
    return matrix;
}

// A metric store in memory: gives the answer of the first rule whose text is part of the query's,
// an empty one without such a rule. Records every query. Thread-safe. Billed as "prometheus", one
// call each.
class FakeMetricStore final : public clients::MetricStore {
 public:
    struct Asked {
        std::string text;
        SystemTime at;  // of a range: its end
        std::optional<clients::MetricRange> range;
    };

    void answer(std::string part_of_query, std::vector<MetricRow> rows) {
        const std::scoped_lock lock(mutex_);
        vectors_.emplace_back(std::move(part_of_query), std::move(rows));
    }
    void answer_range(std::string part_of_query, std::vector<MetricSeriesRow> rows) {
        const std::scoped_lock lock(mutex_);
        matrices_.emplace_back(std::move(part_of_query), std::move(rows));
    }
    // Queries that hold the text fail so; nullopt ends it. "" is part of every query.
    void fail(std::string part_of_query, std::optional<Error> error) {
        const std::scoped_lock lock(mutex_);
        std::erase_if(errors_, [&](const auto& rule) { return rule.first == part_of_query; });
        if (error) {
            errors_.emplace_back(std::move(part_of_query), std::move(*error));
        }
    }
    void warn(std::string warning) {  // with every answer
        const std::scoped_lock lock(mutex_);
        warnings_.push_back(std::move(warning));
    }
    void set_state(clients::MetricStoreState state) {
        const std::scoped_lock lock(mutex_);
        state_ = std::move(state);
    }
    [[nodiscard]] std::vector<Asked> asked() const {
        const std::scoped_lock lock(mutex_);
        return asked_;
    }

    Awaitable<Result<clients::VectorAnswerPtr>> instant(
        RequestContext context, clients::promql::Expr query, SystemTime at
    ) override {
        ++context.bill->of("prometheus").calls;
        co_return vector_of({query.text(), at, std::nullopt});
    }
    Awaitable<Result<clients::MatrixAnswerPtr>> range(
        RequestContext context, clients::promql::Expr query, clients::MetricRange range
    ) override {
        ++context.bill->of("prometheus").calls;
        co_return matrix_of({query.text(), range.end, range});
    }
    [[nodiscard]] clients::MetricStoreState state() const override {
        const std::scoped_lock lock(mutex_);
        return state_;
    }

 private:
    template <class T>
    using Rules = std::vector<std::pair<std::string, T>>;
    template <class T>
    static const T* rule_for(const Rules<T>& rules, const std::string& text) {
        for (const auto& [part, value] : rules) {
            if (text.find(part) != std::string::npos) {
                return &value;
            }
        }
        return nullptr;
    }

    Result<clients::VectorAnswerPtr> vector_of(Asked asked) {
        const std::scoped_lock lock(mutex_);
        asked_.push_back(asked);
        if (const Error* error = rule_for(errors_, asked.text)) {
            return *error;
        }
        auto answer = std::make_shared<clients::VectorAnswer>();
        if (const auto* rows = rule_for(vectors_, asked.text)) {
            answer->data = metric_vector(*rows);
        }
        answer->warnings = warnings_;
        return clients::VectorAnswerPtr(std::move(answer));
    }
    Result<clients::MatrixAnswerPtr> matrix_of(Asked asked) {
        const std::scoped_lock lock(mutex_);
        asked_.push_back(asked);
        if (const Error* error = rule_for(errors_, asked.text)) {
            return *error;
        }
        auto answer = std::make_shared<clients::MatrixAnswer>();
        if (const auto* rows = rule_for(matrices_, asked.text)) {
            answer->data = metric_matrix(*rows);
        }
        answer->warnings = warnings_;
        return clients::MatrixAnswerPtr(std::move(answer));
    }

    mutable std::mutex mutex_;
    Rules<std::vector<MetricRow>> vectors_;
    Rules<std::vector<MetricSeriesRow>> matrices_;
    Rules<Error> errors_;
    std::vector<std::string> warnings_;
    std::vector<Asked> asked_;
    clients::MetricStoreState state_;
};

}  // namespace meshscope::test
