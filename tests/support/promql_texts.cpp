#include "clients/promql.hpp"
#include "clients/promql_histograms.hpp"
#include "core/json_writer.hpp"

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

// Prints a query for each thing that promql.hpp builds, one JSON object a line: name, text, and
// whether an empty answer is the right one. tests/integration/test_promql.py asks a real Prometheus
// all of them and looks whether a builder is missing here.
namespace {

using namespace meshscope;
using namespace meshscope::clients::promql;
using namespace std::chrono_literals;

constexpr std::string_view kOdd = "a\"b\\c\nd{}|.*é";

class Printer {
 public:
    void print(std::string_view name, const Expr& query, const Scope& scope = {}) {
        write(name, query.text(scope), false);
    }
    void print_empty(std::string_view name, const Expr& query, const Scope& scope = {}) {
        write(name, query.text(scope), true);
    }

 private:
    static void write(std::string_view name, const std::string& text, bool empty) {
        std::string line;
        JsonWriter json(line);
        json.begin_object().field("name", name).field("text", text).field("empty", empty);
        json.end_object();
        std::puts(line.c_str());
    }
};

Expr requests(const Matchers& matchers = {}) {
    return rate("istio_requests_total", matchers, 600s);
}

Expr buckets() {
    return sum(rate("istio_request_duration_milliseconds_bucket", {}, 600s), {"le", "app"});
}

void print_matchers(Printer& printer) {
    const auto all = [](const Matcher& matcher) {
        return Expr::selector("istio_requests_total", {matcher});
    };
    printer.print("equals", all(Matcher::equals("app", "reviews")));
    printer.print("equals, odd", all(Matcher::equals("app", kOdd)));
    printer.print_empty("equals, absent", all(Matcher::equals("app", "a\"} or vector(1) #")));
    printer.print("differs", all(Matcher::differs("app", kOdd)));
    printer.print("one of one", all(Matcher::one_of("app", {std::string(kOdd)})));
    printer.print("one of two", all(Matcher::one_of("app", {std::string(kOdd), "reviews"})));
    printer.print_empty("one of none", all(Matcher::one_of("app", {})));
    printer.print("matches, raw", all(Matcher::matches("app", Pattern().raw("rev.+"))));
    printer.print("matches, quoted", all(Matcher::matches("app", Pattern().quoted(kOdd))));
    printer.print(
        "matches, any of",
        all(Matcher::matches("app", Pattern().any_of({std::string(kOdd), "reviews"}).raw("$")))
    );
    printer.print_empty(
        "matches, any of none and more", all(Matcher::matches("app", Pattern().any_of({}).raw("x")))
    );
    printer.print("mismatches", all(Matcher::mismatches("app", Pattern().quoted(kOdd).raw(".+"))));
    const auto label = Label::parse("app");
    printer.print("parse", all(Matcher::equals(label.value(), "reviews")));
}

void print_functions(Printer& printer) {
    printer.print("rate", requests());
    printer.print("irate", rate("istio_requests_total", {}, 600s, RateFunc::kIrate));
    printer.print_empty("rate of less than a second", rate("istio_requests_total", {}, 0s));
    printer.print("sum", sum(requests()));
    printer.print("sum by", sum(requests(), {"app", "response_code"}));
    printer.print("count", count(requests(), {"app"}));
    // Of native histograms only; there are none.
    printer.print_empty("histogram_sum", histogram_sum(sum(requests())));
    printer.print_empty("histogram_count", histogram_count(sum(requests())));
    for (const char* text : {"0", "0.5", "0.99", "1", "1e-05", "0.999999"}) {
        const auto quantile = Quantile::parse(text);
        printer.print(
            "histogram_quantile " + std::string(text),
            histogram_quantile(quantile.value(), buckets())
        );
    }
    const Expr observed = sum(rate("istio_request_duration_milliseconds_sum", {}, 600s), {"app"});
    const Expr counted = sum(rate("istio_request_duration_milliseconds_count", {}, 600s), {"app"});
    printer.print("divided", divided(observed, counted));
    printer.print("added", added(observed, counted));
    printer.print("either", either(buckets(), observed));
    printer.print("above_zero", above_zero(requests()));
    printer.print("top", top(1, requests()));
    printer.print("tagged", tagged(sum(requests()), "family", "a\"b\\c"));
    printer.print(
        "of all at once",
        either(
            tagged(above_zero(sum(requests(), {"app"})), "m", "requests"),
            tagged(divided(observed, added(counted, counted)), "m", "average")
        )
    );
}

void print_scopes(Printer& printer) {
    const Expr ratio = divided(sum(requests()), sum(requests({Matcher::differs("app", "x")})));
    printer.print("scope", ratio, {{"mesh", "m\"1"}});
    printer.print(
        "scope of two",
        requests({Matcher::equals("app", "reviews")}),
        {{"mesh", "m\"1"}, {"app", "reviews"}}
    );
    printer.print_empty("another scope", ratio, {{"mesh", "m2"}});
}

}  // namespace

int main() {
    Printer printer;
    print_matchers(printer);
    print_functions(printer);
    print_scopes(printer);
    return 0;
}
