#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::bench {

double median(std::vector<double> values);  // 0 for none

// One line of the table. Baseline and ours come from the same run, the same machine, the same
// flags.
struct Line {
    enum class Goal { kNone, kAtLeast, kAtMost };

    std::string name;
    std::string unit;
    double ours = 0;
    std::optional<double> baseline;
    std::optional<double> ratio;  // how it is made is part of the name
    Goal goal = Goal::kNone;
    double target = 0;  // of the ratio, or of `ours` where there is no ratio

    [[nodiscard]] bool met() const;
};

struct Report {
    int runs = 0;
    std::vector<Line> lines;
    std::vector<std::string> notes;

    [[nodiscard]] std::string table() const;
    [[nodiscard]] std::string json() const;
    [[nodiscard]] bool all_met() const;
};

// Processor, cores, kernel, compiler and flags in one line.
std::string machine_line();

}  // namespace meshscope::bench
