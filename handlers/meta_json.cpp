#include "handlers/meta_json.hpp"

#include "handlers/safe_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace meshscope::handlers {

namespace {

using business::Meta;

struct Cut {
    std::size_t dropped = 0;
    std::size_t upstream = 0;
    std::size_t warnings = 0;
    std::size_t off = 0;
};

void write_limits(JsonWriter& json, const business::MetaLimits& limits) {
    json.begin_object();
    if (limits.limit) {
        json.key("limit").unsigned_integer(*limits.limit);
    }
    if (limits.start) {
        json.field("startMicros", to_micros(*limits.start));
    }
    if (limits.end) {
        json.field("endMicros", to_micros(*limits.end));
    }
    json.end_object();
}

void write_upstream(JsonWriter& json, const Meta& meta, std::size_t cut) {
    json.begin_array();
    const auto last = std::prev(meta.upstream.end(), static_cast<std::ptrdiff_t>(cut));
    for (auto it = meta.upstream.begin(); it != last; ++it) {
        const UpstreamCost& cost = it->second;
        json.begin_object().field("name", it->first);
        json.key("calls").unsigned_integer(cost.calls).key("joined").unsigned_integer(cost.joined);
        json.key("cached").unsigned_integer(cost.cached).key("bytes").unsigned_integer(cost.bytes);
        json.field("ms", static_cast<double>(cost.time.count()) / 1000.0).end_object();
    }
    json.end_array();
}

void write_cluster(JsonWriter& json, const business::MetaCluster& cluster, std::size_t cut) {
    json.begin_object().field("name", cluster.name).key("ageMs");
    if (cluster.age_ms) {
        json.integer(*cluster.age_ms);
    } else {
        json.null();
    }
    json.field("stale", cluster.stale).key("off").begin_array();
    for (std::size_t i = 0; i + cut < cluster.off.size(); ++i) {
        const clients::KindState& kind = cluster.off[i];
        json.begin_object().field("resource", kind.resource);
        json.field("state", business::to_string(kind.state));
        if (!kind.reason.empty()) {
            json.field("reason", safe_text(kind.reason));
        }
        if (!kind.forbidden_namespaces.empty()) {
            json.key("forbiddenNamespaces").begin_array();
            for (const std::string& name : kind.forbidden_namespaces) {
                json.string(name);
            }
            json.end_array();
        }
        json.end_object();
    }
    json.end_array().end_object();
}

void write_cut(JsonWriter& json, const Cut& cut) {
    if (cut.dropped + cut.upstream + cut.warnings + cut.off == 0) {
        return;
    }
    json.key("cut").begin_object();
    const std::array<std::pair<const char*, std::size_t>, 4> lists{
        {{"dropped", cut.dropped},
         {"off", cut.off},
         {"upstream", cut.upstream},
         {"warnings", cut.warnings}}
    };
    for (const auto& [name, count] : lists) {
        if (count > 0) {
            json.key(name).unsigned_integer(count);
        }
    }
    json.end_object();
}

void write(JsonWriter& json, const Meta& meta, const Cut& cut) {
    json.begin_object();
    write_limits(json.key("asked"), meta.asked);
    write_limits(json.key("used"), meta.used);
    json.key("returned").unsigned_integer(meta.returned);
    json.key("scanned").unsigned_integer(meta.scanned);
    json.field("stoppedBy", business::to_string(meta.stopped_by));
    json.key("dropped").begin_array();
    for (std::size_t i = 0; i + cut.dropped < meta.dropped.size(); ++i) {
        json.begin_object().field("reason", meta.dropped[i].reason);
        json.key("count").unsigned_integer(meta.dropped[i].count).end_object();
    }
    json.end_array().field("order", meta.order);
    if (meta.covered) {
        json.key("covered").begin_object();
        json.field("startMicros", to_micros(meta.covered->start));
        json.field("endMicros", to_micros(meta.covered->end)).end_object();
    }
    write_upstream(json.key("upstream"), meta, cut.upstream);
    json.key("warnings").begin_array();
    for (std::size_t i = 0; i + cut.warnings < meta.warnings.size(); ++i) {
        json.begin_object().field("code", meta.warnings[i].code);
        json.field("message", safe_text(meta.warnings[i].message)).end_object();
    }
    json.end_array();
    if (meta.cluster) {
        write_cluster(json.key("cluster"), *meta.cluster, cut.off);
    }
    write_cut(json, cut);
    json.end_object();
}

// Valid UTF-8 (as JsonWriter makes it) with \u escapes for all that is not ASCII.
std::string to_ascii(std::string_view json) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    out.reserve(json.size());
    const auto escape = [&out](std::uint32_t unit) {
        out.append("\\u");
        for (const unsigned shift : {12U, 8U, 4U, 0U}) {
            out.push_back(kDigits[unit >> shift & 0xFU]);
        }
    };
    for (std::size_t i = 0; i < json.size();) {
        const auto byte = static_cast<unsigned char>(json[i]);
        if (byte < 0x80) {
            out.push_back(json[i++]);
            continue;
        }
        const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
        std::uint32_t point = byte & (0x7FU >> length);
        for (std::size_t k = 1; k < length && i + k < json.size(); ++k) {
            point = point << 6U | (static_cast<unsigned char>(json[i + k]) & 0x3FU);
        }
        i += length;
        if (point >= 0x10000) {
            escape(0xD800U + ((point - 0x10000U) >> 10U));
            escape(0xDC00U + ((point - 0x10000U) & 0x3FFU));
        } else {
            escape(point);
        }
    }
    return out;
}

std::string render(const Meta& meta, const Cut& cut) {
    std::string text;
    JsonWriter json(text);
    write(json, meta, cut);
    return to_ascii(text);
}

// Takes one more entry off the list that has most left; false when all are empty.
bool cut_longest(const Meta& meta, Cut& cut) {
    const std::size_t dropped = meta.dropped.size() - cut.dropped;
    const std::size_t upstream = meta.upstream.size() - cut.upstream;
    const std::size_t warnings = meta.warnings.size() - cut.warnings;
    const std::size_t off = meta.cluster ? meta.cluster->off.size() - cut.off : 0;
    const std::size_t longest = std::max({dropped, upstream, warnings, off});
    if (longest == 0) {
        return false;
    }
    ++(longest == warnings  ? cut.warnings
       : longest == dropped ? cut.dropped
       : longest == off     ? cut.off
                            : cut.upstream);
    return true;
}

}  // namespace

void write_meta(JsonWriter& json, const Meta& meta) { write(json, meta, Cut{}); }

std::string meta_header(const Meta& meta) {
    Cut cut;
    std::string text = render(meta, cut);
    while (text.size() > kMaxMetaHeader && cut_longest(meta, cut)) {
        text = render(meta, cut);
    }
    return text;
}

}  // namespace meshscope::handlers
