#include "models/metric_table.hpp"

#include <catch2/catch.hpp>

#include <string>

using meshscope::models::LabelTable;
using meshscope::models::MetricMatrix;

TEST_CASE("labels of many series are cells of a table", "[metric_table]") {
    LabelTable table;
    const auto app = table.add_column("app");
    const auto first = table.add_row();
    table.set(first, app, "reviews");
    // More columns than there was room for: rows that are there keep their cells.
    for (int i = 0; i < 40; ++i) {
        table.add_column("label_" + std::to_string(i));
    }
    const auto second = table.add_row();
    const auto last = table.column("label_39");
    table.set(second, last, std::string("a text of its own, longer than a small string"));

    CHECK(table.rows() == 2);
    CHECK(table.add_column("app") == app);
    CHECK(table.cell(first, app) == "reviews");
    CHECK(table.cell(first, last).empty());
    CHECK(table.cell(second, app).empty());
    CHECK(table.cell(second, last) == "a text of its own, longer than a small string");
    CHECK(table.column("other") == LabelTable::kNone);
    CHECK(table.cell(second, LabelTable::kNone).empty());
}

TEST_CASE("names of labels count as memory", "[metric_table]") {
    LabelTable table;
    const std::size_t before = table.memory_bytes();
    table.add_column(std::string(100'000, 'a'));
    CHECK(table.memory_bytes() >= before + 100'000);
}

TEST_CASE("a row before any column has no label", "[metric_table]") {
    LabelTable table;
    const auto row = table.add_row();
    const auto app = table.add_column("app");
    CHECK(table.cell(row, app).empty());
    CHECK(table.rows() == 1);
}

TEST_CASE("points of a row lie between its ends", "[metric_table]") {
    MetricMatrix matrix;
    matrix.labels.add_row();
    matrix.labels.add_row();
    matrix.points = {{1000, 1}, {2000, 2}, {3000, 3}};
    matrix.first = {0, 2, 3};
    CHECK(matrix.of(0).size() == 2);
    CHECK(matrix.of(1).front().value == 3);
}
