#include "handlers/graph_json_rates.hpp"

#include <array>
#include <charconv>

namespace meshscope::handlers {

namespace {

using models::GraphEdge;
using models::GraphNode;
using models::Protocol;
using models::TrafficRates;

void write_rate(JsonWriter& json, std::string_view name, double rate) {
    if (rate > 0) {
        json.key(name).raw("\"");
        append_rate(json.buffer(), rate);
        json.buffer().push_back('"');
    }
}

void write_share(JsonWriter& json, std::string_view name, double part, double whole) {
    if (part > 0 && whole > 0) {
        write_fixed(json, name, part / whole * 100, 1);
    }
}

}  // namespace

void append_fixed(std::string& out, double value, int decimals) {
    std::array<char, 400> digits{};
    const auto end = std::to_chars(
        digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, decimals
    );
    out.append(digits.data(), end.ptr);
}

void append_rate(std::string& out, double rate) {
    constexpr int kFewest = 2;
    constexpr int kMost = 5;
    int decimals = kFewest;
    for (double least = 0.01; decimals < kMost && rate < least; least /= 10) {
        ++decimals;
    }
    append_fixed(out, rate, decimals);
}

void write_fixed(JsonWriter& json, std::string_view name, double value, int decimals) {
    json.key(name).raw("\"");
    append_fixed(json.buffer(), value, decimals);
    json.buffer().push_back('"');
}

void write_node_rates(JsonWriter& json, const GraphNode& node, Protocol protocol) {
    const TrafficRates& in = node.in[static_cast<std::size_t>(protocol)];
    const double out = node.out[static_cast<std::size_t>(protocol)];
    if (!(in.total > 0) && !(out > 0)) {
        return;
    }
    json.begin_object();
    switch (protocol) {
        case Protocol::kGrpc:
            json.field("protocol", "grpc").key("rates").begin_object();
            write_rate(json, "grpcIn", in.total);
            write_rate(json, "grpcInErr", in.errors);
            write_rate(json, "grpcInNoResponse", in.no_response);
            write_rate(json, "grpcOut", out);
            break;
        case Protocol::kHttp:
            json.field("protocol", "http").key("rates").begin_object();
            write_rate(json, "httpIn", in.total);
            write_rate(json, "httpIn3xx", in.status_3xx);
            write_rate(json, "httpIn4xx", in.status_4xx);
            write_rate(json, "httpIn5xx", in.status_5xx);
            write_rate(json, "httpInNoResponse", in.no_response);
            write_rate(json, "httpOut", out);
            break;
        default:
            json.field("protocol", "tcp").key("rates").begin_object();
            write_rate(json, "tcpIn", in.total);
            write_rate(json, "tcpOut", out);
            break;
    }
    json.end_object().end_object();
}

void write_edge_rates(JsonWriter& json, const GraphEdge& edge, double sent) {
    const TrafficRates& rates = edge.rates;
    json.key("rates").begin_object();
    switch (edge.protocol) {
        case Protocol::kGrpc:
            write_rate(json, "grpc", rates.total);
            write_rate(json, "grpcErr", rates.errors);
            write_rate(json, "grpcNoResponse", rates.no_response);
            write_share(json, "grpcPercentErr", rates.failed(), rates.total);
            write_share(json, "grpcPercentReq", rates.total, sent);
            break;
        case Protocol::kHttp:
            write_rate(json, "http", rates.total);
            write_rate(json, "http3xx", rates.status_3xx);
            write_rate(json, "http4xx", rates.status_4xx);
            write_rate(json, "http5xx", rates.status_5xx);
            write_rate(json, "httpNoResponse", rates.no_response);
            write_share(json, "httpPercentErr", rates.failed(), rates.total);
            write_share(json, "httpPercentReq", rates.total, sent);
            break;
        default:
            write_rate(json, "tcp", rates.total);
            break;
    }
    json.end_object();
}

}  // namespace meshscope::handlers
