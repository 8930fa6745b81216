#include "clients/prometheus/decode.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace meshscope::clients::prometheus {

namespace {

std::string success(const std::string& data, const std::string& more = "") {
    return R"({"status":"success","data":)" + data + more + "}";
}

std::string vector_of(const std::string& items, const std::string& more = "") {
    return success(R"({"resultType":"vector","result":[)" + items + "]}", more);
}

std::string matrix_of(const std::string& items) {
    return success(R"({"resultType":"matrix","result":[)" + items + "]}");
}

VectorAnswer vector(const std::string& body) {
    auto answer = decode_vector(body);
    INFO(body);
    REQUIRE(answer.has_value());
    REQUIRE(answer->data.values.size() == answer->data.labels.rows());
    return *answer;
}

MatrixAnswer matrix(const std::string& body, std::optional<Grid> grid = std::nullopt) {
    auto answer = decode_matrix(body, grid);
    INFO(body);
    REQUIRE(answer.has_value());
    REQUIRE(answer->data.first.size() == answer->data.labels.rows() + 1);
    return *answer;
}

std::string cell(const models::LabelTable& labels, std::size_t row, std::string_view name) {
    return std::string(labels.cell(row, labels.column(name)));
}

std::string item(const std::string& value) {
    return R"({"metric":{"a":"x"},"value":[1763683200,)" + value + "]}";
}

}  // namespace

TEST_CASE("a vector: labels, values, in the order of the answer") {
    const auto answer = vector(vector_of(
        R"({"metric":{"le":"5","app":"reviews"},"value":[1763683200.123,"12.5"]},)"
        R"({"metric":{"app":"ratings","le":"+Inf","zone":"é"},"value":[1763683200.123,"0"]},)"
        R"({"metric":{},"value":[1763683200.123,"3"]})"
    ));
    CHECK(answer.data.values == std::vector<double>{12.5, 0, 3});
    const auto& labels = answer.data.labels;
    CHECK(cell(labels, 0, "app") == "reviews");
    CHECK(cell(labels, 0, "le") == "5");
    CHECK(cell(labels, 0, "zone").empty());
    CHECK(cell(labels, 1, "app") == "ratings");
    CHECK(cell(labels, 1, "le") == "+Inf");
    CHECK(cell(labels, 1, "zone") == "é");
    CHECK(cell(labels, 2, "app").empty());
    CHECK(answer.warnings.empty());
}

TEST_CASE("an answer outlives its body, also with escapes and text that is not UTF-8") {
    std::string body = vector_of(
        R"({"metric":{"path":"a\"b\\c\nd","lone":"\ud800x","we\"ird.name":"v"},"value":[1,"1"]},)"
        "{\"metric\":{\"bad\":\"x\xFFy\"},\"value\":[1,\"2\"]}"
    );
    auto answer = decode_vector(body);
    REQUIRE(answer.has_value());
    const VectorAnswer copy = *answer;
    answer = Error();
    body.assign(body.size(), '#');
    CHECK(cell(copy.data.labels, 0, "path") == "a\"b\\c\nd");
    CHECK(cell(copy.data.labels, 0, "lone") == "\xEF\xBF\xBDx");
    CHECK(cell(copy.data.labels, 0, "we\"ird.name") == "v");
    CHECK(cell(copy.data.labels, 1, "bad") == "x\xEF\xBF\xBDy");
}

TEST_CASE("labels are the same in every spelling, order and spacing") {
    const auto answer = vector(
        vector_of(R"({"metric":{"app":"reviews","path":"a\\b"},"value":[1,"1"]},)"
                  R"({"metric":{"\u0061pp":"r\u0065views","path":"a\u005cb"},"value":[1,"2"]},)"
                  R"({"metric":{ "path" : "a\\b" , "app" : "reviews" },"value":[1,"3"]},)"
                  R"({"metric":{"app":"ratings","app":"reviews","path":"a\\b"},"value":[1,"4"]},)"
                  R"({"metric":{"app":"reviews","path":"a\bc"},"value":[1,"5"]},)"
                  R"({"metric":{"app":"reviews","ap":"x","apps":"y","none":""},"value":[1,"6"]},)"
                  R"({"metric":{"app":"reviews","a\":\"x":"z"},"value":[1,"7"]},)"
                  R"({"metric":{"app":"reviews","a":"x"},"value":[1,"8"]})")
    );
    CHECK(answer.data.values == std::vector<double>{1, 5, 6, 7, 8});
    const auto& labels = answer.data.labels;
    CHECK(
        labels.columns() == std::vector<std::string>{"app", "path", "ap", "apps", "a\":\"x", "a"}
    );
    CHECK(cell(labels, 0, "path") == "a\\b");
    CHECK(cell(labels, 1, "path") == "a\bc");
    CHECK(cell(labels, 2, "apps") == "y");
    CHECK(cell(labels, 3, "a\":\"x") == "z");
    CHECK(cell(labels, 4, "a") == "x");
    const std::size_t app = labels.column("app");
    CHECK(labels.number(0, app) == labels.number(4, app));
    CHECK(labels.number(0, app) != labels.number(4, labels.column("a")));
}

TEST_CASE("no label points into the body, numbers and truths neither") {
    std::string body = matrix_of(R"({"metric":{"le":5,"on":true,"no":null},"values":[[1,"1"]]})");
    const auto ranges = matrix(body);
    body = vector_of(R"({"metric":{"le":5,"on":true,"app":"reviews"},"value":[1,"1"]})");
    const auto instant = vector(body);
    std::fill(body.begin(), body.end(), '#');
    CHECK(cell(ranges.data.labels, 0, "le") == "5");
    CHECK(cell(ranges.data.labels, 0, "on") == "true");
    CHECK(ranges.data.labels.column("no") == models::LabelTable::kNone);
    CHECK(cell(instant.data.labels, 0, "le") == "5");
    CHECK(cell(instant.data.labels, 0, "app") == "reviews");
}

// The same answer as something else than Prometheus would write it.
std::string spaced(std::string body) {
    body.insert(1, " ");
    return body;
}

TEST_CASE("what is written as Prometheus writes it says the same as what is not") {
    const std::string metric =
        R"({"metric":{"app":"reviews","zone":"é"},"value":[1763683200.123,"2"]})";
    const std::vector<std::string> bodies{
        vector_of(metric),
        vector_of(metric + "," + metric),
        vector_of(metric + R"(,{"metric":{"zone":"","app":"\u0061"},"value":[1,"3"]})"),
        vector_of(metric + R"(,{"metric":{"app":"a\\","zone":"\""},"value":[1,"4"]})"),
        vector_of(metric + R"(,{"metric":{"app":"x","app":"y"},"value":[1,"5"]})"),
        vector_of(metric + R"(,{"metric":{"a\"b":"x"},"value":[1,"6"]})"),
        vector_of(metric + R"(,{"metric":{"app":5},"value":[1,"7"]})"),
        vector_of(metric + R"(,{"metric":{"app":"x" },"value":[1,"8"]})"),
        vector_of(metric + R"(,{"metric":{},"value":[1.5e3,"9"]})"),
        vector_of(metric + R"(,{"metric":{},"value":[1,"1\u0030"]})"),
        vector_of(metric + R"(,{"metric":{},"value":[1,10]})"),
        vector_of(metric + R"(,{"metric":{},"value":[1,"11",5]})"),
        vector_of(metric + R"(,{"metric":{},"value":[1,"twelve"]})"),
        vector_of(metric + R"(,{"metric":{},"value":[1,"13"],"other":1})"),
        vector_of(metric + R"(,{"value":[1,"14"],"metric":{"app":"x"}})"),
        vector_of(metric + R"(,{"metric":{"app":"x"},"histogram":[1,{"count":"4"}]})"),
        vector_of(metric + ",{\"metric\":{\"app\":\"x\xFFy\"},\"value\":[1,\"15\"]}"),
        vector_of(metric + ",{\"metric\":{\"a\xFF\":\"x\"},\"value\":[1,\"15\"]}"),
        vector_of(metric + ",{\"metric\":{\"app\":\"x\ny\"},\"value\":[1,\"16\"]}"),
        vector_of(metric, R"(,"warnings":["w"],"infos":["i"])"),
        vector_of(metric, R"(,"status":"error","errorType":"timeout")"),
        vector_of(metric, R"(,"data":{"resultType":"vector","result":[]})"),
        vector_of(metric, R"(,"isPartial":true)"),
        success(R"({"resultType":"vector","result":[)" + metric + R"(],"stats":{"a":1}})"),
        vector_of(metric) + "\n",
        vector_of(metric) + "}",
        vector_of(metric) + "x",
        vector_of(metric, ","),
    };
    for (const std::string& body : bodies) {
        INFO(body);
        const auto plain = decode_vector(body);
        const auto walked = decode_vector(spaced(body));
        REQUIRE(plain.has_value() == walked.has_value());
        if (!plain) {
            CHECK(plain.error().message() == walked.error().message());
            continue;
        }
        CHECK(plain->data.values == walked->data.values);
        CHECK(plain->warnings == walked->warnings);
        const auto& labels = plain->data.labels;
        REQUIRE(labels.columns() == walked->data.labels.columns());
        REQUIRE(labels.rows() == walked->data.labels.rows());
        for (std::size_t row = 0; row < labels.rows(); ++row) {
            for (std::size_t column = 0; column < labels.columns().size(); ++column) {
                CHECK(labels.cell(row, column) == walked->data.labels.cell(row, column));
            }
        }
    }
}

TEST_CASE("values of samples") {
    struct Row {
        std::string text;
        double value;
    };
    constexpr double kInf = std::numeric_limits<double>::infinity();
    const std::vector<Row> rows = {
        {R"("1e+21")", 1e21},
        {R"("1e-07")", 1e-7},
        {R"("-0")", 0},
        {R"("0.1")", 0.1},
        {R"("5.960000000000001")", 5.960000000000001},
        {R"("+Inf")", kInf},
        {R"("Inf")", kInf},
        {R"("-Inf")", -kInf},
        {"12.25", 12.25},
        {"7", 7},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        const auto answer = vector(vector_of(item(row.text)));
        REQUIRE(answer.data.values.size() == 1);
        CHECK(answer.data.values[0] == row.value);
        CHECK(answer.warnings.empty());
    }
    CHECK(std::signbit(vector(vector_of(item(R"("-0")"))).data.values.at(0)));
    CHECK(std::isnan(vector(vector_of(item(R"("NaN")"))).data.values.at(0)));
}

TEST_CASE("values that are no numbers are left out and said") {
    for (const std::string text :
         {R"("0x1p-2")", R"("1e999")", R"("")", R"("12a")", "true", "null", "{}", R"("++1")"}) {
        INFO(text);
        const auto answer =
            vector(vector_of(item(text) + "," + R"({"metric":{},"value":[1,"2"]})"));
        CHECK(answer.data.values == std::vector<double>{2});
        REQUIRE(answer.warnings.size() == 1);
        CHECK(answer.warnings[0].find("1 values are left out") == 0);
    }
    CHECK(vector(vector_of(R"({"metric":{},"value":[]},{"metric":{}})")).data.values.empty());
}

TEST_CASE("an empty answer is an answer, whatever it is made of") {
    for (const std::string& body :
         {vector_of(""),
          success(R"({"resultType":"vector","result":null})"),
          success("null"),
          "\xEF\xBB\xBF" + vector_of(""),
          vector_of("", R"(,"stats":{"seriesFetched":"0"},"trace":{"x":[1,2]})")}) {
        CHECK(vector(body).data.values.empty());
    }
    CHECK(matrix(matrix_of("")).data.labels.rows() == 0);
    CHECK(matrix(success("null")).data.points.empty());
}

TEST_CASE("a scalar is a row without labels; other types are not what was asked for") {
    const auto scalar = vector(success(R"({"resultType":"scalar","result":[1763683200,"42"]})"));
    CHECK(scalar.data.values == std::vector<double>{42});
    CHECK(scalar.data.labels.columns().empty());
    for (const std::string data :
         {R"({"resultType":"string","result":[1763683200,"text"]})",
          R"({"resultType":"matrix","result":[{"metric":{},"values":[[1,"1"]]}]})",
          R"({"resultType":"tensor","result":[]})"}) {
        INFO(data);
        const auto answer = decode_vector(success(data));
        REQUIRE(answer.has_error());
        CHECK(answer.error().kind() == ErrorKind::kUpstreamProtocol);
        CHECK(answer.error().message().find("a vector was asked for") != std::string::npos);
    }
    CHECK(decode_matrix(vector_of(item("1"))).has_error());
}

TEST_CASE("the order of members does not matter, the last of two counts") {
    const auto answer = vector(
        R"({"data":{"result":[{"value":[1,"1"],"metric":{"a":"x","b":"1","b":"2"}}],"resultType":"vector"},)"
        R"("status":"success"})"
    );
    CHECK(answer.data.values == std::vector<double>{1});
    CHECK(cell(answer.data.labels, 0, "b") == "2");
    const auto twice = vector(
        R"({"status":"success","data":{"resultType":"vector","result":[)" + item("1") +
        R"(],"result":[)" + item("5") + "]}}"
    );
    CHECK(twice.data.values == std::vector<double>{5});
}

TEST_CASE("a second series with the same labels is left out and said") {
    const auto answer = vector(vector_of(
        R"({"metric":{"a":"x","b":"y"},"value":[1,"1"]},{"metric":{"b":"y","a":"x"},"value":[1,"2"]},)"
        R"({"metric":{"a":"x"},"value":[1,"3"]},{"metric":{"a":"x","b":""},"value":[1,"4"]},)"
        R"({"metric":{"a":"y","b":"x"},"value":[1,"5"]})"
    ));
    CHECK(answer.data.values == std::vector<double>{1, 3, 5});
    REQUIRE(answer.warnings.size() == 1);
    CHECK(answer.warnings[0].find("2 series are left out") == 0);
}

TEST_CASE("native histograms are left out and said, numbers beside them stay") {
    const std::string histogram =
        R"([1763683200,{"count":"4","sum":"9","buckets":[[0,"1","2","3"],[3,"-0.001","0.001","1"]]}])";
    const auto answer = vector(vector_of(
        R"({"metric":{"a":"x"},"histogram":)" + histogram + "}," +
        R"({"metric":{"a":"y"},"value":[1,"2"]},)" +
        R"({"metric":{"a":"z"},"histogram":[1,{"count":"NaN","sum":"0"}]})"
    ));
    CHECK(answer.data.values == std::vector<double>{2});
    REQUIRE(answer.warnings.size() == 1);
    CHECK(answer.warnings[0].find("2 native histograms") == 0);
    const auto range = matrix(matrix_of(
        R"({"metric":{"a":"x"},"values":[[1,"2"],[2,"3"]],"histograms":[)" + histogram + "]}," +
        R"({"metric":{"a":"y"},"histograms":[)" + histogram + "]}"
    ));
    CHECK(range.data.labels.rows() == 1);
    CHECK(range.data.of(0).size() == 2);
    REQUIRE(range.warnings.size() == 1);
}

TEST_CASE("warnings and infos are passed on, each once, at most ten") {
    const auto answer = vector(vector_of(
        item("1"), R"(,"warnings":["store is down","store is down"],"infos":["forced monotonic"])"
    ));
    CHECK(answer.warnings == std::vector<std::string>{"store is down", "forced monotonic"});
    std::string many;
    for (int i = 0; i < 5'000; ++i) {
        many += (i == 0 ? "\"w" : ",\"w") + std::to_string(i) + "\"";
    }
    const auto capped = vector(vector_of(item("1"), R"(,"warnings":[)" + many + "]"));
    REQUIRE(capped.warnings.size() == 10);
    CHECK(capped.warnings.back() == "and 91 more warnings");
    const auto partial = vector(vector_of(item("1"), R"(,"isPartial":true)"));
    REQUIRE(partial.warnings.size() == 1);
    CHECK(partial.warnings[0].find("a part only") != std::string::npos);
    CHECK(vector(vector_of(item("1"), R"(,"isPartial":false)")).warnings.empty());
}

TEST_CASE("points of a range come sorted, once for each time, on the grid") {
    const auto answer = matrix(
        matrix_of(
            R"({"metric":{"a":"x"},"values":[[1763683230,"3"],[1763683200,"1"],[1763683215.0009,"2"],[1763683230,"4"]]},)"
            R"({"metric":{"a":"y"},"values":[[1763683200.4,"7"],[1763683214.999,"8"]]})"
        ),
        Grid{1'763'683'200'000, 15'000}
    );
    REQUIRE(answer.data.labels.rows() == 2);
    const auto first = answer.data.of(0);
    REQUIRE(first.size() == 3);
    CHECK(first[0].time_ms == 1'763'683'200'000);
    CHECK(first[1].time_ms == 1'763'683'215'000);
    CHECK(first[2].time_ms == 1'763'683'230'000);
    CHECK(first[2].value == 4);
    const auto second = answer.data.of(1);
    REQUIRE(second.size() == 2);
    CHECK(second[0].time_ms == 1'763'683'200'400);  // not by rounding
    CHECK(second[1].time_ms == 1'763'683'215'000);
}

TEST_CASE("times of points") {
    struct Row {
        std::string text;
        std::optional<std::int64_t> millis;
    };
    const std::vector<Row> rows = {
        {"1700000000.1230001", 1'700'000'000'123},
        {"1700000000", 1'700'000'000'000},
        {"1.7e9", 1'700'000'000'000},
        {"-1.5", -1'500},
        {R"("1700000000.5")", 1'700'000'000'500},
        {"1700000000000", std::nullopt},  // milliseconds
        {R"("NaN")", std::nullopt},
        {R"("soon")", std::nullopt},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        const auto answer =
            matrix(matrix_of(R"({"metric":{},"values":[[)" + row.text + R"(,"1"]]})"));
        REQUIRE(answer.data.points.size() == (row.millis ? 1 : 0));
        if (row.millis) {
            CHECK(answer.data.points[0].time_ms == *row.millis);
        } else {
            CHECK(answer.warnings.at(0).find("1 points are left out") == 0);
        }
    }
}

TEST_CASE("gaps stay gaps, a series without points is none") {
    const auto answer = matrix(matrix_of(
        R"({"metric":{"a":"x"},"values":[[1763683200,"1"],[1763683260,"NaN"]]},{"metric":{"a":"y"},"values":[]})"
    ));
    CHECK(answer.data.labels.rows() == 1);
    REQUIRE(answer.data.points.size() == 2);
    CHECK(std::isnan(answer.data.points[1].value));
}

TEST_CASE("more series or points than we take is an error, not a part") {
    const std::string three =
        R"({"metric":{"a":"1"},"value":[1,"1"]},{"metric":{"a":"2"},"value":[1,"1"]},)"
        R"({"metric":{"a":"3"},"value":[1,"1"]})";
    DecodeLimits limits;
    limits.max_series = 3;
    CHECK(decode_vector(vector_of(three), limits).has_value());
    limits.max_series = 2;
    const auto many = decode_vector(vector_of(three), limits);
    REQUIRE(many.has_error());
    CHECK(many.error().kind() == ErrorKind::kTooLarge);
    const std::string points = R"({"metric":{},"values":[[1,"1"],[2,"1"],[3,"1"]]})";
    limits.max_points = 3;
    CHECK(decode_matrix(matrix_of(points), std::nullopt, limits).has_value());
    limits.max_points = 2;
    const auto long_one = decode_matrix(matrix_of(points), std::nullopt, limits);
    REQUIRE(long_one.has_error());
    CHECK(long_one.error().kind() == ErrorKind::kTooLarge);
    CHECK(long_one.error().message().find("points") != std::string::npos);
}

TEST_CASE("names of labels are bounded, over all series of an answer") {
    struct Row {
        std::string what;
        std::string series;
        std::size_t names;  // that it takes
    };
    const std::string value = R"(,"value":[1,"1"],"values":[[1,"1"]]})";
    const std::vector<Row> rows = {
        {"of one series", R"({"metric":{"a":"1","b":"2","c":"3"})" + value, 3},
        {"of several",
         R"({"metric":{"a":"1"})" + value + R"(,{"metric":{"b":"1"})" + value +
             R"(,{"metric":{"c":"1"})" + value,
         3},
        {"the same ones in another order",
         R"({"metric":{"a":"1","b":"2"})" + value + R"(,{"metric":{"b":"1","a":"2"})" + value,
         2},
        {"without a text", R"({"metric":{"a":"","b":"","c":""})" + value, 3},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        DecodeLimits limits;
        limits.max_labels = row.names;
        CHECK(decode_vector(vector_of(row.series), limits).has_value());
        CHECK(decode_matrix(matrix_of(row.series), std::nullopt, limits).has_value());
        limits.max_labels = row.names - 1;
        const std::string said = "Prometheus' answer has more than " +
                                 std::to_string(row.names - 1) + " names of labels";
        const auto vector = decode_vector(vector_of(row.series), limits);
        REQUIRE(vector.has_error());
        CHECK(vector.error().kind() == ErrorKind::kTooLarge);
        CHECK(vector.error().message() == said);
        CHECK(vector.error().hint().setting == "external_services.prometheus.url");
        const auto matrix = decode_matrix(matrix_of(row.series), std::nullopt, limits);
        REQUIRE(matrix.has_error());
        CHECK(matrix.error().message() == said);
    }
}

TEST_CASE("a name of its own for each of many series is refused, not kept") {
    std::string many;
    for (int i = 0; i < 20'000; ++i) {
        many += (i == 0 ? "" : ",") + (R"({"metric":{"l)" + std::to_string(i)) +
                R"(":"x"},"value":[1,"1"]})";
    }
    const auto refused = decode_vector(vector_of(many));
    REQUIRE(refused.has_error());
    CHECK(refused.error().message() == "Prometheus' answer has more than 128 names of labels");

    const std::string three =
        R"({"metric":{"a":"1"},"value":[1,"1"]},{"metric":{"b":"2"},"value":[1,"1"]},)"
        R"({"metric":{"a":"3"},"value":[1,"1"]})";
    DecodeLimits limits;
    limits.max_cells = 6;  // three series, two names
    CHECK(decode_vector(vector_of(three), limits).has_value());
    limits.max_cells = 5;
    const auto wide = decode_vector(vector_of(three), limits);
    REQUIRE(wide.has_error());
    CHECK(wide.error().kind() == ErrorKind::kTooLarge);
    const std::string said = "Prometheus' answer has more than 5 labels (series times names)";
    CHECK(wide.error().message() == said);
    // Names of a series that is not taken count as well.
    const std::string broken = three + R"(,{"metric":{"c":"1"},"value":[1,"no number"]})";
    limits.max_cells = 8;
    CHECK(decode_vector(vector_of(broken), limits).has_error());
}

TEST_CASE("an error that the store writes is one, whatever the status of the answer") {
    const auto bad = decode_vector(
        R"({"status":"error","errorType":"bad_data","error":"1:5: parse error: unexpected \"}\""})"
    );
    REQUIRE(bad.has_error());
    CHECK(bad.error().kind() == ErrorKind::kInvalidArgument);
    CHECK(bad.error().detail() == "1:5: parse error: unexpected \"}\"");
    CHECK(
        decode_matrix(R"({"status":"error","errorType":"timeout","error":"too long"})")
            .error()
            .kind() == ErrorKind::kDeadline
    );
}

TEST_CASE("what is no answer says how it begins") {
    struct Row {
        std::string body;
        std::string message;
    };
    const std::string whole = vector_of(item("1"));
    const std::vector<Row> rows = {
        {"", "an empty body"},
        {"  \n", "an empty body"},
        {"hello", "no JSON"},
        {"[1,2]", "no JSON"},
        {"{}", "neither data nor an error"},
        {R"({"status":"success"})", "neither data nor an error"},
        {R"({"kind":"Status","code":404})", "neither data nor an error"},
        {std::string(100'000, '['), "no JSON"},
        {"\xFF\xFE{\0", "no JSON"},
    };
    for (const Row& row : rows) {
        INFO(row.body.substr(0, 60));
        const auto answer = decode_vector(row.body);
        REQUIRE(answer.has_error());
        CHECK(answer.error().kind() == ErrorKind::kUpstreamProtocol);
        CHECK(answer.error().message().find(row.message) != std::string::npos);
        CHECK(answer.error().upstream() == "prometheus");
    }
    for (std::size_t length = 1; length < whole.size(); ++length) {
        INFO(whole.substr(0, length));
        CHECK(decode_vector(whole.substr(0, length)).has_error());
    }
    const auto cut = decode_vector(whole.substr(0, whole.size() - 3));
    CHECK(cut.error().message() == "Prometheus' answer is cut off or broken");
}

TEST_CASE("nested deeper than sense: an error, no crash") {
    const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
    const auto answer = decode_vector(vector_of(item("1"), R"(,"trace":)" + deep));
    CHECK((answer.has_error() || answer->data.values.size() == 1));
    CHECK(decode_vector(vector_of(R"({"metric":)" + deep + R"(,"value":[1,"1"]})")).has_value());
}

}  // namespace meshscope::clients::prometheus
