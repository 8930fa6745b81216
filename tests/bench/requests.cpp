#include "tests/bench/requests.hpp"

#include "tests/bench/report.hpp"
#include "tests/bench/traces.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string_view>
#include <utility>

namespace meshscope::bench {

namespace {

constexpr int kWarmUp = 2;

std::size_t count_of(std::string_view text, std::string_view word) {
    std::size_t count = 0;
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + word.size())) {
        ++count;
    }
    return count;
}

}  // namespace

std::string app_traces_path(std::uint64_t salt) {
    return fmt::format(
        "/api/namespaces/bookinfo/apps/productpage/traces?limit=20&startMicros={}&endMicros={}",
        kFirstStartMicros - 60'000'000,
        kFirstStartMicros + 600'000'000 + salt
    );
}

std::string trace_path() {
    const BenchTrace trace = make_traces(1, 1).front();
    return fmt::format("/api/traces/{:016x}{:016x}", trace.id_high, trace.id_low);
}

Contest::Contest(Child& process, Target target, int requests)
    : process_(process),
      target_(std::move(target)),
      requests_(requests),
      connection_(Connection::open(target_.port)) {
    check();
    for (int i = 0; i < kWarmUp; ++i) {
        request();
    }
}

void Contest::check() {
    const Connection::Answer answer = connection_.get(target_.path, "", true);
    const std::size_t spans = count_of(answer.body, "\"operationName\"");
    const bool cut = answer.body.find("\"stoppedBy\":\"bytes\"") != std::string::npos;
    if (answer.status != 200 || spans != target_.spans || cut) {
        throw std::runtime_error(fmt::format(
            "{} answered {} with {} spans instead of {}: {} ... {}",
            target_.path,
            answer.status,
            spans,
            target_.spans,
            answer.body.substr(0, 300),
            answer.body.substr(answer.body.size() - std::min<std::size_t>(answer.body.size(), 600))
        ));
    }
}

void Contest::run() {
    const double before = process_.cpu_ms();
    for (int i = 0; i < requests_; ++i) {
        request();
    }
    times_.push_back((process_.cpu_ms() - before) / requests_);
}

double Contest::cpu_ms() const { return median(times_); }

void Contest::request() {
    const Connection::Answer answer = connection_.get(target_.path, target_.headers, false);
    if (answer.status != 200) {
        throw std::runtime_error(fmt::format("{} answered {}", target_.path, answer.status));
    }
    body_bytes_ = answer.body_bytes;
}

}  // namespace meshscope::bench
