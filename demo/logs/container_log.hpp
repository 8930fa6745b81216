#pragma once

#include "demo/mesh/event_stream.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::demo {

struct ContainerLine {
    SystemTime at;     // by the mesh's time: when it is there to be read
    SystemTime stamp;  // by the clock of its node
    std::string text;
};

// Which container's lines are wanted.
struct ContainerLog {
    // Neither: it says every ten seconds that it lives.
    std::optional<WorkloadIndex> workload;
    std::string ztunnel_of;  // the node whose pods' calls it carries
    std::string container;
    bool proxy = false;
    SystemTime started;
    std::optional<SystemTime> ended;
};

// What containers have written: the same requests whose spans Jaeger has, and those of namespaces
// in ambient mode, which have none. Thread-safe.
class LogBook {
 public:
    explicit LogBook(const EventStream& stream);

    // Those of a container with from < at <= to, ascending by time.
    std::vector<ContainerLine> lines(const ContainerLog& log, SystemTime from, SystemTime to);

 private:
    using RequestPtr = std::shared_ptr<const Request>;
    static constexpr std::size_t kMostKept = 4'096;
    enum class Part : std::uint8_t { kProxied, kAmbient };

    [[nodiscard]] Part part_of(const ContainerLog& log) const;
    RequestPtr request(std::int64_t number, Part part);

    const EventStream& stream_;
    const std::vector<Request> singles_;
    std::mutex mutex_;
    std::map<std::pair<std::int64_t, Part>, RequestPtr> kept_;
};

}  // namespace meshscope::demo
