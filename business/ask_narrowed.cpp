#include "async/fan_out.hpp"
#include "business/histogram_job.hpp"
#include "business/left_out_buckets.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace meshscope::business {

namespace {

using clients::promql::Expr;

constexpr std::size_t kMaxGroups = 16;  // of a query: each is a selector more

// What is asked for, whatever the interval.
using Subject =
    std::tuple<MeasuredTarget, std::optional<MeasuredTarget>, bool, std::vector<std::string>>;

Subject subject_of(const MeasuredRequests& asked) {
    return {asked.target, asked.peer, asked.inbound, asked.reporters};
}

using Shortest = std::map<Subject, std::chrono::seconds>;

Shortest shortest_of(const HistogramJob& job) {
    Shortest shortest;
    for (const HistogramQuery& query : job.queries) {
        for (const std::size_t asked : query.asked) {
            const auto known =
                shortest.emplace(subject_of(job.question.asked[asked]), query.interval).first;
            known->second = std::min(known->second, query.interval);
        }
    }
    return shortest;
}

// Of something that is asked for over a shorter interval, too.
bool is_longer(const HistogramJob& job, const HistogramQuery& query, const Shortest& shortest) {
    return std::ranges::any_of(query.asked, [&](std::size_t asked) {
        return shortest.at(subject_of(job.question.asked[asked])) < query.interval;
    });
}

std::size_t bundles_of(std::size_t queries) { return (queries + kMaxBranches - 1) / kMaxBranches; }

class Narrowing {
 public:
    explicit Narrowing(HistogramJob& job) : job_(job) {
        for (const auto& quantile : job.question.quantiles) {
            quantiles_.push_back(quantile.value());
        }
        const Shortest shortest = shortest_of(job);
        for (const HistogramQuery& query : job.queries) {
            auto& askings = is_longer(job, query, shortest) ? longer_ : shorter_;
            askings.push_back({&query, {}, std::vector<Bounds>(query.asked.size()), {}});
        }
    }

    Awaitable<bool> run() {
        std::vector<Asking*> shorter;
        for (Asking& asking : shorter_) {
            shorter.push_back(&asking);
        }
        co_await ask_joined(std::move(shorter), Form::kWhole);
        learn();
        std::function<Awaitable<bool>(std::size_t)> one = [this](std::size_t i) {
            return ask_narrowed_one(longer_[i]);
        };
        co_await fan_out(longer_.size(), kQueriesAtOnce, std::move(one));
        std::vector<Asking*> missing;
        for (Asking& asking : longer_) {
            if (!asking.rows.empty() && !groups_of(asking, true).empty()) {
                missing.push_back(&asking);
            }
        }
        co_await ask_joined(std::move(missing), Form::kLeftOut);
        std::function<Awaitable<bool>(std::size_t)> end = [this](std::size_t i) {
            return finish(i < shorter_.size() ? shorter_[i] : longer_[i - shorter_.size()]);
        };
        co_return co_await fan_out(
            shorter_.size() + longer_.size(), kQueriesAtOnce, std::move(end)
        );
    }

 private:
    using Bounds = std::vector<std::string>;
    enum class Form { kWhole, kLeftOut };

    struct Asking {
        const HistogramQuery* query;
        std::vector<LeftOutBuckets> groups;
        std::vector<Bounds> left_out;     // by place: what did not come
        std::vector<HistogramRows> rows;  // by place; none: no answer
    };

    void fail(const Asking& asking, std::size_t place, const Error& error) {
        job_.found.errors[asking.query->asked[place]] = error;
    }

    // Those at the places that need what was left out, or at every one.
    [[nodiscard]] std::vector<LeftOutBuckets> groups_of(const Asking& asking, bool needed) const {
        std::map<Bounds, std::vector<std::size_t>> places;
        for (std::size_t place = 0; place < asking.left_out.size(); ++place) {
            const Bounds& bounds = asking.left_out[place];
            if (needed && !is_missing(asking, place)) {
                continue;
            }
            const bool room = places.contains(bounds) || places.size() + 1 < kMaxGroups;
            places[room ? bounds : Bounds()].push_back(place);
        }
        std::vector<LeftOutBuckets> groups;
        for (auto& [bounds, of] : places) {
            groups.push_back({std::move(of), bounds});
        }
        return groups;
    }
    [[nodiscard]] bool is_missing(const Asking& asking, std::size_t place) const {
        const auto& rows = asking.rows[place].buckets;
        return !is_settled(rows, asking.left_out[place], quantiles_, job_.repair);
    }

    // What the answers for the shortest intervals say of the longer ones.
    void learn() {
        std::map<Subject, Bounds> needless;
        for (const Asking& asking : shorter_) {
            for (std::size_t place = 0; place < asking.rows.size(); ++place) {
                needless[subject_of(job_.question.asked[asking.query->asked[place]])] =
                    needless_bounds(asking.rows[place].buckets, quantiles_, job_.repair);
            }
        }
        for (Asking& asking : longer_) {
            for (std::size_t place = 0; place < asking.left_out.size(); ++place) {
                const auto& asked = job_.question.asked[asking.query->asked[place]];
                asking.left_out[place] = needless[subject_of(asked)];
            }
            asking.groups = groups_of(asking, false);
            for (const LeftOutBuckets& group : asking.groups) {
                for (const std::size_t place : group.places) {
                    asking.left_out[place] = group.bounds;
                }
            }
        }
    }

    Awaitable<bool> ask_narrowed_one(Asking& asking) {
        const HistogramQuery& query = *asking.query;
        const auto& asked = job_.question.asked;
        auto answer =
            co_await ask_store(job_, narrowed_query(asked, query, asking.groups), query.at);
        if (answer) {
            asking.rows = std::move(read_rows(asked, query, answer->read({})).front());
        } else {
            for (std::size_t place = 0; place < query.asked.size(); ++place) {
                fail(asking, place, answer.error());
            }
        }
        co_return true;
    }

    Awaitable<bool> ask_joined(std::vector<Asking*> askings, Form form) {
        std::vector<std::vector<Asking*>> bundles(bundles_of(askings.size()));
        for (std::size_t i = 0; i < askings.size(); ++i) {
            bundles[i / kMaxBranches].push_back(askings[i]);
        }
        std::function<Awaitable<bool>(std::size_t)> task = [this, &bundles, form](std::size_t i) {
            return ask_bundle(bundles[i], form);
        };
        co_return co_await fan_out(bundles.size(), kQueriesAtOnce, std::move(task));
    }

    Awaitable<bool> ask_bundle(const std::vector<Asking*>& bundle, Form form) {
        const auto& asked = job_.question.asked;
        std::vector<Expr> branches;
        for (const Asking* asking : bundle) {
            const HistogramQuery& query = *asking->query;
            branches.push_back(
                form == Form::kWhole ? query.expr
                                     : left_out_query(asked, query, groups_of(*asking, true))
            );
        }
        auto answer = co_await ask_store(job_, joined_queries(branches), bundle[0]->query->at);
        for (std::size_t i = 0; i < bundle.size(); ++i) {
            Asking& asking = *bundle[i];
            if (!answer) {
                fail_missing(asking, answer.error());
                continue;
            }
            const auto branch = bundle.size() == 1 ? std::nullopt : std::optional(i);
            auto rows = read_rows(asked, *asking.query, answer->read({}), branch);
            if (form == Form::kWhole) {
                asking.rows = std::move(rows.front());
            } else {
                add_left_out(asking, rows.front());
            }
        }
        co_return true;
    }

    void fail_missing(const Asking& asking, const Error& error) {
        for (std::size_t place = 0; place < asking.query->asked.size(); ++place) {
            if (asking.rows.empty() || is_missing(asking, place)) {
                fail(asking, place, error);
            }
        }
    }

    // A query for several names may have found some of these before.
    void add_left_out(Asking& asking, std::vector<HistogramRows>& more) {
        for (std::size_t place = 0; place < asking.rows.size(); ++place) {
            if (!is_missing(asking, place)) {
                continue;
            }
            std::vector<BucketRow>& rows = asking.rows[place].buckets;
            for (BucketRow& row : more[place].buckets) {
                if (std::ranges::find(rows, row.le, &BucketRow::le) == rows.end()) {
                    rows.push_back(std::move(row));
                }
            }
            asking.left_out[place].clear();
        }
    }

    Awaitable<bool> finish(Asking& asking) {
        const HistogramQuery& query = *asking.query;
        std::vector<std::size_t> places;
        TimesAtMoments times(1);
        for (std::size_t place = 0; place < asking.rows.size(); ++place) {
            if (!is_missing(asking, place)) {
                places.push_back(place);
            }
            times[0].push_back(asking.rows[place].times(job_.repair, asking.left_out[place]));
        }
        if (places.empty()) {
            co_return true;
        }
        auto all = co_await with_native(job_, query, std::move(times));
        for (const std::size_t place : places) {
            if (all) {
                take_times(job_, query, place, *all);
            } else {
                fail(asking, place, all.error());
            }
        }
        co_return true;
    }

    HistogramJob& job_;
    std::vector<double> quantiles_;
    std::vector<Asking> shorter_;
    std::vector<Asking> longer_;
};

}  // namespace

bool can_narrow(const HistogramJob& job) {
    if (!job.question.narrow || job.moments.size() > 1 || job.queries.empty()) {
        return false;
    }
    const Shortest shortest = shortest_of(job);
    const auto longer =
        static_cast<std::size_t>(std::ranges::count_if(job.queries, [&](const auto& query) {
            return is_longer(job, query, shortest);
        }));
    const bool one_moment = std::ranges::all_of(job.queries, [&](const HistogramQuery& query) {
        return query.at == job.queries.front().at;
    });
    const std::size_t most = bundles_of(job.queries.size() - longer) + longer + bundles_of(longer);
    return one_moment && longer > 0 && most <= job.question.max_queries;
}

Awaitable<bool> ask_narrowed(HistogramJob& job) {
    Narrowing narrowing(job);
    co_return co_await narrowing.run();
}

}  // namespace meshscope::business
