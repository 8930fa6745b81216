#pragma once

#include "demo/kubernetes/api.hpp"
#include "demo/net/faults.hpp"
#include "tests/support/manual_clock.hpp"

#include <nlohmann/json.hpp>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::demo {

// The simulated cluster's API without its port.
struct Kubernetes {
    explicit Kubernetes(
        std::string_view scenario = "normal",
        KubernetesOptions options = {},
        std::string marker = ""
    )
        : stream(scenario_with(scenario, std::move(marker)), 1, clock.now()),
          cluster(stream, clock, [this] { return to_micros(clock.now()) + 1'000; }),
          api(cluster, counters, without_waits(options)) {}

    static Scenario scenario_with(std::string_view name, std::string marker) {
        Scenario out = *scenario_named(name);
        out.marker = std::move(marker);
        return out;
    }

    static KubernetesOptions without_waits(KubernetesOptions options) {
        options.look_every = std::chrono::milliseconds(0);
        return options;
    }

    HttpReply ask(
        std::string_view target,
        std::string_view accept = "application/json",
        std::string_view token = "demo-server-token",
        std::string_view method = "GET",
        std::string body = ""
    ) {
        HttpRequest request = parse_target(method, target);
        request.headers.emplace_back("accept", accept);
        if (!token.empty()) {
            request.authorization = "Bearer " + std::string(token);
        }
        request.body = std::move(body);
        return api.handle(request);
    }

    nlohmann::json json(std::string_view target, std::string_view accept = "application/json") {
        const HttpReply reply = ask(target, accept);
        return nlohmann::json::parse(reply.body);
    }

    // The names of a list's items.
    std::vector<std::string> names(std::string_view target) {
        std::vector<std::string> out;
        const nlohmann::json list = json(target);
        for (const auto& item : list.at("items")) {
            out.push_back(item.at("metadata").at("name"));
        }
        return out;
    }

    test::ManualClock clock;
    EventStream stream;
    LiveCluster cluster;
    Counters counters;
    KubernetesApi api;
};

// What a body in pieces has said up to now.
struct Reading {
    explicit Reading(HttpReply started) : reply(std::move(started)) {}

    // The next piece's lines, none when there is nothing new.
    std::vector<nlohmann::json> events() {
        std::vector<nlohmann::json> out;
        std::istringstream lines(next());
        for (std::string line; std::getline(lines, line);) {
            out.push_back(nlohmann::json::parse(line));
        }
        return out;
    }
    std::string next() {
        std::string piece;
        more = more && reply.pieces(piece, leaving);
        return piece;
    }

    HttpReply reply;
    Stopper leaving;
    bool more = true;
};

inline const char* const kMetadataList =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
inline const char* const kMetadata =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
inline const char* const kTable =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;"
    "g=meta.k8s.io,application/json";

}  // namespace meshscope::demo
