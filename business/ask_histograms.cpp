#include "business/ask_histograms.hpp"

#include "async/fan_out.hpp"
#include "business/histogram_job.hpp"
#include "business/short_interval.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace meshscope::business {

namespace {

constexpr std::chrono::seconds kPatience{20};

bool only_native(const TimesAtMoments& times) {
    return std::ranges::any_of(times, [](const std::vector<MeasuredTimes>& then) {
        return std::ranges::any_of(then, [](const MeasuredTimes& one) {
            return one.native && !one.buckets;
        });
    });
}

Awaitable<Result<TimesAtMoments>> times_of(HistogramJob& job, const HistogramQuery& query) {
    auto first = co_await ask_store(job, query.expr, query.at);
    if (!first) {
        co_return first.error();
    }
    TimesAtMoments times =
        read_histograms(job.question.asked, query, first->read(job.moments), job.repair);
    co_return co_await with_native(job, query, std::move(times));
}

Awaitable<bool> run(HistogramJob& job, std::size_t index) {
    const HistogramQuery& query = job.queries[index];
    auto times = co_await times_of(job, query);
    for (std::size_t place = 0; place < query.asked.size(); ++place) {
        if (times) {
            take_times(job, query, place, *times);
        } else {
            job.found.errors[query.asked[place]] = times.error();
        }
    }
    co_return true;
}

void leave_out(HistogramJob& job) {
    const std::size_t most = job.question.max_queries;
    for (std::size_t i = most; i < job.queries.size(); ++i) {
        for (const std::size_t asked : job.queries[i].asked) {
            job.found.errors[asked] =
                Error(ErrorKind::kUnavailable, "more queries of metrics than one request may cost")
                    .with_code(kTooManyQueries);
        }
    }
    if (job.queries.size() > most) {
        job.queries.erase(
            job.queries.begin() + static_cast<std::ptrdiff_t>(most), job.queries.end()
        );
    }
}

// What takes longest is asked for first: nothing is waited for in the end that could have begun
// earlier.
void put_longest_first(HistogramJob& job) {
    std::ranges::sort(job.queries, {}, [](const HistogramQuery& query) {
        const auto samples = query.interval.count() * static_cast<std::int64_t>(query.asked.size());
        return std::pair(-samples, query.asked.front());
    });
}

void warn_of_short_intervals(HistogramJob& job) {
    const auto& asked = job.question.asked;
    const auto shortest = std::ranges::min_element(asked, {}, &MeasuredRequests::interval);
    if (shortest == asked.end()) {
        return;
    }
    const auto scrapes = job.store.state().scrape_interval;
    if (auto hint = too_short_for_rates(shortest->interval, scrapes)) {
        job.warnings.insert(std::move(*hint));
    }
}

RequestContext with_patience(const RequestContext& context, const Clock& clock) {
    const SteadyTime now = clock.steady_now();
    const std::chrono::nanoseconds left = context.deadline.remaining(now);
    return context.with_deadline(
        Deadline::after(now, std::min<std::chrono::nanoseconds>(kPatience, left / 4 * 3))
    );
}

}  // namespace

HistogramAnswer AskedHistograms::read(std::span<const std::int64_t> moments) const {
    return vector ? HistogramAnswer(vector->data) : HistogramAnswer(matrix->data, moments);
}

const std::vector<std::string>& AskedHistograms::warnings() const {
    return vector ? vector->warnings : matrix->warnings;
}

Awaitable<Result<AskedHistograms>> ask_store(
    HistogramJob& job, clients::promql::Expr expr, SystemTime at
) {
    AskedHistograms asked;
    if (job.moments.size() < 2) {
        auto answer = co_await job.store.instant(job.context, std::move(expr), at);
        if (!answer) {
            co_return answer.error();
        }
        asked.vector = std::move(*answer);
    } else {
        const MomentGrid& grid = *job.question.grid;
        const clients::MetricRange range{grid.start, grid.at(grid.moments - 1), grid.step};
        auto answer = co_await job.store.range(job.context, std::move(expr), range);
        if (!answer) {
            co_return answer.error();
        }
        asked.matrix = std::move(*answer);
    }
    job.warnings.insert(asked.warnings().begin(), asked.warnings().end());
    co_return asked;
}

Awaitable<Result<TimesAtMoments>> with_native(
    HistogramJob& job, const HistogramQuery& query, TimesAtMoments times
) {
    if (!only_native(times)) {
        co_return times;
    }
    const auto& asked = job.question.asked;
    const auto& quantiles = job.question.quantiles;
    auto answer = co_await ask_store(job, native_query(asked, query, quantiles), query.at);
    if (!answer) {
        co_return answer.error();
    }
    read_native(asked, query, answer->read(job.moments), quantiles.size(), times);
    co_return times;
}

void take_times(
    HistogramJob& job, const HistogramQuery& query, std::size_t place, TimesAtMoments& times
) {
    const std::size_t asked = query.asked[place];
    job.found.errors[asked].reset();
    for (std::vector<MeasuredTimes>& then : times) {
        job.found.times[asked].push_back(std::move(then[place]));
    }
}

std::size_t MomentGrid::nearest(SystemTime time) const {
    if (moments < 2 || time <= start) {
        return 0;
    }
    const auto behind = static_cast<std::size_t>((time - start + step / 2) / step);
    return std::min(behind, moments - 1);
}

Awaitable<HistogramsFound> ask_histograms(
    clients::MetricStore& store,
    const Clock& clock,
    RequestContext context,
    HistogramQuestion question
) {
    const bool flattens = store.state().flattens_small_deltas;
    HistogramJob job{
        store,
        with_patience(context, clock),
        std::move(question),
        {},
        {},
        flattens ? BucketRepair::kFlatten : BucketRepair::kEnvelope,
        {},
        {},
    };
    if (const auto& grid = job.question.grid) {
        for (MeasuredRequests& one : job.question.asked) {
            one.at = grid->start;
        }
        for (std::size_t i = 0; i < grid->moments; ++i) {
            job.moments.push_back(to_micros(grid->at(i)) / 1000);
        }
    }
    job.queries = plan_histograms(job.question.asked);
    job.found.times.resize(job.question.asked.size());
    // Until it is answered: a caller who leaves ends the asking before all was asked.
    job.found.errors.assign(
        job.question.asked.size(), Error(ErrorKind::kCancelled, "the caller left")
    );
    leave_out(job);
    put_longest_first(job);
    warn_of_short_intervals(job);
    if (can_narrow(job)) {
        co_await ask_narrowed(job);
    } else {
        std::function<Awaitable<bool>(std::size_t)> task = [&job](std::size_t index) {
            return run(job, index);
        };
        co_await fan_out(job.queries.size(), kQueriesAtOnce, std::move(task));
    }
    job.found.warnings.assign(job.warnings.begin(), job.warnings.end());
    co_return std::move(job.found);
}

}  // namespace meshscope::business
