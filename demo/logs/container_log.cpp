#include "demo/logs/container_log.hpp"

#include "demo/logs/access_lines.hpp"

#include <algorithm>
#include <tuple>

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

}  // namespace

LogBook::LogBook(const EventStream& stream) : stream_(stream), singles_(stream.singles()) {}

LogBook::RequestPtr LogBook::request(std::int64_t number) {
    const std::scoped_lock lock(mutex_);
    RequestPtr& kept = kept_[number];
    if (!kept) {
        kept = std::make_shared<const Request>(stream_.request(number));
    }
    const RequestPtr out = kept;
    if (kept_.size() > kMostKept) {
        kept_.erase(kept_.begin());
    }
    return out;
}

void LogBook::add(
    std::vector<ContainerLine>& out,
    const ContainerLog& log,
    const Request& request,
    SystemTime from,
    SystemTime to
) const {
    const Topology& topology = stream_.topology();
    const WorkloadIndex own = *log.workload;
    const std::chrono::microseconds skew(topology[own].clock_skew_us);
    const auto line = [&](const Call& call, Side side, auto text) {
        const SystemTime at = end_of(request, call, side);
        if (at > from && at <= to && at >= log.started && (!log.ended || at <= *log.ended)) {
            out.push_back({at, at + skew, text()});
        }
    };
    for (const Call& call : request.calls) {
        const bool served = call.callee == own && call.arrived;
        const bool router = topology[own].proxy == Proxy::kRouter;
        if (!log.proxy) {
            if (served) {
                line(call, Side::kCallee, [&] {
                    return application_line(request, call, topology);
                });
            }
            continue;
        }
        if (served && !router) {
            line(call, Side::kCallee, [&] {
                return access_line(request, call, topology, Side::kCallee);
            });
        }
        if (call.caller == own) {
            line(call, Side::kCaller, [&] {
                return access_line(request, call, topology, Side::kCaller);
            });
        }
    }
}

std::vector<ContainerLine> LogBook::lines(const ContainerLog& log, SystemTime from, SystemTime to) {
    if (!log.workload) {
        return signs_of_life(log, from, to);
    }
    // No request takes longer than this.
    constexpr std::chrono::seconds kLongest{30};
    std::vector<ContainerLine> out;
    for (const Request& single : singles_) {
        if (single.start <= to && single.end() > from) {
            add(out, log, single, from, to);
        }
    }
    const std::int64_t last = stream_.last_number(to);
    const std::int64_t first =
        std::max(stream_.first_number(), stream_.last_number(from - kLongest));
    for (std::int64_t number = first; number <= last; ++number) {
        add(out, log, *request(number), from, to);
    }
    std::sort(out.begin(), out.end(), [](const ContainerLine& a, const ContainerLine& b) {
        return std::tie(a.at, a.text) < std::tie(b.at, b.text);
    });
    return out;
}

}  // namespace meshscope::demo
