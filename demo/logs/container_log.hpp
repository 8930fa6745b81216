#pragma once

#include "demo/mesh/event_stream.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::demo {

struct ContainerLine {
    SystemTime at;     // by the mesh's time: when it is there to be read
    SystemTime stamp;  // by the clock of its node
    std::string text;
};

// Which container's lines are wanted.
struct ContainerLog {
    std::optional<WorkloadIndex> workload;  // nullopt: it says every ten seconds that it lives
    std::string container;
    bool proxy = false;
    SystemTime started;
    std::optional<SystemTime> ended;
};

// What containers have written: the same requests whose spans Jaeger has. Thread-safe.
class LogBook {
 public:
    explicit LogBook(const EventStream& stream);

    // Those of a container with from < at <= to, ascending by time.
    std::vector<ContainerLine> lines(const ContainerLog& log, SystemTime from, SystemTime to);

 private:
    using RequestPtr = std::shared_ptr<const Request>;
    static constexpr std::size_t kMostKept = 4'096;

    RequestPtr request(std::int64_t number);
    void add(
        std::vector<ContainerLine>& out,
        const ContainerLog& log,
        const Request& request,
        SystemTime from,
        SystemTime to
    ) const;

    const EventStream& stream_;
    const std::vector<Request> singles_;
    std::mutex mutex_;
    std::map<std::int64_t, RequestPtr> kept_;
};

}  // namespace meshscope::demo
