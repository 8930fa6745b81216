#include "tests/bench/replay.hpp"

#include "jaeger/api_v2/query.pb.h"
#include "jaeger/api_v3/query_service.pb.h"
#include "tests/bench/replay_grpc.hpp"
#include "tests/bench/sockets.hpp"
#include "tests/bench/traces.hpp"
#include "tests/bench/traces_otlp.hpp"
#include "tests/bench/traces_proto.hpp"

#include <fmt/format.h>

#include <atomic>
#include <string_view>
#include <utility>

namespace meshscope::bench {

namespace {

constexpr std::string_view kV2 = "/jaeger.api_v2.QueryService/";
constexpr std::string_view kV3 = "/jaeger.api_v3.QueryService/";

std::atomic<std::uint64_t> calls{0};

// A target that begins so gets this whole response.
struct Route {
    std::string prefix;
    std::string response;
    bool counted = false;
};

std::string response_of(std::string_view body) { return response_head(body.size()).append(body); }

void add_http_v1(const std::vector<BenchTrace>& traces, std::vector<Route>& routes) {
    const std::string list =
        fmt::format(R"({{"data":["{}"],"total":1,"limit":0,"offset":0,"errors":null}})", kService);
    routes.push_back({"/jaeger/api/traces", response_of(to_jaeger_json(traces)), true});
    routes.push_back({"/jaeger/api/services", response_of(list), false});
}

void add_http_v3(const std::vector<BenchTrace>& traces, std::vector<Route>& routes) {
    const std::string list = fmt::format(R"({{"services":["{}"]}})", kService);
    // Its presence tells a release that filters by tags.
    routes.push_back({"/jaeger/api/v3/trace-summaries", response_of(R"({"summaries":[]})"), false});
    routes.push_back({"/jaeger/api/v3/traces", response_of(to_otlp_json(traces)), true});
    routes.push_back({"/jaeger/api/v3/services", response_of(list), false});
}

void add_grpc_v2(const std::vector<BenchTrace>& traces, GrpcReplay::Answers& answers) {
    std::vector<std::string> messages;
    for (const auto& chunk : to_chunks(traces)) {
        messages.push_back(chunk.SerializeAsString());
    }
    jaeger::api_v2::GetServicesResponse services;
    services.add_services(std::string(kService));
    answers[std::string(kV2) + "GetServices"] = {services.SerializeAsString()};
    answers[std::string(kV2) + "GetTrace"] = messages;
    answers[std::string(kV2) + "FindTraces"] = std::move(messages);
}

void add_grpc_v3(const std::vector<BenchTrace>& traces, GrpcReplay::Answers& answers) {
    std::vector<std::string> messages = to_otlp_messages(traces);
    jaeger::api_v3::GetServicesResponse services;
    services.add_services(std::string(kService));
    answers[std::string(kV3) + "GetServices"] = {services.SerializeAsString()};
    answers[std::string(kV3) + "GetTrace"] = messages;
    answers[std::string(kV3) + "FindTraces"] = std::move(messages);
}

std::vector<std::string> command_of(
    const std::string& program,
    std::uint16_t http_port,
    std::uint16_t grpc_port,
    const ReplayOptions& options
) {
    std::vector<std::string> command{
        program,
        "--replay",
        std::to_string(http_port),
        std::to_string(grpc_port),
        std::to_string(options.traces),
        std::to_string(options.spans)
    };
    for (const Wire wire : options.wires) {
        command.emplace_back(word_of(wire));
    }
    return command;
}

}  // namespace

void run_replay(std::uint16_t http_port, std::uint16_t grpc_port, const ReplayOptions& options) {
    std::vector<Route> routes;
    GrpcReplay::Answers answers;
    {
        const std::vector<BenchTrace> traces = make_traces(options.traces, options.spans);
        for (const Wire wire : options.wires) {
            switch (wire) {
                case Wire::kHttpV1:
                    add_http_v1(traces, routes);
                    break;
                case Wire::kGrpcV2:
                    add_grpc_v2(traces, answers);
                    break;
                case Wire::kHttpV3:
                    add_http_v3(traces, routes);
                    break;
                case Wire::kGrpcV3:
                    add_grpc_v3(traces, answers);
                    break;
            }
        }
    }
    const GrpcReplay grpc(grpc_port, answers, [](const std::string& method) {
        calls += method.ends_with("GetServices") ? 0 : 1;
    });
    answers.clear();
    const std::string missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    serve(http_port, [&](std::string_view target, std::string_view) -> std::string_view {
        static thread_local std::string counted;
        for (const Route& route : routes) {
            if (target.starts_with(route.prefix)) {
                calls += route.counted ? 1 : 0;
                return route.response;
            }
        }
        if (target == "/calls") {
            counted = response_of(std::to_string(calls.load()));
            return counted;
        }
        return missing;
    });
}

void run_replay(const std::vector<std::string>& arguments) {
    const auto number = [&](std::size_t i) { return std::stoul(arguments.at(i)); };
    ReplayOptions options;
    options.traces = number(2);
    options.spans = number(3);
    for (std::size_t i = 4; i < arguments.size(); ++i) {
        options.wires.push_back(wire_of(arguments[i]));
    }
    run_replay(
        static_cast<std::uint16_t>(number(0)), static_cast<std::uint16_t>(number(1)), options
    );
}

Replay::Replay(const std::string& program, const ReplayOptions& options)
    : http_port_(free_port()),
      grpc_port_(free_port()),
      child_(command_of(program, http_port_, grpc_port_, options)) {
    wait_for_port(http_port_);
}

std::string Replay::url(Wire wire) const {
    return fmt::format("http://127.0.0.1:{}/jaeger", is_grpc(wire) ? grpc_port_ : http_port_);
}

std::uint64_t Replay::calls() const {
    return std::stoull(Connection::open(http_port_).get("/calls", "", true).body);
}

}  // namespace meshscope::bench
