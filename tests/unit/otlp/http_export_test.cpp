#include "clients/otlp/http_sender.hpp"
#include "clients/otlp/proto_writer.hpp"
#include "tests/support/scratch_dir.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/unit/otlp/exporter_fixture.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

namespace meshscope::test {
namespace {

using namespace std::chrono_literals;
using namespace clients;

using Answer = std::function<std::string(int number)>;  // of the request with this number, from 1

// A collector over HTTP that answers each request in turn.
class Intake {
 public:
    explicit Intake(Answer answer)
        : answer_(std::move(answer)), server_([this](Peer& peer) { serve(peer); }) {}

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }
    [[nodiscard]] std::vector<std::string> requests() const { return server_.requests(); }

 private:
    void serve(Peer& peer) {
        while (!peer.read_request().empty()) {
            peer.send(answer_(++number_));
        }
    }

    Answer answer_;
    std::atomic<int> number_{0};
    ScriptedServer server_;
};

Answer always(std::string answer) {
    return [answer = std::move(answer)](int) { return answer; };
}

std::unique_ptr<otlp::SpanSender> sender_to(
    std::uint16_t port, const std::string& path = "", bool tls = false
) {
    static const SystemClock clock;
    otlp::Collector collector;
    collector.url =
        *otlp::parse_collector("127.0.0.1:" + std::to_string(port) + path, otlp::Wire::kHttp, tls);
    collector.headers = {{"x-tenant", "meshscope"}};
    return otlp::make_http_sender(std::move(collector), clock);
}

std::string partial_success(std::uint64_t rejected, const std::string& message) {
    std::string partial;
    otlp::ProtoWriter(partial).number(1, rejected);
    otlp::ProtoWriter(partial).bytes(2, message);
    std::string answer;
    otlp::ProtoWriter(answer).message(1, partial);
    return answer;
}

TEST_CASE("spans are posted in batches of at most 512", "[otlp]") {
    const Intake intake(always(http_answer("")));
    ExporterRun run(sender_to(intake.port()));
    run.add(1200);
    run.start();
    REQUIRE(run.will_count("exported", 1200));
    const auto requests = intake.requests();
    REQUIRE(requests.size() == 3);
    for (const std::string& request : requests) {
        CHECK(request.starts_with("POST /v1/traces HTTP/1.1\r\n"));
        CHECK(request.find("Content-Type: application/x-protobuf\r\n") != std::string::npos);
        CHECK(request.find("x-tenant: meshscope\r\n") != std::string::npos);
    }
}

TEST_CASE("a full batch does not wait for the interval", "[otlp]") {
    const Intake intake(always(http_answer("")));
    auto options = quick();
    options.interval = std::chrono::hours(1);
    ExporterRun run(sender_to(intake.port()), options);
    run.start();
    REQUIRE(run.eventually([&] {
        run.add(64);
        return run.counted("exported") > 0;
    }));
}

TEST_CASE(
    "spans from before the start do not wait for the interval once they are a batch", "[otlp]"
) {
    const Intake intake(always(http_answer("")));
    auto options = quick();
    options.interval = std::chrono::hours(1);
    ExporterRun run(sender_to(intake.port()), options);
    run.add(600);
    run.start();
    REQUIRE(run.will_count("exported", 600));
}

TEST_CASE("the exporter's own calls carry no trace and leave no span", "[otlp]") {
    const Intake intake(always(http_answer("")));
    ExporterRun run(sender_to(intake.port()));
    run.add(1);
    run.start();
    REQUIRE(run.will_count("exported", 1));
    CHECK(run.stop(kPatience));
    CHECK(run.queue.size() == 0);
    CHECK(intake.requests().size() == 1);
    CHECK(intake.requests().front().find("traceparent") == std::string::npos);
}

TEST_CASE("a collector that is away costs no request anything", "[otlp]") {
    std::uint16_t port = 0;
    {
        const ScriptedServer gone([](Peer&) {});
        port = gone.port();
    }
    ExporterRun run(sender_to(port));
    run.start();
    for (int round = 0; round < 4; ++round) {
        run.add(1500);
    }
    REQUIRE(run.will_count("unreachable", 1));
    REQUIRE(run.eventually([&] {
        run.add(100);
        return run.counted("queue_full") > 0;
    }));
    CHECK(run.queue.size() <= 2048);
    CHECK(run.lines_with("own spans cannot be delivered") == 1);
    CHECK(run.lines_with("connection refused") == 1);
    CHECK(run.lines_with("server.observability.tracing.collector_url") == 1);
}

TEST_CASE("after repeated failure the collector is left alone for a while", "[otlp]") {
    std::atomic<bool> well{false};
    const Intake intake([&](int) { return well ? http_answer("") : http_answer("", "", 503); });
    auto options = quick();
    options.retries = 1;
    ExporterRun run(sender_to(intake.port()), options);
    run.add(5 * 512);  // 512 of them are dropped: the queue holds 2048
    run.start();
    // Three batches with a retry each, then silence.
    REQUIRE(run.will_count("unreachable", 3 * 512));
    REQUIRE(run.eventually([&] { return intake.requests().size() == 6; }));
    well = true;
    run.add(1);
    CHECK(run.queue.size() >= 512);
    CHECK(intake.requests().size() == 6);
    CHECK(run.stop(kPatience));  // the last flush asks again
    CHECK(run.counted("exported") == 513);
    CHECK(run.lines_with("the span collector is reached again") == 1);
}

TEST_CASE("one attempt tells whether the collector is back", "[otlp]") {
    std::atomic<bool> well{false};
    const Intake intake([&](int) { return well ? http_answer("") : http_answer("", "", 503); });
    auto options = quick();
    options.retries = 1;
    options.open_for = 1ms;
    ExporterRun run(sender_to(intake.port()), options);
    run.start();
    REQUIRE(run.eventually([&] {
        run.add(1);
        return run.counted("unreachable") > 4;
    }));
    well = true;
    run.add(1);
    REQUIRE(run.will_count("exported", 1));
}

TEST_CASE("a partial success is counted, said once and not sent again", "[otlp]") {
    const Intake intake(always(http_answer(partial_success(3, "spans too old"))));
    ExporterRun run(sender_to(intake.port()), in_batches_of(10));
    run.add(30);
    run.start();
    REQUIRE(run.will_count("exported", 21));
    CHECK(run.counted("rejected") == 9);
    CHECK(run.lines_with("spans too old") == 1);
    CHECK(run.stop(kPatience));
    CHECK(intake.requests().size() == 3);
    CHECK(run.counted("exported") + run.counted("rejected") == 30);
}

TEST_CASE("a refused batch is dropped and the reason said once", "[otlp]") {
    std::string status;
    otlp::ProtoWriter(status).number(1, 3);
    otlp::ProtoWriter(status).bytes(2, "bad trace id");
    struct Row {
        std::string name;
        std::string body;
        std::string type;
        std::string said;
    };
    for (const Row& row : std::vector<Row>{
             {"protobuf", status, "application/x-protobuf", "answers 400: bad trace id"},
             {"JSON",
              R"({"code":3,"message":"bad trace id"})",
              "application/json",
              "answers 400: bad trace id"},
             {"HTML", "<html><b>Bad Request</b>", "text/html", "answers 400"}
         }) {
        INFO(row.name);
        const Intake intake(always(http_answer(row.body, "Content-Type: " + row.type + "\r\n", 400))
        );
        ExporterRun run(sender_to(intake.port()));
        run.start();
        run.add(1);
        REQUIRE(run.will_count("refused", 1));
        run.add(1);
        REQUIRE(run.will_count("refused", 2));
        CHECK(run.lines_with("the span collector refuses own spans") == 1);
        CHECK(run.lines_with(row.said) == 1);
        CHECK(run.lines_with("<html>") == 0);
        CHECK(intake.requests().size() == 2);
    }
}

TEST_CASE("only what may come later is tried again", "[otlp]") {
    for (const int status : {429, 502, 503, 504}) {
        INFO(status);
        const Intake intake([status](int number) {
            return number < 3 ? http_answer("", "", status) : http_answer("");
        });
        ExporterRun run(sender_to(intake.port()));
        run.add(1);
        run.start();
        REQUIRE(run.will_count("exported", 1));
        CHECK(intake.requests().size() == 3);
    }
    for (const int status : {301, 400, 401, 404, 408, 500, 501, 505}) {
        INFO(status);
        const Intake intake(always(http_answer("", "", status)));
        ExporterRun run(sender_to(intake.port()));
        run.add(1);
        run.start();
        REQUIRE(run.will_count("refused", 1));
        CHECK(intake.requests().size() == 1);
    }
}

TEST_CASE("a long Retry-After is cut and the batch dropped in the end", "[otlp]") {
    for (const char* field :
         {"Retry-After: 3600\r\n", "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT\r\n"}) {
        const Intake intake(always(http_answer("", field, 503)));
        ExporterRun run(sender_to(intake.port()));
        run.add(1);
        run.start();
        REQUIRE(run.will_count("unreachable", 1));
        CHECK(intake.requests().size() == 4);
    }
}

TEST_CASE("a wrong path is said with the setting to change", "[otlp]") {
    struct Row {
        std::string path;
        std::string advice;
    };
    for (const Row& row : std::vector<Row>{
             {"/v1/traces", "leave /v1/traces out"},
             {"", "there is no OTLP intake at /v1/traces"},
             {"/otlp", "there is no OTLP intake at /otlp/v1/traces"}
         }) {
        const Intake intake(always(http_answer("404 page not found", "", 404)));
        ExporterRun run(sender_to(intake.port(), row.path));
        run.add(1);
        run.start();
        REQUIRE(run.will_count("refused", 1));
        CHECK(run.lines_with(row.advice) == 1);
        CHECK(intake.requests().front().starts_with("POST " + row.path + "/v1/traces "));
    }
}

TEST_CASE("a batch that is too large is halved once", "[otlp]") {
    SECTION("the halves are taken") {
        const Intake intake([](int number) { return http_answer("", "", number == 1 ? 413 : 200); }
        );
        ExporterRun run(sender_to(intake.port()));
        run.add(512);
        run.start();
        REQUIRE(run.will_count("exported", 512));
        CHECK(intake.requests().size() == 3);
        CHECK(run.counted("too_large") == 0);
    }
    SECTION("the halves are too large as well") {
        const Intake intake(always(http_answer("", "", 413)));
        ExporterRun run(sender_to(intake.port()));
        run.add(512);
        run.start();
        REQUIRE(run.will_count("too_large", 512));
        CHECK(intake.requests().size() == 3);
        CHECK(run.lines_with("refuses own spans") == 1);
    }
    SECTION("a single span") {
        const Intake intake(always(http_answer("", "", 413)));
        ExporterRun run(sender_to(intake.port()));
        run.add(1);
        run.start();
        REQUIRE(run.will_count("too_large", 1));
        CHECK(intake.requests().size() == 1);
    }
}

TEST_CASE("later batches are smaller after one was too large", "[otlp]") {
    const Intake intake([](int number) { return http_answer("", "", number == 1 ? 413 : 200); });
    ExporterRun run(sender_to(intake.port()));
    run.add(1024);
    run.start();
    REQUIRE(run.will_count("exported", 1024));
    // 512 refused, its halves, then batches that begin at about 256.
    CHECK(intake.requests().size() == 5);
}

TEST_CASE("any answer of success is one", "[otlp]") {
    for (const std::string& answer :
         {http_answer("", "", 202),
          std::string("HTTP/1.1 204 No Content\r\n\r\n"),
          http_answer("{}", "Content-Type: application/json\r\n"),
          http_answer("<html>ok", "Content-Type: text/html\r\n"),
          http_answer("\xFF\xFF", "Content-Type: application/x-protobuf\r\n")}) {
        INFO(answer);
        const Intake intake(always(answer));
        ExporterRun run(sender_to(intake.port()));
        run.add(2);
        run.start();
        REQUIRE(run.will_count("exported", 2));
        CHECK(run.log().empty());
    }
}

TEST_CASE("a certificate that is not trusted is said once a minute", "[otlp]") {
    const TestAuthority authority;
    ScriptedTls tls{};
    tls.certificate = authority.issue({"127.0.0.1"});
    const ScriptedServer server([](Peer& peer) { peer.read_request(); }, tls);
    auto options = quick();
    options.retries = 0;
    options.failures_to_open = 1'000'000;
    ExporterRun run(sender_to(server.port(), "", true), options);
    run.start();
    const auto fail_more = [&run](int spans) {
        const int before = run.counted("unreachable");
        for (int i = 0; i < spans; ++i) {
            run.add(1);
            REQUIRE(run.will_count("unreachable", before + i + 1));
        }
    };
    fail_more(3);
    CHECK(run.lines_with("own spans cannot be delivered") == 1);
    CHECK(run.lines_with("server.observability.tracing.otel.skip_verify") == 1);
    run.clock.advance(61s);
    fail_more(3);
    CHECK(run.lines_with("own spans cannot be delivered") == 2);
}

TEST_CASE("the collector's certificate is checked against the given authorities", "[otlp]") {
    const TestAuthority authority;
    ScriptedTls tls{};
    tls.certificate = authority.issue({"127.0.0.1"});
    const ScriptedServer server(
        [](Peer& peer) {
            while (!peer.read_request().empty()) {
                peer.send(http_answer(""));
            }
        },
        tls
    );
    const ScratchDir files;
    const SystemClock clock;
    for (const bool trusted : {true, false}) {
        otlp::Collector collector;
        collector.url = *otlp::parse_collector(
            "127.0.0.1:" + std::to_string(server.port()), otlp::Wire::kHttp, true
        );
        collector.tls.insecure_skip_verify = !trusted;
        if (trusted) {
            collector.tls.ca_files = {files.write("ca.pem", authority.certificate())};
        }
        ExporterRun run(otlp::make_http_sender(collector, clock));
        run.add(1);
        run.start();
        CHECK(run.will_count("exported", 1));
    }
}

TEST_CASE("plain HTTP to a TLS port is said with the setting to change", "[otlp]") {
    const TestAuthority authority;
    ScriptedTls tls{};
    tls.certificate = authority.issue({"127.0.0.1"});
    const ScriptedServer server([](Peer& peer) { peer.read_request(); }, tls);
    ExporterRun run(sender_to(server.port()));
    run.add(1);
    run.start();
    REQUIRE(run.eventually([&] { return run.lines_with("advice=") > 0; }));
    CHECK(run.lines_with("server.observability.tracing.") == 1);
}

TEST_CASE("the last flush empties a full queue", "[otlp]") {
    const Intake intake(always(http_answer("")));
    auto options = quick();
    options.interval = std::chrono::hours(1);
    options.batch = 4096;  // so that nothing is sent before
    ExporterRun run(sender_to(intake.port()), options);
    run.start();
    run.add(3000);
    CHECK(run.stop(5s));
    CHECK(run.counted("exported") == 2048);
    CHECK(run.counted("queue_full") == 952);
}

TEST_CASE("a collector that stalls does not hold up the end", "[otlp]") {
    const ScriptedServer server([](Peer& peer) {
        peer.read_request();
        peer.wait_for_close();
    });
    auto options = quick();
    options.batch = 1024;
    options.interval = std::chrono::hours(1);
    ExporterRun run(sender_to(server.port()), options);
    run.start();
    run.add(1000);
    const auto begun = std::chrono::steady_clock::now();
    run.stop(200ms);
    CHECK(std::chrono::steady_clock::now() - begun < 10s);
    CHECK(run.stop(kPatience));
    CHECK(run.counted("unreachable") + run.counted("shutdown") == 1000);
}

TEST_CASE("an exporter that never ran ends at once", "[otlp]") {
    ExporterRun run(sender_to(1));
    run.add(1);
    CHECK(run.stop(0ms));
}

}  // namespace
}  // namespace meshscope::test
