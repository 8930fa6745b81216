#include "business/span_facts.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <iterator>

namespace meshscope::business {

namespace {

// In alphabetical order. The codes of Envoy's access log, the meanings in our own words.
constexpr ResponseFlag kFlags[] = {
    {"DC", "the caller closed the connection before the answer was complete"},
    {"DF", "the name of the upstream host could not be resolved"},
    {"DI", "a delay was injected by a fault rule"},
    {"DO", "dropped because the upstream is overloaded and asked for less load"},
    {"DPE", "the caller sent something that is not valid HTTP"},
    {"DR", "the caller reset the stream"},
    {"DT", "the request or connection reached its longest allowed duration"},
    {"FI", "an error was injected by a fault rule"},
    {"IH", "refused because a header that is checked strictly had an invalid value"},
    {"LH", "the local service failed the health check"},
    {"LR", "the proxy itself reset the connection"},
    {"NC", "the route names an upstream cluster that the proxy does not know"},
    {"NFCF", "no filter configuration arrived in time"},
    {"NR", "no route or filter chain matches the request"},
    {"OM", "stopped by the proxy's overload manager"},
    {"RFCF", "the response was rejected because its headers could not be sent on"},
    {"RL", "refused by the local or global rate limit"},
    {"RLSE", "refused because the rate limit service failed"},
    {"SI", "the stream was idle for too long"},
    {"UAEX", "denied by the external authorization service"},
    {"UC", "the upstream closed the connection before it answered"},
    {"UF", "the connection to the upstream could not be made"},
    {"UH", "no healthy upstream host is left"},
    {"UMSDR", "the upstream request reached its longest allowed stream duration"},
    {"UO", "stopped by the circuit breaker: the upstream is overloaded"},
    {"UPE", "the upstream answered something that is not valid HTTP"},
    {"UR", "the upstream reset the stream"},
    {"URX", "all retries or connection attempts are used up"},
    {"UT", "the upstream did not answer in time"},
};

}  // namespace

std::string_view response_flag_meaning(std::string_view code) {
    const auto* found = std::lower_bound(
        std::begin(kFlags),
        std::end(kFlags),
        code,
        [](const ResponseFlag& flag, std::string_view key) { return flag.code < key; }
    );
    return found != std::end(kFlags) && found->code == code ? found->meaning : "unknown flag";
}

std::vector<ResponseFlag> response_flags(std::string_view text) {
    std::vector<ResponseFlag> flags;
    if (text.empty() || text == "-") {
        return flags;
    }
    for (const std::string_view part : split(text, ',')) {
        const std::string_view code = trim(part);
        if (!code.empty() && code != "-") {
            flags.push_back({code, response_flag_meaning(code)});
        }
    }
    return flags;
}

}  // namespace meshscope::business
