#include "demo/bookinfo/control_api.hpp"

#include "core/json_writer.hpp"
#include "demo/jaeger/go_values.hpp"

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

HttpReply set_faults(const HttpRequest& request, Faults& faults) {
    for (const auto& [name, value] : request.query) {
        const auto parsed = parse_integer(value);
        if (!parsed || *parsed < -1) {
            return refuse(400, name + " is not a number from -1 on");
        }
        if (name == "latency-ms") {
            faults.latency_ms = *parsed;
        } else if (name == "stall-after-chunks") {
            faults.stall_after_chunks = *parsed;
        } else if (name == "stall-after-bytes") {
            faults.stall_after_bytes = *parsed;
        } else {
            return refuse(400, "there is no fault " + name);
        }
    }
    HttpReply reply;
    JsonWriter json(reply.body);
    json.begin_object();
    json.field("latency-ms", faults.latency_ms.load());
    json.field("stall-after-chunks", faults.stall_after_chunks.load());
    json.field("stall-after-bytes", faults.stall_after_bytes.load());
    json.end_object();
    return reply;
}

}  // namespace

HttpReply control(const HttpRequest& request, Counters& counters, Faults& faults) {
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
    return refuse(404, "there are GET /counts, POST /reset and POST /faults");
}

}  // namespace meshscope::demo
