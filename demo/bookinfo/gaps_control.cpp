#include "demo/bookinfo/gaps_control.hpp"

#include "core/json_writer.hpp"
#include "core/result.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace meshscope::demo {
namespace {

Error wrong(const std::string& what) { return Error(ErrorKind::kInvalidArgument, what); }

// 0 to 100.
std::optional<double> percent(std::string_view text) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    const bool good = parsed.ec == std::errc() && parsed.ptr == end && value >= 0 && value <= 100;
    return good ? std::optional(value) : std::nullopt;
}

bool known(const Topology& topology, std::string Workload::* field, std::string_view name) {
    return std::ranges::any_of(topology.workloads(), [&](const Workload& workload) {
        return workload.*field == name;
    });
}

Result<> read_drops(std::string_view text, const Topology& topology, GapRules& rules) {
    for (const std::string_view one : split(text, ',')) {
        const std::size_t colon = one.find(':');
        const std::string_view name = one.substr(0, colon);
        const auto share =
            colon == std::string_view::npos ? std::nullopt : percent(one.substr(colon + 1));
        if (!share || !known(topology, &Workload::name, name)) {
            return wrong("'" + std::string(one) + "' is not WORKLOAD:PERCENT");
        }
        rules.drops[std::string(name)] = static_cast<std::uint32_t>(*share);
    }
    return {};
}

Result<GapRules> read_rules(const HttpRequest& request, const Topology& topology) {
    GapRules rules;
    for (const auto& [name, value] : request.query) {
        if (name == "sampling") {
            const auto share = percent(value);
            if (!share) {
                return wrong("sampling is a number from 0 to 100");
            }
            rules.sampled = static_cast<std::uint32_t>(*share * 100);
        } else if (name == "drop") {
            if (const Result<> read = read_drops(value, topology, rules); !read) {
                return read.error();
            }
        } else if (name == "no-context") {
            for (const std::string_view app : split(value, ',')) {
                if (!known(topology, &Workload::app, app)) {
                    return wrong("there is no application '" + std::string(app) + "'");
                }
                rules.unforwarded.emplace(app);
            }
        } else {
            return wrong("there is no gap " + name);
        }
    }
    return rules;
}

}  // namespace

HttpReply set_gaps(const HttpRequest& request, const EventStream& stream, TraceArchive& archive) {
    Result<GapRules> rules = request.method == "POST"
                                 ? read_rules(request, stream.topology())
                                 : Result<GapRules>(wrong("gaps are set with POST"));
    HttpReply reply;
    JsonWriter json(reply.body);
    json.begin_object();
    if (!rules) {
        reply.status = 400;
        json.field("error", rules.error().message());
    } else {
        json.field("sampled", rules->sampled).field("drops", rules->drops.size());
        json.field("unforwarded", rules->unforwarded.size());
        stream.gaps().set(std::move(*rules));
        archive.render_again();
    }
    json.end_object();
    return reply;
}

}  // namespace meshscope::demo
