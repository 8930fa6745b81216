#include "clients/prometheus/decode.hpp"

#include "clients/prometheus/answer_walk.hpp"
#include "clients/prometheus/json_body.hpp"
#include "clients/prometheus/label_rows.hpp"
#include "clients/prometheus/plain_answer.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

namespace meshscope::clients::prometheus {

namespace {

using simdjson::error_code;
using simdjson::SUCCESS;

// Tells the walk to stop; no document gives it.
constexpr error_code kEnough = error_code::CAPACITY;

Error protocol_error(std::string message) {
    return Error(ErrorKind::kUpstreamProtocol, std::move(message)).with_upstream("prometheus");
}

std::string what_is_wrong(const std::string& beginning, error_code error) {
    if (trim(beginning).empty()) {
        return "Prometheus answers with an empty body";
    }
    if (!trim(without_mark(beginning)).starts_with('{')) {
        return "Prometheus' answer is no JSON that can be read";
    }
    return error == simdjson::NO_SUCH_FIELD ? "Prometheus' answer has neither data nor an error"
                                            : "Prometheus' answer is cut off or broken";
}

Error unreadable(const std::string& beginning, error_code error) {
    return protocol_error(what_is_wrong(beginning, error))
        .with_detail(
            std::string(simdjson::error_message(error)) + "; it begins with '" +
            first_printable(beginning) + "'"
        )
        .with_hint(
            {"external_services.prometheus.url",
             "point it to the address below which /api/v1/query is"}
        );
}

Error more_than(std::size_t limit, const char* what) {
    return Error(
               ErrorKind::kTooLarge,
               "Prometheus' answer has more than " + std::to_string(limit) + " " + what
    )
        .with_upstream("prometheus")
        .with_hint({"", "ask for fewer namespaces, a shorter time or larger steps"});
}

LabelRows::Limits label_limits(const DecodeLimits& limits) {
    return {limits.max_labels, limits.max_cells};
}

// No query asks for as many names: they are not what the store was asked for.
Error too_many_labels(LabelRows::Full full, const DecodeLimits& limits) {
    if (full == LabelRows::Full::kCells) {
        return more_than(limits.max_cells, "labels (series times names)");
    }
    return more_than(limits.max_labels, "names of labels")
        .with_hint(
            {"external_services.prometheus.url",
             "look at what stands in front of the store: no query asks for as many labels"}
        );
}

// The labels of the next series; what is too much of them is told.
error_code read_labels(
    LabelRows& rows, json::value metric, const DecodeLimits& limits, std::optional<Error>& too_much
) {
    const auto error = rows.read(metric);
    if (rows.full() != LabelRows::Full::kNo) {
        too_much = too_many_labels(rows.full(), limits);
    }
    return error;
}

// Whether one more series may be taken; if not, what is too much is told.
bool has_room(
    const LabelRows& rows,
    const models::LabelTable& labels,
    const DecodeLimits& limits,
    std::optional<Error>& too_much
) {
    if (labels.rows() >= limits.max_series) {
        too_much = more_than(limits.max_series, "series");
    } else if (!rows.has_room(labels.columns().size())) {
        too_much = too_many_labels(LabelRows::Full::kCells, limits);
    }
    return !too_much;
}

// [time, value] or more; what is no pair is passed over.
struct Pair {
    std::string_view time;
    std::string_view value;
};
error_code read_pair(json::value array, Pair& pair) {
    std::size_t at = 0;
    return for_each_item(array, [&](json::value item) {
        const std::string_view token = item.raw_json_token();
        if (at == 0) {
            pair.time = token;
        } else if (at == 1) {
            pair.value = token;
        }
        ++at;
        return SUCCESS;
    });
}

class VectorSink {
 public:
    explicit VectorSink(const DecodeLimits& limits) : limits_(limits) {}

    void begin() {
        out = {};
        rows_ = std::make_unique<LabelRows>(out.labels, label_limits(limits_));
        left = {};
        scalar_.clear();
    }

    error_code item(json::value item) {
        if (item.raw_json_token().front() != '{') {
            scalar_.push_back(item.raw_json_token());
            return SUCCESS;
        }
        rows_->clear();
        Pair pair;
        bool is_histogram = false;
        const auto error = for_each_field(item, [&](const char* key, json::value value) {
            if (is_key(key, "metric")) {
                return read_labels(*rows_, value, limits_, too_much);
            }
            if (is_key(key, "value")) {
                return read_pair(value, pair);
            }
            is_histogram = is_histogram || is_key(key, "histogram");
            return SUCCESS;
        });
        return error ? error : add(pair, is_histogram);
    }

    bool plain_labels(std::string_view& text) { return rows_->read_plain(text); }
    bool plain_value(std::string_view token) { return add({{}, token}, false) == SUCCESS; }

    // Whether it is a result of that type.
    bool finish(const std::string& type) {
        if (type == "scalar" && rows_ && scalar_.size() == 2) {
            rows_->clear();
            static_cast<void>(add({scalar_[0], scalar_[1]}, false));
        }
        if (rows_) {
            rows_->finish();
        }
        return type == "vector" || type == "scalar" || (type.empty() && out.values.empty());
    }

    models::MetricVector out;
    LeftOut left;
    std::optional<Error> too_much;

 private:
    error_code add(const Pair& pair, bool is_histogram) {
        if (pair.value.empty()) {
            ++(is_histogram ? left.histograms : left.values);
            return SUCCESS;
        }
        const auto value = sample_value(pair.value);
        if (!value) {
            ++left.values;
            return SUCCESS;
        }
        if (!has_room(*rows_, out.labels, limits_, too_much)) {
            return kEnough;
        }
        if (!rows_->add()) {
            ++left.twice;
            return SUCCESS;
        }
        out.values.push_back(*value);
        return SUCCESS;
    }

    const DecodeLimits& limits_;
    std::unique_ptr<LabelRows> rows_;
    std::vector<std::string_view> scalar_;
};

class MatrixSink {
 public:
    MatrixSink(std::optional<Grid> grid, const DecodeLimits& limits)
        : grid_(grid), limits_(limits) {}

    void begin() {
        out = {};
        rows_ = std::make_unique<LabelRows>(out.labels, label_limits(limits_));
        left = {};
    }

    error_code item(json::value item) {
        if (item.raw_json_token().front() != '{') {
            return SUCCESS;
        }
        rows_->clear();
        const std::size_t before = out.points.size();
        const auto error = for_each_field(item, [&](const char* key, json::value value) {
            if (is_key(key, "metric")) {
                return read_labels(*rows_, value, limits_, too_much);
            }
            if (is_key(key, "values")) {
                return for_each_item(value, [&](json::value pair) { return point(pair); });
            }
            if (is_key(key, "histograms")) {
                return for_each_item(value, [&](json::value) {
                    ++left.histograms;
                    return SUCCESS;
                });
            }
            return SUCCESS;
        });
        if (error) {
            return error;
        }
        return close(before);
    }

    bool finish(const std::string& type) {
        if (rows_) {
            rows_->finish();
        }
        return type == "matrix" || (type.empty() && out.points.empty());
    }

    models::MetricMatrix out;
    LeftOut left;
    std::optional<Error> too_much;

 private:
    error_code point(json::value array) {
        Pair pair;
        if (const auto error = read_pair(array, pair)) {
            return error;
        }
        const auto time = sample_time(pair.time);
        const auto value = sample_value(pair.value);
        if (!time || !value) {
            ++(time ? left.values : left.times);
            return SUCCESS;
        }
        if (out.points.size() >= limits_.max_points) {
            too_much = more_than(limits_.max_points, "points");
            return kEnough;
        }
        out.points.push_back({on_grid(*time), *value});
        return SUCCESS;
    }

    [[nodiscard]] std::int64_t on_grid(std::int64_t time) const {
        if (!grid_) {
            return time;
        }
        const std::int64_t step = grid_->step_ms;
        const std::int64_t off = ((time - grid_->start_ms) % step + step) % step;
        const std::int64_t tolerance = std::max<std::int64_t>(1, step / 1'000);
        if (off <= tolerance) {
            return time - off;
        }
        return step - off <= tolerance ? time + (step - off) : time;
    }

    // The points since `before` become a row, or go.
    error_code close(std::size_t before) {
        if (out.points.size() == before) {
            return SUCCESS;
        }
        if (!has_room(*rows_, out.labels, limits_, too_much)) {
            return kEnough;
        }
        if (!rows_->add()) {
            out.points.resize(before);
            ++left.twice;
            return SUCCESS;
        }
        const auto from = out.points.begin() + static_cast<std::ptrdiff_t>(before);
        const auto later = [](const auto& a, const auto& b) { return a.time_ms >= b.time_ms; };
        if (std::adjacent_find(from, out.points.end(), later) != out.points.end()) {
            sort_from(before);
        }
        out.first.push_back(out.points.size());
        return SUCCESS;
    }

    // The last of several at one time stays.
    void sort_from(std::size_t before) {
        std::map<std::int64_t, double> row;
        for (std::size_t i = before; i < out.points.size(); ++i) {
            row.insert_or_assign(out.points[i].time_ms, out.points[i].value);
        }
        out.points.resize(before);
        for (const auto& [time, value] : row) {
            out.points.push_back({time, value});
        }
    }

    const std::optional<Grid> grid_;
    const DecodeLimits& limits_;
    std::unique_ptr<LabelRows> rows_;
};

// What both kinds of answers have in common.
template <class Answer, class Sink>
Result<Answer> decode(std::string& body, Sink& sink, const char* wanted) {
    constexpr std::size_t kShown = 128;
    const std::string beginning = body.substr(0, kShown);
    Envelope envelope;
    const auto error = read_json(body, [&](json::value root) {
        envelope = {};
        return walk_answer(root, envelope, sink);
    });
    if (sink.too_much) {
        return *sink.too_much;
    }
    if (error) {
        return unreadable(beginning, error);
    }
    if (envelope.status == "error" || !envelope.fault.type.empty()) {
        return error_of(envelope.fault, 200);
    }
    if (envelope.status != "success" || !envelope.has_data) {
        return unreadable(beginning, simdjson::NO_SUCH_FIELD);
    }
    if (!sink.finish(envelope.result_type)) {
        return protocol_error(
            "Prometheus answers with a result of type '" + excerpt(envelope.result_type) +
            "' where a " + wanted + " was asked for"
        );
    }
    Answer answer;
    answer.data = std::move(sink.out);
    answer.warnings = warnings_of(envelope, sink.left);
    return answer;
}

// nullopt: to be read the other way, which also finds out what is wrong with it.
std::optional<VectorAnswer> decode_plain(std::string_view body, const DecodeLimits& limits) {
    VectorSink sink(limits);
    const auto behind = walk_plain_vector(body, sink);
    const auto envelope = behind ? rest_of_envelope(*behind) : std::nullopt;
    if (!envelope) {
        return std::nullopt;
    }
    sink.finish("vector");
    VectorAnswer answer;
    answer.data = std::move(sink.out);
    answer.warnings = warnings_of(*envelope, sink.left);
    return answer;
}

}  // namespace

Result<VectorAnswer> decode_vector(std::string_view body, const DecodeLimits& limits) {
    if (auto plain = decode_plain(body, limits)) {
        return std::move(*plain);
    }
    std::string own;
    own.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    own = body;
    VectorSink sink(limits);
    return decode<VectorAnswer>(own, sink, "vector");
}

Result<MatrixAnswer> decode_matrix(
    std::string body, std::optional<Grid> grid, const DecodeLimits& limits
) {
    MatrixSink sink(grid, limits);
    return decode<MatrixAnswer>(body, sink, "matrix");
}

}  // namespace meshscope::clients::prometheus
