#include "tests/bench/cpu_time.hpp"

#include "tests/bench/report.hpp"

#include <cstddef>
#include <sys/resource.h>
#include <utility>
#include <vector>

namespace meshscope::bench {

namespace {

double used_ms() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto ms = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
    };
    return ms(usage.ru_utime) + ms(usage.ru_stime);
}

}  // namespace

double cpu_ms(const std::function<void()>& work) {
    const double before = used_ms();
    work();
    return used_ms() - before;
}

double median_cpu(
    int runs, const std::function<void()>& prepare, const std::function<void()>& work
) {
    std::vector<double> times;
    times.reserve(static_cast<std::size_t>(runs));
    for (int i = 0; i <= runs; ++i) {
        prepare();
        const double took = cpu_ms(work);
        if (i > 0) {
            times.push_back(took);
        }
    }
    return median(std::move(times));
}

double median_cpu(int runs, const std::function<void()>& work) {
    return median_cpu(runs, [] {}, work);
}

}  // namespace meshscope::bench
