#include "tests/bench/report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <sys/utsname.h>
#include <thread>

namespace meshscope::bench {

namespace {

std::string processor_name() {
    std::ifstream file("/proc/cpuinfo");
    std::string line;
    while (std::getline(file, line)) {
        if (line.starts_with("model name")) {
            return line.substr(line.find(':') + 2);
        }
    }
    return "unknown processor";
}

std::string number(std::optional<double> value) {
    if (!value) {
        return "";
    }
    return *value >= 1000 ? fmt::format("{:.0f}", *value) : fmt::format("{:.2f}", *value);
}

std::string target_text(const Line& line) {
    switch (line.goal) {
        case Line::Goal::kNone:
            return "";
        case Line::Goal::kAtLeast:
            return fmt::format(">= {:g}", line.target);
        case Line::Goal::kAtMost:
            return fmt::format("<= {:g}", line.target);
    }
    return "";
}

}  // namespace

double median(std::vector<double> values) {
    if (values.empty()) {
        return 0;
    }
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

bool Line::met() const {
    const double value = ratio.value_or(ours);
    switch (goal) {
        case Goal::kNone:
            return true;
        case Goal::kAtLeast:
            return value >= target;
        case Goal::kAtMost:
            return value <= target;
    }
    return true;
}

bool Report::all_met() const {
    return std::all_of(lines.begin(), lines.end(), [](const Line& line) { return line.met(); });
}

std::string Report::table() const {
    std::size_t width = 20;
    for (const Line& line : lines) {
        width = std::max(width, line.name.size());
    }
    std::string out = machine_line() + "\n";
    out += fmt::format("median of {} runs\n\n", runs);
    out += fmt::format(
        "{:<{}}  {:>10}  {:>10}  {:>8}  {:>8}  {:>8}\n",
        "",
        width,
        "ours",
        "baseline",
        "unit",
        "ratio",
        "target"
    );
    for (const Line& line : lines) {
        out += fmt::format(
            "{:<{}}  {:>10}  {:>10}  {:>8}  {:>8}  {:>8}  {}\n",
            line.name,
            width,
            number(line.ours),
            number(line.baseline),
            line.unit,
            number(line.ratio),
            target_text(line),
            line.goal == Line::Goal::kNone ? ""
            : line.met()                   ? "ok"
                                           : "MISSED"
        );
    }
    for (const std::string& note : notes) {
        out += "\n" + note;
    }
    return out + "\n";
}

std::string Report::json() const {
    nlohmann::ordered_json root;
    root["machine"] = machine_line();
    root["runs"] = runs;
    root["lines"] = nlohmann::ordered_json::array();
    for (const Line& line : lines) {
        nlohmann::ordered_json item;
        item["name"] = line.name;
        item["unit"] = line.unit;
        item["ours"] = line.ours;
        item["baseline"] = line.baseline ? nlohmann::ordered_json(*line.baseline) : nullptr;
        item["ratio"] = line.ratio ? nlohmann::ordered_json(*line.ratio) : nullptr;
        item["target"] = target_text(line);
        item["met"] = line.met();
        root["lines"].push_back(std::move(item));
    }
    root["notes"] = notes;
    return root.dump(2) + "\n";
}

std::string machine_line() {
    utsname system{};
    uname(&system);
    return fmt::format(
        "{}, {} cores, {} {}, {} {}, flags {}",
        processor_name(),
        std::thread::hardware_concurrency(),
        system.sysname,
        system.release,
        "clang",
        __clang_version__,
        MESHSCOPE_BENCH_FLAGS
    );
}

}  // namespace meshscope::bench
