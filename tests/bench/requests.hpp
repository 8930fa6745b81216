#pragma once

#include "tests/bench/process.hpp"
#include "tests/bench/sockets.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace meshscope::bench {

struct Target {
    std::uint16_t port = 0;
    std::string path;
    std::string headers;
    std::size_t spans = 0;  // of a right answer
};

// The traces of the application of the input, all of them. Different `salt`, different question.
std::string app_traces_path(std::uint64_t salt = 0);
// One trace of the input; whatever id is asked for, the replay gives its own.
std::string trace_path();

// Measures one kind of request to one process. Whoever answers less than all the spans, or says
// that something is missing, is not measured: that throws.
class Contest {
 public:
    // `requests` make a run.
    Contest(Child& process, Target target, int requests);

    void run();
    [[nodiscard]] double cpu_ms() const;  // of one request, median of the runs
    [[nodiscard]] std::size_t body_bytes() const { return body_bytes_; }

 private:
    void check();
    void request();

    Child& process_;
    Target target_;
    int requests_;
    Connection connection_;
    std::vector<double> times_;
    std::size_t body_bytes_ = 0;
};

}  // namespace meshscope::bench
