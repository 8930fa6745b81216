#include "business/access_log.hpp"

#include "business/access_log_format.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace meshscope;
using business::AccessLogFormat;
using business::AccessLogParser;
using business::find_ids;
using business::LineIds;
using models::AccessLine;

namespace {

using Values = std::map<std::string, std::string>;

constexpr const char* kHttpLine =
    R"([2026-03-04T05:06:07.120Z] "GET /cart/7?full=1 HTTP/1.1" 200 - via_upstream - "-" 0 99 14 13 )"
    R"("-" "curl/8.0" "5b6d1c1e-7f0a-4f60-9a43-0d8d9e3b8a11" "cart.shop:8000" "10.1.0.9:8000" )"
    R"(inbound|8000|| 127.0.0.6:33704 10.1.0.9:8000 10.1.0.4:39880 )"
    R"(outbound_.8000_._.cart.shop.svc.cluster.local default)";

constexpr const char* kTcpLine =
    R"([2026-03-04T05:06:07.120Z] "- - -" 0 - - - "-" 348 1024 5021 - "-" "-" "-" "-" )"
    R"("10.1.0.20:3306" outbound|3306||db.shop.svc.cluster.local 10.1.0.9:40100 10.96.0.7:3306 )"
    R"(10.1.0.9:40098 - -)";

Values values_of(const AccessLine& line) {
    const std::vector<std::pair<std::string, std::string_view>> all{
        {"start_time", line.start_time},
        {"method", line.method},
        {"path", line.path},
        {"protocol", line.protocol},
        {"status_code", line.status_code},
        {"response_flags", line.response_flags},
        {"response_code_details", line.response_code_details},
        {"connection_termination_details", line.connection_termination_details},
        {"upstream_failure_reason", line.upstream_failure_reason},
        {"bytes_received", line.bytes_received},
        {"bytes_sent", line.bytes_sent},
        {"duration", line.duration},
        {"upstream_service_time", line.upstream_service_time},
        {"forwarded_for", line.forwarded_for},
        {"user_agent", line.user_agent},
        {"request_id", line.request_id},
        {"authority", line.authority},
        {"upstream_service", line.upstream_service},
        {"upstream_cluster", line.upstream_cluster},
        {"upstream_local", line.upstream_local},
        {"downstream_local", line.downstream_local},
        {"downstream_remote", line.downstream_remote},
        {"requested_server", line.requested_server},
        {"route_name", line.route_name},
        {"trace_id", line.trace_id},
    };
    Values values;
    for (const auto& [name, value] : all) {
        if (!value.empty()) {
            values.emplace(name, value);
        }
    }
    return values;
}

// Empty: not an access line.
Values parsed(const std::string& line, const std::string& format = {}) {
    const AccessLogParser parser(format);
    std::string store;
    const auto access = parser.parse(line, store);
    return access ? values_of(*access) : Values{};
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

const Values& http_values() {
    static const Values kValues{
        {"start_time", "2026-03-04T05:06:07.120Z"},
        {"method", "GET"},
        {"path", "/cart/7?full=1"},
        {"protocol", "HTTP/1.1"},
        {"status_code", "200"},
        {"response_flags", "-"},
        {"response_code_details", "via_upstream"},
        {"connection_termination_details", "-"},
        {"upstream_failure_reason", "-"},
        {"bytes_received", "0"},
        {"bytes_sent", "99"},
        {"duration", "14"},
        {"upstream_service_time", "13"},
        {"forwarded_for", "-"},
        {"user_agent", "curl/8.0"},
        {"request_id", "5b6d1c1e-7f0a-4f60-9a43-0d8d9e3b8a11"},
        {"authority", "cart.shop:8000"},
        {"upstream_service", "10.1.0.9:8000"},
        {"upstream_cluster", "inbound|8000||"},
        {"upstream_local", "127.0.0.6:33704"},
        {"downstream_local", "10.1.0.9:8000"},
        {"downstream_remote", "10.1.0.4:39880"},
        {"requested_server", "outbound_.8000_._.cart.shop.svc.cluster.local"},
        {"route_name", "default"},
    };
    return kValues;
}

}  // namespace

TEST_CASE("Istio's default access log is read field by field", "[access_log]") {
    CHECK(parsed(kHttpLine) == http_values());
    CHECK(parsed(std::string("a prefix [x] ") + kHttpLine + "\r") == http_values());
    Values without_route = http_values();
    without_route.erase("route_name");
    CHECK(parsed(replaced(kHttpLine, " default", "")) == without_route);

    const Values tcp = parsed(kTcpLine);
    CHECK(tcp.at("method") == "-");
    CHECK(tcp.at("path") == "-");
    CHECK(tcp.at("protocol") == "-");
    CHECK(tcp.at("status_code") == "0");
    CHECK(tcp.at("upstream_service_time") == "-");
    CHECK(tcp.at("bytes_sent") == "1024");
    CHECK(tcp.at("route_name") == "-");
}

TEST_CASE("free text of an access log may hold blanks and quotes", "[access_log]") {
    struct Row {
        std::string from, to, field, value;
    };
    const std::vector<Row> rows{
        {"\"curl/8.0\"",
         R"--("Mozilla/5.0 (X11; "odd" Linux)")--",
         "user_agent",
         R"--(Mozilla/5.0 (X11; "odd" Linux))--"},
        {"\"-\" 0 99",
         R"("delayed connect error: 111" 0 99)",
         "upstream_failure_reason",
         "delayed connect error: 111"},
        {" default", " my route", "route_name", "my route"},
        {"\"curl/8.0\"", "\"\"", "authority", "cart.shop:8000"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.to);
        const Values values = parsed(replaced(kHttpLine, row.from, row.to));
        REQUIRE_FALSE(values.empty());
        CHECK(values.at(row.field) == row.value);
    }
}

TEST_CASE("what is no access log is none", "[access_log]") {
    const std::vector<std::string> lines{
        "",
        "[",
        "Envoy proxy is ready",
        "[2026-03-04 05:06:07.120][24][info][main] all dependencies initialized",
        replaced(kHttpLine, " 200 ", " 2x0 "),
        replaced(kHttpLine, " 0 99 ", " - 99 "),
        std::string(kHttpLine).substr(0, 120),
        R"({"level":"info","time":"2026-03-04T05:06:07Z","scope":"ads","msg":"connected"})",
        R"({"response_code":200,"method":"GET")",
        R"({"response_code":200,"method":"GET"} x)",
        std::string(70, '[') + std::string(70, ']'),
    };
    for (const std::string& line : lines) {
        CAPTURE(line);
        CHECK(parsed(line).empty());
    }
}

TEST_CASE("Envoy's own access log is read", "[access_log]") {
    const Values values =
        parsed(R"([2026-03-04T05:06:07.120Z] "POST /api/v1/pay HTTP/2" 503 UF,URX 154 0 26 - )"
               R"("10.0.35.28" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" )"
               R"("tcp://10.0.2.1:80")");
    CHECK(values.at("status_code") == "503");
    CHECK(values.at("response_flags") == "UF,URX");
    CHECK(values.at("bytes_received") == "154");
    CHECK(values.at("upstream_service_time") == "-");
    CHECK(values.at("request_id") == "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2");
    CHECK(values.at("upstream_service") == "tcp://10.0.2.1:80");
}

TEST_CASE("access logs in JSON are read", "[access_log]") {
    const Values values = parsed(
        R"( {"start_time":"2026-03-04T05:06:07.120Z","method":"GET","path":"/a\"b\u00e9\ud83d\ude00?x",)"
        R"("response_code":200,"response_flags":null,"duration":14,"bytes_sent":99,)"
        R"("upstream_host":"10.1.0.9:8000","nested":{"path":["/no",{"x":"}"}]},"x_forwarded_for":"a\tb",)"
        R"("request_id":"5b6d1c1e-7f0a-4f60-9a43-0d8d9e3b8a11","unknown":true,)"
        R"("traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"} )"
    );
    CHECK(values.empty());  // a blank in front: the first byte decides
    const Values read = parsed(
        R"({"start_time":"2026-03-04T05:06:07.120Z","method":"GET","path":"/a\"b\u00e9\ud83d\ude00?x",)"
        R"("response_code":200,"response_flags":null,"duration":14,"bytes_sent":99,)"
        R"("upstream_host":"10.1.0.9:8000","nested":{"path":["/no",{"x":"}"}]},"x_forwarded_for":"a\tb",)"
        R"("request_id":"5b6d1c1e-7f0a-4f60-9a43-0d8d9e3b8a11","unknown":true,)"
        R"("traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"} )"
    );
    const Values expected{
        {"start_time", "2026-03-04T05:06:07.120Z"},
        {"method", "GET"},
        {"path", "/a\"b\xC3\xA9\xF0\x9F\x98\x80?x"},
        {"status_code", "200"},
        {"duration", "14"},
        {"bytes_sent", "99"},
        {"upstream_service", "10.1.0.9:8000"},
        {"forwarded_for", "a\tb"},
        {"request_id", "5b6d1c1e-7f0a-4f60-9a43-0d8d9e3b8a11"},
        {"trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"},
    };
    CHECK(read == expected);
    CHECK(
        parsed(R"({"bytes_received":1,"bytes_sent":2,"path":"\ud800x"})").at("path") ==
        "\xEF\xBF\xBDx"
    );
    const std::vector<std::string> broken{
        R"({"bytes_received":1,"bytes_sent":2,"path":"\x"})",
        R"({"bytes_received":1,"bytes_sent":2,"path":"\u12"})",
        R"({"bytes_received":1,"bytes_sent":2,"path":"\)",
        R"({"bytes_received":1,"bytes_sent":2,"nested":[}})",
        R"({"bytes_received":1,"bytes_sent":2,"nested":)" + std::string(80, '[') +
            std::string(80, ']') + "}",
        R"({"bytes_received":1,"bytes_sent":2,})",
    };
    for (const std::string& line : broken) {
        CAPTURE(line);
        CHECK(parsed(line).empty());
    }
}

TEST_CASE("a configured format is read, and the defaults where it does not fit", "[access_log]") {
    const std::string format =
        R"(%START_TIME(%s.%3f)% m=%REQ(:METHOD)% p="%REQ(X-ENVOY-ORIGINAL-PATH?:PATH):40%" )"
        R"(c=%RESPONSE_CODE% odd=%DYNAMIC_METADATA(a:b)%; 100%% t=%REQ(TRACEPARENT)% id=%REQ(X-REQUEST-ID)%)"
        "\n";
    const Values expected{
        {"start_time", "1772600767.120"},
        {"method", "GET"},
        {"path", "/a b"},
        {"status_code", "-"},
        {"trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"},
        {"request_id", "r-1"},
    };
    CHECK(
        parsed(
            R"(1772600767.120 m=GET p="/a b" c=- odd=some text; 100% )"
            R"(t=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 id=r-1)",
            format
        ) == expected
    );
    CHECK(parsed(kHttpLine, format) == http_values());
    for (const std::string unusable :
         {"%", "%REQ(:METHOD", "%REQ(:METHOD)%%PROTOCOL%", "no command", "%START_TIME%", "%%", "%a%"
         }) {
        CAPTURE(unusable);
        CHECK_FALSE(AccessLogFormat::compile(unusable));
        CHECK(parsed(kHttpLine, unusable) == http_values());
    }
}

TEST_CASE("ids stand alone in a line", "[access_log]") {
    const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    const std::string uuid = "5b6d1c1e-7f0a-4f60-9a43-0d8d9e3b8a11";
    struct Row {
        std::string line, trace_id, request_id;
    };
    const std::vector<Row> rows{
        {"nothing here", "", ""},
        {"trace_id=" + trace + " request_id=" + uuid, trace, uuid},
        {R"({"traceId":")" + trace + R"(","x-request-id": ")" + uuid + R"("})", trace, uuid},
        {"traceparent: 00-" + trace + "-00f067aa0ba902b7-01", trace, ""},
        {"[" + trace + "] served", trace, ""},
        {"x" + trace, "", ""},
        {trace + "/a", trace, ""},
        {std::string(32, '0'), "", ""},
        {"traceID=00f067aa0ba902b7", "00f067aa0ba902b7", ""},
        {"span_id=00f067aa0ba902b7", "", ""},
        {"order " + uuid + " request-id=" + "00000000-0000-0000-0000-000000000001",
         "",
         "00000000-0000-0000-0000-000000000001"},
        {"order " + uuid, "", uuid},
        {"request_id=" + trace, "", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.line);
        const LineIds ids = find_ids(row.line);
        CHECK(ids.trace_id == row.trace_id);
        CHECK(ids.request_id == row.request_id);
    }
}

TEST_CASE("lines of ztunnel are read", "[access_log]") {
    const std::string line =
        "2026-03-04T05:06:07.120Z\tinfo\taccess\tconnection complete\t"
        R"(src.addr=10.1.0.4:39880 src.workload="web-v1" src.namespace=shop )"
        R"(src.identity="spiffe://cluster.local/ns/shop/sa/web" dst.addr=10.1.0.9:15008 )"
        R"(dst.service="cart.shop.svc.cluster.local" dst.workload="cart-v1" dst.namespace="shop" )"
        R"(direction="outbound" bytes_sent=99 bytes_recv=12 duration="3ms" error="it \"broke\"")";
    const auto read = business::parse_ztunnel(line);
    REQUIRE(read);
    CHECK(read->level == "info");
    CHECK(read->src_workload == "web-v1");
    CHECK(read->src_namespace == "shop");
    CHECK(read->dst_workload == "cart-v1");
    CHECK(read->dst_service == "cart.shop.svc.cluster.local");
    CHECK(read->error == R"(it \"broke\")");
    const Values expected{
        {"start_time", "2026-03-04T05:06:07.120Z"},
        {"upstream_cluster", "spiffe://cluster.local/ns/shop/sa/web"},
        {"requested_server", "cart.shop.svc.cluster.local"},
        {"upstream_service", "10.1.0.9:15008"},
        {"downstream_remote", "10.1.0.4:39880"},
        {"bytes_received", "12"},
        {"bytes_sent", "99"},
        {"duration", "3ms"},
    };
    CHECK(values_of(read->access) == expected);
    CHECK(read->fields.starts_with("src.addr="));
    CHECK_FALSE(business::parse_ztunnel("a\tb\tc\td"));
    CHECK_FALSE(business::parse_ztunnel("nothing"));
}

TEST_CASE("ids are found wherever they stand", "[access_log]") {
    const std::string trace(32, 'a');
    const std::string request = "5b6d1c1e-7f0a-4f60-9a43-0d8d9e3b8a11";
    for (std::size_t before = 0; before < 40; ++before) {
        for (const std::string_view between : {" ", ",", "  |  ", " abcdefghijklmno "}) {
            std::string line;
            for (std::size_t i = 0; i < before; ++i) {
                line += i % 3 == 2 ? ' ' : 'x';
            }
            line.append(" ").append(trace).append(between).append(request);
            INFO(line);
            const LineIds ids = find_ids(line);
            CHECK(ids.trace_id == trace);
            CHECK(ids.request_id == request);
        }
    }
}

TEST_CASE("values of every length are told from what stands behind them", "[access_log]") {
    const auto format =
        business::AccessLogFormat::compile("%REQ(:PATH)% :: %ROUTE_NAME%|%DURATION%");
    REQUIRE(format);
    for (std::size_t length = 0; length < 150; ++length) {
        // The beginnings of the literal stand in it, too.
        std::string path;
        for (std::size_t i = 0; i < length; ++i) {
            path += " :/"[i % 3];
        }
        path = "x" + path + "y";
        const std::string text = path + " :: default|12";
        AccessLine line;
        REQUIRE(format->match(text, line));
        CHECK(line.path == path);
        CHECK(line.route_name == "default");
        CHECK(line.duration == "12");
    }
}
