#include "demo/kubernetes/pod_logs.hpp"

#include "demo/jaeger/go_values.hpp"
#include "demo/kubernetes/status.hpp"
#include "demo/mesh/time_text.hpp"
#include "demo/net/faults.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace meshscope::demo {
namespace {

constexpr std::string_view kProxy = "istio-proxy";

struct LogPlan {
    ContainerLog log;
    bool follow = false;
    bool previous = false;
    bool timestamps = false;
    std::optional<SystemTime> since;
    std::optional<std::size_t> tail;
    std::optional<std::size_t> most_bytes;
    std::chrono::milliseconds look_every{0};
};

bool is_on(const HttpRequest& request, std::string_view name) {
    const auto value = request.first(name);
    return value && (*value == "true" || *value == "1");
}

HttpReply invalid(std::string_view field, const std::string& why) {
    return failure(
        422,
        "Invalid",
        "PodLogOptions \"\" is invalid: " + std::string(field) + ": Invalid value: " + why
    );
}

// Of a number that is at least `least`; nullopt in `out` when it is not given.
std::optional<HttpReply> take_number(
    const HttpRequest& request,
    std::string_view name,
    std::int64_t least,
    std::optional<std::int64_t>& out
) {
    const auto value = request.first(name);
    if (!value) {
        return std::nullopt;
    }
    out = parse_integer(*value);
    if (!out) {
        return bad_request(
            "strconv.ParseInt: parsing \"" + std::string(*value) + "\": invalid syntax"
        );
    }
    if (*out < least) {
        return invalid(
            name,
            std::to_string(*out) + ": must be greater than or equal to " + std::to_string(least)
        );
    }
    return std::nullopt;
}

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += out.empty() ? "" : " ";
        out += name;
    }
    return out;
}

// The container that is meant, or why there is none.
std::optional<HttpReply> choose_container(
    const Object& pod, const HttpRequest& request, LogPlan& plan
) {
    const PodFacts& facts = *pod.pod;
    std::string name(request.first("container").value_or(""));
    if (name.empty()) {
        if (facts.containers.size() > 1) {
            return bad_request(
                "a container name must be specified for pod " + pod.name + ", choose one of: [" +
                joined(facts.containers) + "] or one of the init containers: [" +
                facts.init_container + "]"
            );
        }
        name = facts.containers.front();
    }
    const bool known =
        std::find(facts.containers.begin(), facts.containers.end(), name) != facts.containers.end();
    if (!known && (name != facts.init_container || name.empty())) {
        return bad_request("container " + name + " is not valid for pod " + pod.name);
    }
    if (!facts.waiting.empty()) {
        return bad_request(
            "container \"" + name + "\" in pod \"" + pod.name +
            "\" is waiting to start: " + facts.waiting
        );
    }
    if (plan.previous && (!facts.restarted || name != facts.containers.front())) {
        return bad_request(
            "previous terminated container \"" + name + "\" in pod \"" + pod.name + "\" not found"
        );
    }
    plan.log.workload = known ? facts.workload : std::nullopt;
    plan.log.ztunnel_of = known ? facts.ztunnel_of : "";
    plan.log.container = name;
    plan.log.proxy = name == kProxy;
    plan.log.started = facts.started;
    plan.log.ended = facts.ended;
    if (!known || plan.previous) {
        // Both have ended: an init container at once, the one before after its ten minutes.
        plan.log.workload.reset();
        plan.log.ztunnel_of.clear();
        plan.log.ended =
            facts.started + (known ? std::chrono::minutes(10) : std::chrono::minutes(0));
    }
    return std::nullopt;
}

std::optional<HttpReply> read_plan(
    const Object& pod, const HttpRequest& request, SystemTime now, LogPlan& plan
) {
    plan.follow = is_on(request, "follow");
    plan.previous = is_on(request, "previous");
    plan.timestamps = is_on(request, "timestamps");
    std::optional<std::int64_t> tail;
    std::optional<std::int64_t> bytes;
    std::optional<std::int64_t> seconds;
    for (auto refused :
         {take_number(request, "tailLines", 0, tail),
          take_number(request, "limitBytes", 1, bytes),
          take_number(request, "sinceSeconds", 1, seconds)}) {
        if (refused) {
            return refused;
        }
    }
    if (tail) {
        plan.tail = static_cast<std::size_t>(*tail);
    }
    if (bytes) {
        plan.most_bytes = static_cast<std::size_t>(*bytes);
    }
    if (seconds) {
        plan.since = now - std::chrono::seconds(*seconds);
    }
    if (const auto time = request.first("sinceTime")) {
        const auto nanos = parse_rfc3339(*time);
        if (!nanos) {
            return bad_request("sinceTime is not a time as RFC 3339 has it");
        }
        if (seconds) {
            return invalid(
                "sinceSeconds", "at most one of `sinceTime` or `sinceSeconds` may be specified"
            );
        }
        plan.since = from_micros(*nanos / 1'000);
    }
    return choose_container(pod, request, plan);
}

// Reads on from where it stopped.
class LogReader {
 public:
    LogReader(LiveCluster& cluster, LogBook& book, ObjectPtr pod, LogPlan plan)
        : cluster_(cluster), book_(book), pod_(std::move(pod)), plan_(std::move(plan)) {}

    // What there is now: the tail first, then what is young enough of it.
    std::string begin() {
        read_to_ = cluster_.now();
        auto lines = book_.lines(plan_.log, plan_.log.started - kBefore, read_to_);
        const std::size_t drop =
            plan_.tail && lines.size() > *plan_.tail ? lines.size() - *plan_.tail : 0;
        lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(drop));
        return written(lines);
    }

    bool next(std::string& piece, Stopper& leaving) {
        const bool ended = ended_;
        ended_ = is_gone();
        const SystemTime now = cluster_.now();
        piece = written(book_.lines(plan_.log, std::exchange(read_to_, now), now));
        if (ended || full()) {
            return false;
        }
        return !piece.empty() || ended_ || !leaving.wait_for(plan_.look_every);
    }

    [[nodiscard]] bool follows() const { return plan_.follow && !full(); }

 private:
    static constexpr std::chrono::microseconds kBefore{1};

    [[nodiscard]] bool full() const { return plan_.most_bytes && bytes_ >= *plan_.most_bytes; }

    [[nodiscard]] bool is_gone() {
        const ObjectPtr now = cluster_.look([this](const ObjectStore& store) {
            return store.find(*pod_->resource, pod_->ns, pod_->name);
        });
        if (now && now->pod->ended) {
            plan_.log.ended = now->pod->ended;
        }
        return !now || plan_.log.ended;
    }

    std::string written(const std::vector<ContainerLine>& lines) {
        std::string out;
        for (const ContainerLine& line : lines) {
            if (plan_.since && line.stamp < *plan_.since) {
                continue;
            }
            if (plan_.timestamps) {
                out += rfc3339(line.stamp, 6);
                out.insert(out.size() - 1, "000");
                out += ' ';
            }
            out += line.text;
            out += '\n';
        }
        if (plan_.most_bytes) {
            out.resize(std::min(out.size(), *plan_.most_bytes - bytes_));
        }
        bytes_ += out.size();
        return out;
    }

    LiveCluster& cluster_;
    LogBook& book_;
    const ObjectPtr pod_;
    LogPlan plan_;
    SystemTime read_to_;
    std::size_t bytes_ = 0;
    bool ended_ = false;  // the container had ended when it was last looked at
};

}  // namespace

HttpReply pod_log(
    LiveCluster& cluster,
    LogBook& book,
    const ObjectPtr& pod,
    const HttpRequest& request,
    std::chrono::milliseconds look_every
) {
    LogPlan plan;
    plan.look_every = look_every;
    if (std::optional<HttpReply> refused = read_plan(*pod, request, cluster.now(), plan)) {
        return *std::move(refused);
    }
    const auto reader = std::make_shared<LogReader>(cluster, book, pod, std::move(plan));
    HttpReply reply;
    reply.content_type = "text/plain";
    reply.body = reader->begin();
    if (reader->follows()) {
        reply.pieces = [reader](std::string& piece, Stopper& leaving) {
            return reader->next(piece, leaving);
        };
    }
    return reply;
}

}  // namespace meshscope::demo
