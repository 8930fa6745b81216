#include "clients/promql.hpp"

#include "clients/promql_histograms.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace meshscope::clients::promql;
using std::chrono::seconds;

TEST_CASE("a query is built as it is written", "[promql]") {
    const Expr requests = above_zero(
        sum(rate(
                "istio_requests_total",
                {Matcher::equals("reporter", "source"), Matcher::differs("source_workload", "a")},
                seconds(600)
            ),
            {"source_workload", "response_code"})
    );
    CHECK(
        requests.text() ==
        R"((sum(rate(istio_requests_total{reporter="source",source_workload!="a"}[600s])) by (source_workload,response_code) > 0))"
    );
    const Expr mean = divided(
        sum(rate("m_sum", {}, seconds(0))), sum(rate("m_count", {}, seconds(60), RateFunc::kIrate))
    );
    CHECK(mean.text() == "(sum(rate(m_sum{}[1s])) / sum(irate(m_count{}[60s])))");
    CHECK(
        tagged(either(rate("a", {}, seconds(1)), rate("b", {}, seconds(1))), "m", "tcp").text() ==
        R"(label_replace((rate(a{}[1s]) or rate(b{}[1s])), "m", "tcp", "", ""))"
    );
    CHECK(
        histogram_quantile(*Quantile::parse("0.990"), sum(rate("b", {}, seconds(5)), {"le"}))
            .text() == "histogram_quantile(0.99, sum(rate(b{}[5s])) by (le))"
    );
    CHECK(
        count(rate("h", {}, seconds(5)), {"reporter"}).text() ==
        "count(rate(h{}[5s])) by (reporter)"
    );
    CHECK(
        either(histogram_sum(rate("h", {}, seconds(5))), histogram_count(rate("h", {}, seconds(5))))
            .text() == "(histogram_sum(rate(h{}[5s])) or histogram_count(rate(h{}[5s])))"
    );
}

TEST_CASE("the scope goes into every selector", "[promql]") {
    const Expr query =
        divided(rate("a", {Matcher::equals("x", "1")}, seconds(5)), rate("b", {}, seconds(5)));
    CHECK(
        query.text({{"mesh", "o\"ne"}, {"zone", "z"}, {"not a label", "x"}}) ==
        R"((rate(a{mesh="o\"ne",zone="z",x="1"}[5s]) / rate(b{mesh="o\"ne",zone="z",}[5s])))"
    );
}

TEST_CASE("what callers name stays a value", "[promql]") {
    CHECK(
        Matcher::equals("app", "a\"} or vector(1) #\\\n").text() ==
        R"(app="a\"} or vector(1) #\\\n")"
    );
    CHECK(Matcher::one_of("app", {"b", "a.c", "b"}).text() == R"(app=~"a\\.c|b")");
    CHECK(Matcher::one_of("app", {"a.c"}).text() == R"(app="a.c")");
    CHECK(
        Matcher::matches("host", Pattern().raw("^").quoted("s|x").raw(".*").any_of({"a", "b$"}))
            .text() == R"x(host=~"^s\\|x.*(a|b\\$)")x"
    );
    CHECK(Matcher::one_of("app", {}).text() == R"(app=~"[^\\s\\S]")");
    for (const std::string bad : {"", "1a", "a-b", "__name__", "a b", "a\"", "ä"}) {
        INFO(bad);
        CHECK_FALSE(Label::parse(bad).has_value());
    }
    CHECK(Label::parse("request_operation")->name() == "request_operation");
    CHECK_FALSE(Label::parse(std::string(64, 'a')).has_value());
    CHECK(Label::parse(std::string(63, 'a')).has_value());
}

TEST_CASE("a quantile is a number from 0 to 1, spelled as the caller did", "[promql]") {
    for (const std::string bad : {"", "nan", "NaN", "inf", "-0.1", "1.1", "0.5x", " 0.5", "0,5"}) {
        INFO(bad);
        CHECK_FALSE(Quantile::parse(bad).has_value());
    }
    CHECK(Quantile::parse("0.50")->value() == 0.5);
    CHECK(Quantile::parse("0.50")->spelling() == "0.50");
    CHECK(Quantile::parse("1")->value() == 1.0);
}
