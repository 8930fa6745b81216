#include "demo/logs/container_log.hpp"

#include "demo/logs/ztunnel_lines.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace meshscope::demo {
namespace {

std::vector<ContainerLine> signs_of_life(const ContainerLog& log, SystemTime from, SystemTime to) {
    constexpr std::chrono::seconds kEvery{10};
    const SystemTime end = log.ended ? std::min(to, *log.ended) : to;
    std::vector<ContainerLine> out;
    auto number = from < log.started ? 0 : (from - log.started) / kEvery + 1;
    for (SystemTime at = log.started + kEvery * number; at <= end; at += kEvery) {
        out.push_back(
            {at,
             at,
             "INFO [" + log.container + "] running, " + std::to_string(number * kEvery.count()) +
                 " s"}
        );
        ++number;
    }
    return out;
}

// The lines of one request that a container writes within a time.
class Lines {
 public:
    Lines(
        std::vector<ContainerLine>& out,
        const ContainerLog& log,
        const EventStream& stream,
        SystemTime from,
        SystemTime to
    )
        : out_(out),
          log_(log),
          topology_(stream.topology()),
          gaps_(stream.gaps().rules()),
          from_(from),
          to_(to) {}

    // Who writes a line writes the trace that it was called in.
    void add(const Request& request) {
        if (gaps_->unforwarded.empty()) {
            add_part(request);
            return;
        }
        for (const Request& part : traces_of(request, topology_, *gaps_)) {
            add_part(part);
        }
    }

 private:
    void add_part(const Request& request) {
        for (const Call& call : request.calls) {
            if (!log_.ztunnel_of.empty()) {
                add_of_ztunnel(request, call);
            } else if (log_.proxy) {
                add_of_proxy(request, call);
            } else if (call.callee == *log_.workload && call.arrived) {
                line(request, call, Side::kCallee, application_line(request, call, topology_));
            }
        }
    }

    void add_of_proxy(const Request& request, const Call& call) {
        const WorkloadIndex own = *log_.workload;
        const bool router = topology_[own].proxy == Proxy::kRouter;
        for (const Side side : {Side::kCallee, Side::kCaller}) {
            const bool writes = side == Side::kCallee
                                    ? call.callee == own && call.arrived && !router
                                    : call.caller == own;
            if (writes) {
                line(request, call, side, access_line(request, call, topology_, side));
            }
        }
    }

    void add_of_ztunnel(const Request& request, const Call& call) {
        const auto carried = [&](WorkloadIndex workload) {
            return workload != kOutside && topology_[workload].proxy == Proxy::kZtunnel &&
                   topology_[workload].node == log_.ztunnel_of;
        };
        if (call.arrived && carried(call.callee)) {
            const auto side = Side::kCallee;
            line(request, call, side, ztunnel_line(request, call, topology_, side));
        }
        if (carried(call.caller)) {
            const auto side = Side::kCaller;
            line(request, call, side, ztunnel_line(request, call, topology_, side));
        }
    }

    void line(const Request& request, const Call& call, Side side, std::string text) {
        const SystemTime at = end_of(request, call, side);
        if (at <= from_ || at > to_ || at < log_.started || (log_.ended && at > *log_.ended)) {
            return;
        }
        const WorkloadIndex writer = side == Side::kCallee ? call.callee : call.caller;
        const std::chrono::microseconds skew(topology_[writer].clock_skew_us);
        out_.push_back({at, at + skew, std::move(text)});
    }

    std::vector<ContainerLine>& out_;
    const ContainerLog& log_;
    const Topology& topology_;
    const std::shared_ptr<const GapRules> gaps_;
    const SystemTime from_;
    const SystemTime to_;
};

}  // namespace

LogBook::LogBook(const EventStream& stream) : stream_(stream), singles_(stream.singles()) {}

LogBook::Part LogBook::part_of(const ContainerLog& log) const {
    const bool ambient =
        !log.ztunnel_of.empty() || stream_.topology()[*log.workload].proxy == Proxy::kZtunnel;
    return ambient ? Part::kAmbient : Part::kProxied;
}

LogBook::RequestPtr LogBook::request(std::int64_t number, Part part) {
    const std::scoped_lock lock(mutex_);
    RequestPtr& kept = kept_[{number, part}];
    if (!kept) {
        kept = std::make_shared<const Request>(
            part == Part::kAmbient ? stream_.ambient_request(number) : stream_.request(number)
        );
    }
    const RequestPtr out = kept;
    if (kept_.size() > kMostKept) {
        kept_.erase(kept_.begin());
    }
    return out;
}

std::vector<ContainerLine> LogBook::lines(const ContainerLog& log, SystemTime from, SystemTime to) {
    if (!log.workload && log.ztunnel_of.empty()) {
        return signs_of_life(log, from, to);
    }
    // No request takes longer than this.
    constexpr std::chrono::seconds kLongest{30};
    const Part part = part_of(log);
    std::vector<ContainerLine> out;
    Lines wanted(out, log, stream_, from, to);
    for (const Request& single : singles_) {
        if (single.start <= to && single.end() > from) {
            wanted.add(single);
        }
    }
    const std::int64_t last = stream_.last_number(to);
    const std::int64_t first =
        std::max(stream_.first_number(), stream_.last_number(from - kLongest));
    for (std::int64_t number = first; number <= last; ++number) {
        wanted.add(*request(number, part));
    }
    std::sort(out.begin(), out.end(), [](const ContainerLine& a, const ContainerLine& b) {
        return std::tie(a.at, a.text) < std::tie(b.at, b.text);
    });
    return out;
}

}  // namespace meshscope::demo
