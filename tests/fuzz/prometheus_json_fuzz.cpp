#include "clients/prometheus/decode.hpp"
#include "clients/prometheus/fault.hpp"
#include "clients/prometheus/store_facts.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace meshscope;

void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}

constexpr clients::prometheus::DecodeLimits kLimits{
    .max_series = 500, .max_points = 2'000, .max_labels = 12, .max_cells = 1'000
};

// Reads every byte of every label, so that none may lie outside of what the table keeps.
void check_labels(const models::LabelTable& labels) {
    check(labels.columns().size() <= kLimits.max_labels);
    check(labels.rows() * labels.columns().size() <= kLimits.max_cells);
    std::size_t bytes = 0;
    for (std::size_t row = 0; row < labels.rows(); ++row) {
        for (std::size_t column = 0; column < labels.columns().size(); ++column) {
            for (const char c : labels.cell(row, column)) {
                bytes += c == '\0' ? 0 : 1;
            }
        }
    }
    check(bytes + 1 > bytes);
}

// What is written as Prometheus writes it is read in another way than what is not.
void check_spellings(const std::string& body) {
    using clients::prometheus::decode_vector;
    if (!body.starts_with('{')) {
        return;
    }
    const auto plain = decode_vector(body, kLimits);
    const auto spaced = decode_vector("{ " + body.substr(1), kLimits);
    check(plain.has_value() == spaced.has_value());
    if (!plain) {
        return;
    }
    const auto& labels = plain->data.labels;
    check(plain->warnings == spaced->warnings);
    check(labels.columns() == spaced->data.labels.columns());
    check(labels.rows() == spaced->data.labels.rows());
    for (std::size_t row = 0; row < labels.rows(); ++row) {
        for (std::size_t column = 0; column < labels.columns().size(); ++column) {
            check(labels.cell(row, column) == spaced->data.labels.cell(row, column));
        }
    }
}

}  // namespace

// Any bytes decode or are refused, within the limits; labels lie inside of what the table keeps,
// the points of a series ascend.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clients::prometheus;
    const std::string body(reinterpret_cast<const char*>(data), size);
    if (const auto vector = decode_vector(body, kLimits)) {
        check(vector->data.values.size() == vector->data.labels.rows());
        check(vector->data.values.size() <= kLimits.max_series);
        check(vector->warnings.size() <= 10);
        check_labels(vector->data.labels);
    }
    check_spellings(body);
    if (const auto matrix = decode_matrix(body, Grid{0, 15'000}, kLimits)) {
        const auto& found = matrix->data;
        check(found.first.size() == found.labels.rows() + 1);
        check(found.first.back() == found.points.size());
        check(found.points.size() <= kLimits.max_points);
        check_labels(found.labels);
        for (std::size_t row = 0; row < found.labels.rows(); ++row) {
            const auto points = found.of(row);
            for (std::size_t i = 1; i < points.size(); ++i) {
                check(points[i - 1].time_ms < points[i].time_ms);
            }
        }
    }
    if (const auto fault = decode_fault(body)) {
        check(!error_of(*fault, 500).message().empty());
    }
    const auto retention = retention_of_runtime(body);
    check(!retention || retention->count() > 0);
    check(decode_build_info(body, false).version.size() <= 64);
    check(
        !scrape_interval_of_config(body) || !duration_text(*scrape_interval_of_config(body)).empty()
    );
    return 0;
}
