#pragma once

#include <functional>

namespace meshscope::bench {

// CPU time of this process for one call of `work`, in milliseconds.
double cpu_ms(const std::function<void()>& work);
// The same: the median of `runs`, after one
// call to warm up.
double median_cpu(int runs, const std::function<void()>& work);
// The same; what `prepare` does before each call is not counted.
double median_cpu(
    int runs, const std::function<void()>& prepare, const std::function<void()>& work
);

}  // namespace meshscope::bench
