#include "business/access_log.hpp"
#include "business/cluster_known.hpp"
#include "business/log_lines.hpp"
#include "business/log_parse.hpp"
#include "business/logs.hpp"
#include "core/time_text.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::business {
namespace {

using models::LogLine;

constexpr const char* kProxyContainer = "istio-proxy";
constexpr std::string_view kLabelLetters = "abcdefghijklmnopqrstuvwxyz0123456789-";

// Whose lines are wanted, and by whom.
struct Reader {
    const Access& access;
    const Caller& caller;
    const models::ClusterSnapshot& snapshot;
    std::string_view ns, pod;
};

bool is_of(const Reader& reader, const ZtunnelLine& line) {
    return (line.src_namespace == reader.ns && line.src_workload == reader.pod) ||
           (line.dst_namespace == reader.ns && line.dst_workload == reader.pod);
}

// Whether the namespaces that identities (spiffe://.../ns/<name>/...) and hosts of services
// (<service>.<name>.svc) name are visible.
bool names_visible(const Reader& reader, std::string_view fields) {
    constexpr std::string_view kIdentity = "/ns/";
    constexpr std::string_view kHost = ".svc";
    for (std::size_t at = fields.find(kIdentity); at != std::string_view::npos;
         at = fields.find(kIdentity, at + 1)) {
        const std::string_view rest = fields.substr(at + kIdentity.size());
        const std::string_view name = rest.substr(0, rest.find_first_not_of(kLabelLetters));
        if (!reader.access.visible(reader.caller, name)) {
            return false;
        }
    }
    for (std::size_t at = fields.find(kHost); at != std::string_view::npos;
         at = fields.find(kHost, at + 1)) {
        const std::string_view before = fields.substr(0, at);
        const std::size_t last = before.find_last_not_of(kLabelLetters);
        const std::string_view name = before.substr(last == std::string_view::npos ? 0 : last + 1);
        if (!reader.access.visible(reader.caller, name)) {
            return false;
        }
    }
    return true;
}

// Whether free text has the name of a namespace as a word that the caller may not see.
bool tells_of_hidden(const Reader& reader, std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_not_of(kLabelLetters), text.size());
        const std::string_view word = text.substr(0, end);
        if (reader.snapshot.find(word) != nullptr && !reader.access.visible(reader.caller, word)) {
            return true;
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return false;
}

// A line that was cut may have lost what tells whom it is about.
bool may_see(const Reader& reader, const ZtunnelLine& read, bool cut) {
    if (reader.access.sees_all(reader.caller)) {
        return true;
    }
    return !cut && reader.access.visible(reader.caller, read.src_namespace) &&
           reader.access.visible(reader.caller, read.dst_namespace) &&
           names_visible(reader, read.fields) && !tells_of_hidden(reader, read.error);
}

LogLine line_of(
    const LogLine& from, const ZtunnelLine& read, std::string_view pod, LogTexts& texts
) {
    struct Kept {
        models::AccessLine access;
        std::string text, time;
    };
    LogLine line;
    line.time_ns = parse_rfc3339(read.access.start_time).value_or(from.stamped_ns);
    line.stamped_ns = from.stamped_ns;
    line.source = from.source;
    line.cut = from.cut;
    line.severity = severity_of(read.level);
    std::string message = "[" + std::string(pod) + "] ";
    message += read.fields;
    line.message = texts.keep(message);
    auto kept = std::make_shared<Kept>();
    kept->text = from.message;
    append_log_time(kept->time, line.time_ns);
    if (const auto again = parse_ztunnel(kept->text)) {
        kept->access = again->access;
        kept->access.error = again->error;
        kept->access.trace_id = trace_id_of(again->access.trace_id);
    }
    kept->access.start_time = kept->time;
    line.trace_id = kept->access.trace_id;
    line.access = std::shared_ptr<const models::AccessLine>(kept, &kept->access);
    return line;
}

struct Chosen {
    std::vector<LogLine> lines;
    LogTexts texts;
    std::size_t read = 0;
    bool full = false;  // of a log that many lines were read that there may be older ones
};

Chosen choose(const Reader& reader, LogParse& parse, const std::vector<std::string>& pods) {
    Chosen out;
    std::vector<ParsedLog> logs = parse.run();
    std::vector<std::vector<LogLine>> chosen(logs.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i < logs.size(); ++i) {
        out.read += logs[i].lines.size();
        out.full = out.full || logs[i].lines.size() > kMaxTail;
        for (const LogLine& line : logs[i].lines) {
            const auto read = parse_ztunnel(line.message);
            if (read && is_of(reader, *read) && may_see(reader, *read, line.cut)) {
                chosen[i].push_back(line_of(line, *read, pods[i], out.texts));
                ++count;
            }
        }
    }
    out.lines =
        logs.size() == 1 ? std::move(chosen.front()) : merge_newest(std::move(chosen), count);
    return out;
}

// The ztunnels of a node, ascending by namespace and name: while it is replaced there are two.
std::vector<LogPlace> ztunnels_of(
    const models::ClusterSnapshot& snapshot, const std::string& node
) {
    std::vector<LogPlace> places;
    for (const models::NamespaceViewPtr& view : snapshot.namespaces) {
        for (const models::WorkloadPtr& workload : view->workloads) {
            for (const models::PodPtr& pod : workload->pods) {
                if (workload->ztunnel && pod->node == node) {
                    places.push_back({pod->meta.ns, pod->meta.name, kProxyContainer});
                }
            }
        }
    }
    return places;
}

Result<std::vector<LogPlace>> find_ztunnels(
    const models::ClusterSnapshot& snapshot, const PodLogQuery& query
) {
    const models::NamespaceView* view = snapshot.find(query.ns);
    const models::Pod* pod = view == nullptr ? nullptr : view->find_pod(query.pod);
    if (pod == nullptr) {
        return Error(
            ErrorKind::kNotFound,
            "there is no pod '" + query.pod + "' in namespace '" + query.ns + "'"
        );
    }
    std::vector<LogPlace> places;
    if (!pod->node.empty()) {
        places = ztunnels_of(snapshot, pod->node);
    }
    if (places.empty()) {
        return Error(
            ErrorKind::kNotFound, "no ztunnel runs on the node of pod '" + query.pod + "'"
        );
    }
    return places;
}

}  // namespace

// The server's account reads, so Kubernetes is asked whether the caller might read the pod's log.
Awaitable<std::optional<Error>> Logs::refuse_log(RequestContext context, const PodLogQuery& query)
    const {
    clients::AccessQuestion question{"get", "", "pods", "log", query.ns, query.pod};
    auto asking = parts_.cluster->may_i(std::move(context), std::move(question));
    const Result<clients::AccessAnswer> answer = co_await std::move(asking);
    if (!answer) {
        co_return answer.error();
    }
    if (!answer->allowed) {
        co_return Error(
            ErrorKind::kForbidden,
            "you may not read the log of pod '" + query.pod + "' in namespace '" + query.ns + "'"
        );
    }
    co_return std::nullopt;
}

Awaitable<Result<PodLog>> Logs::of_ztunnel(RequestContext context, PodLogQuery query) const {
    auto asking = refuse_log(context, query);
    if (auto error = co_await std::move(asking)) {
        co_return std::move(*error);
    }
    const clients::ClusterState known = parts_.cluster->state();  // first: the snapshot holds it
    const models::ClusterSnapshotPtr snapshot = parts_.cluster->snapshot();
    if (auto error = unknown_namespaces(known, *snapshot)) {
        co_return std::move(*error);
    }
    const Result<std::vector<LogPlace>> places = find_ztunnels(*snapshot, query);
    if (!places) {
        co_return places.error();
    }
    LogWindow window;
    window.end_ns = end_of(query);
    PodLog log;
    LogParse parse(parser_, parts_.masker, parts_.bounds.line_bytes);
    std::vector<std::string> pods;
    std::optional<Error> failed;
    for (const LogPlace& place : *places) {
        clients::LogQuery wanted;
        wanted.ns = place.ns;
        wanted.pod = place.pod;
        wanted.container = place.container;
        wanted.since = query.since;
        wanted.limit_bytes = parts_.bounds.source_bytes;
        wanted.as_server = true;
        if (!window.end_ns) {
            wanted.tail_lines = kMaxTail + 1;
        }
        RequestContext reading = for_reading(context, 8, std::chrono::seconds(2));
        RawLog raw = co_await read_raw(*parts_.cluster, std::move(reading), wanted, window);
        const SourceState state = describe_source(place, raw);
        if (!state.reason.empty()) {
            const bool cut = state.state == SourceState::State::kCut;
            log.meta.warn(cut ? "log_cut" : "log_broken", place.pod + ": " + state.reason);
        }
        if (raw.error && raw.pieces.empty()) {
            failed = raw.error;
            continue;
        }
        log.truncated = log.truncated || raw.cut || raw.short_of_end || raw.late;
        pods.push_back(place.pod);
        parse.add(models::LogSource::kApp, std::move(raw));
    }
    if (pods.empty()) {
        co_return *failed;
    }
    const Reader reader{*parts_.access, context.caller, *snapshot, query.ns, query.pod};
    auto work = [&] { return choose(reader, parse, pods); };
    Chosen chosen = co_await off_thread(parts_.workers, parse.bytes(), work);
    log.lines = std::move(chosen.lines);
    log.texts = chosen.texts.take();
    if (log.truncated) {
        log.meta.stopped_by = clients::StoppedBy::kBytes;
    } else if (chosen.full && !window.end_ns) {
        log.truncated = true;
        log.meta.stopped_by = clients::StoppedBy::kLimit;
    }
    log.meta.scanned = log.lines.size();
    keep_window(query, window.end_ns, log);
    log.meta.order = "log";
    if (parts_.access->sees_all(context.caller)) {
        // What was read for it tells how much others do on that node.
        log.meta.scanned = chosen.read;
        log.meta.upstream = context.bill->by_name;
    }
    co_return log;
}

}  // namespace meshscope::business
