#pragma once

#include "tests/bench/report.hpp"
#include "tests/bench/wire.hpp"

#include <string>
#include <vector>

namespace meshscope::bench {

struct Options {
    std::string self;    // this program, to start its other modes
    std::string server;  // the meshscope program
    int runs = 9;
    std::vector<Wire> wires{kWires.begin(), kWires.end()};  // of growth, crowd and big
};

// Searches of 20 traces of 500 spans through the server, over each protocol; the older two against
// the baseline; memory.
void bench_traces(const Options& options, Report& report);
// One trace of 1 000, 10 000 and 100 000 spans through the server, over each protocol: what a span
// costs.
void bench_growth(const Options& options, Report& report);
// 50 clients at once, each with a search of its own.
void bench_crowd(const Options& options, Report& report);
// A trace of 250 000 spans: memory of its first viewer and of the next, and what is beyond the
// limits.
void bench_big(const Options& options, Report& report);
// The parts of that way one by one in this process, each against the library one would take first.
// No targets: they explain the choices.
void bench_parts(const Options& options, Report& report);
// A cluster of 10 000 pods: the server from its start until it knows it, against a plain download
// of the same lists; memory.
void bench_cluster(const Options& options, Report& report);
// Leading spans to the workloads of a cluster of 10 000 pods, against decoding them. In this
// process.
void bench_identity(const Options& options, Report& report);
// Rows of a metric store to a graph of 1 000 workloads and its JSON, against a plain read of the
// same answers. In this process.
void bench_graph(const Options& options, Report& report);
// Laying 500 traces over a graph of 1 000 workloads, against decoding them. In this process.
void bench_overlay(const Options& options, Report& report);
// 10 000 lines of ten containers to one list, against copying and compressing their bytes.
void bench_logs(const Options& options, Report& report);
// The heatmap of a trace over a real Prometheus, against one query for each of its numbers.
void bench_heatmap(const Options& options, Report& report);
// 20 viewers on 10 tabs: what a Prometheus is asked at once.
void bench_viewers(const Options& options, Report& report);
// Health of 1 000 workloads: queries, and our own time against that of Prometheus.
void bench_health(const Options& options, Report& report);
// /healthz against a bare Beast server; idle memory.
void bench_healthz(const Options& options, Report& report);

}  // namespace meshscope::bench
