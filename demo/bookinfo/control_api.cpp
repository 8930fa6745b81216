#include "demo/bookinfo/control_api.hpp"

#include "core/json_writer.hpp"
#include "demo/jaeger/go_values.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace meshscope::demo {
namespace {

HttpReply refuse(unsigned status, const std::string& why) {
    HttpReply reply;
    reply.status = status;
    JsonWriter json(reply.body);
    json.begin_object().field("error", why);
    json.end_object();
    return reply;
}

using Fault = std::atomic<std::int64_t> Faults::*;
constexpr std::array<std::pair<std::string_view, Fault>, 5> kFaults = {{
    {"latency-ms", &Faults::latency_ms},
    {"stall-after-chunks", &Faults::stall_after_chunks},
    {"stall-after-bytes", &Faults::stall_after_bytes},
    {"cut-after-chunks", &Faults::cut_after_chunks},
    {"cut-after-bytes", &Faults::cut_after_bytes},
}};

HttpReply set_faults(const HttpRequest& request, Faults& faults) {
    for (const auto& [name, value] : request.query) {
        const auto parsed = parse_integer(value);
        if (!parsed || *parsed < -1) {
            return refuse(400, name + " is not a number from -1 on");
        }
        const auto known = std::find_if(kFaults.begin(), kFaults.end(), [&](const auto& fault) {
            return fault.first == name;
        });
        if (known == kFaults.end()) {
            return refuse(400, "there is no fault " + name);
        }
        faults.*(known->second) = *parsed;
    }
    HttpReply reply;
    JsonWriter json(reply.body);
    json.begin_object();
    for (const auto& [name, fault] : kFaults) {
        json.field(name, (faults.*fault).load());
    }
    json.end_object();
    return reply;
}

HttpReply set_release(const HttpRequest& request, RunningRelease& running) {
    Result<Release> release = release_named(request.first("version").value_or(""));
    if (!release) {
        return refuse(400, release.error().message());
    }
    const std::string_view api_v3 = request.first("api-v3").value_or("on");
    if (api_v3 != "on" && api_v3 != "off") {
        return refuse(400, "api-v3 is on or off");
    }
    release->api_v3 = api_v3 == "on";
    running.set(*release);
    HttpReply reply;
    JsonWriter json(reply.body);
    json.begin_object().field("version", release->version).field("api-v3", api_v3);
    json.end_object();
    return reply;
}

}  // namespace

HttpReply control(
    const HttpRequest& request, Counters& counters, Faults& faults, RunningRelease& release
) {
    HttpReply reply;
    if (request.path == "/counts" && request.method == "GET") {
        reply.body = counters.to_json();
        return reply;
    }
    if (request.path == "/reset" && request.method == "POST") {
        counters.reset();
        reply.body = counters.to_json();
        return reply;
    }
    if (request.path == "/faults" && request.method == "POST") {
        return set_faults(request, faults);
    }
    if (request.path == "/jaeger-version" && request.method == "POST") {
        return set_release(request, release);
    }
    return refuse(
        404,
        "there are GET /counts, GET /metrics-history, POST /reset, POST /faults, "
        "POST /jaeger-version, POST /gaps and POST /kubernetes"
    );
}

}  // namespace meshscope::demo
