#include "business/response_stats.hpp"

#include "business/ask_histograms.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace meshscope::business {

namespace {

constexpr std::size_t kMaxQueries = 64;

std::string_view name_of(MeasuredTarget::Kind kind) {
    switch (kind) {
        case MeasuredTarget::Kind::kWorkload:
            return "workload";
        case MeasuredTarget::Kind::kApp:
            return "app";
        case MeasuredTarget::Kind::kService:
            return "service";
    }
    return "";
}

std::string named(const MeasuredTarget& target) {
    return target.ns + ":" + std::string(name_of(target.kind)) + ":" + target.name;
}

using Times = std::map<std::string, double>;

// Where a quantile is among those that native histograms are asked for; one behind them: nowhere.
std::size_t place_of(
    const clients::promql::Quantile& quantile, const std::vector<clients::promql::Quantile>& among
) {
    const auto found = std::ranges::find_if(among, [&quantile](const auto& one) {
        return one.value() == quantile.value();
    });
    return static_cast<std::size_t>(found - among.begin());
}

void add_times(
    const StatsQuery& query,
    const MeasuredTimes& measured,
    const std::vector<clients::promql::Quantile>& among,
    Times& times
) {
    const auto add = [&times](const std::string& name, double value) {
        if (std::isfinite(value)) {
            times.emplace(name, value);
        }
    };
    if (query.average) {
        add("avg", measured.average());
    }
    for (const clients::promql::Quantile& quantile : query.quantiles) {
        add(quantile.spelling(), measured.quantile(place_of(quantile, among), quantile.value()));
    }
}

// Of many that were refused: forbidden if all are, as a single one would be.
Error refusal(const std::vector<Error>& refused) {
    std::string messages;
    bool forbidden = true;
    for (const Error& error : refused) {
        messages += (messages.empty() ? "" : "; ") + error.message();
        forbidden = forbidden && error.kind() == ErrorKind::kForbidden;
    }
    return forbidden ? refused.front() : Error(ErrorKind::kInvalidArgument, std::move(messages));
}

// What two queries with one key must share; the key leaves it out.
bool same_question(const StatsQuery& a, const StatsQuery& b) { return a.requests == b.requests; }

}  // namespace

std::string stats_key(const StatsQuery& query) {
    const MeasuredRequests& requests = query.requests;
    std::string key = named(requests.target) + ":";
    key += requests.peer ? named(*requests.peer) : "";
    key += requests.inbound ? ":inbound:" : ":outbound:";
    key += query.interval_name + ":";
    for (std::size_t i = 0; i < requests.reporters.size(); ++i) {
        key += (i == 0 ? "" : ",") + requests.reporters[i];
    }
    return key;
}

std::optional<Error> ResponseStats::refuse(
    const Caller& caller, const models::ClusterSnapshot* cluster, const MeasuredTarget& target
) const {
    if (auto refused = refuse_namespace(*parts_.access, caller, target.ns)) {
        return refused;
    }
    return cluster == nullptr ? std::nullopt : parts_.discovery.refuse(*cluster, target.ns);
}

struct ResponseStats::Admitted {
    HistogramQuestion question;
    std::vector<const StatsQuery*> queries;  // parallel to question.asked
    std::map<std::string, const StatsQuery*> by_key;

    std::optional<Error> add_key(const StatsQuery& query) {
        const std::string key = stats_key(query);
        if (same_question(*by_key.emplace(key, &query).first->second, query)) {
            return std::nullopt;
        }
        return Error(
            ErrorKind::kInvalidArgument,
            key + ": another cluster or moment has the same key in this request"
        );
    }
    void add(const StatsQuery& query, const models::ClusterSnapshot* cluster) {
        MeasuredRequests& requests = question.asked.emplace_back(query.requests);
        requests.interval =
            interval_within(cluster, requests.target, requests.at, requests.interval);
        queries.push_back(&query);
        for (const auto& quantile : query.quantiles) {
            const bool known = place_of(quantile, question.quantiles) < question.quantiles.size();
            if (!known && question.quantiles.size() < kMaxNativeQuantiles) {
                question.quantiles.push_back(quantile);
            }
        }
    }
};

ResponseStats::Admitted ResponseStats::admit(
    const Caller& caller, const std::vector<StatsQuery>& queries, std::vector<Error>& refused
) const {
    const auto cluster = parts_.cluster == nullptr ? nullptr : parts_.cluster->snapshot();
    Admitted admitted;
    admitted.question.max_queries = kMaxQueries;
    for (const StatsQuery& query : queries) {
        auto no = refuse(caller, cluster.get(), query.requests.target);
        if (!no && query.requests.peer) {
            no = refuse(caller, cluster.get(), *query.requests.peer);
        }
        if (!no) {
            no = admitted.add_key(query);
        }
        if (no) {
            refused.push_back(std::move(*no));
        } else {
            admitted.add(query, cluster.get());
        }
    }
    return admitted;
}

Awaitable<Result<StatsAnswer>> ResponseStats::of(
    RequestContext context, std::vector<StatsQuery> queries, std::vector<Error> refused
) const {
    if (parts_.metrics == nullptr) {
        co_return parts_.unavailable;
    }
    Admitted admitted = admit(context.caller, queries, refused);
    if (admitted.queries.empty() && !refused.empty()) {
        co_return refusal(refused);
    }
    StatsAnswer answer;
    for (const Error& error : refused) {
        answer.warnings.push_back(error.message());
    }
    const HistogramsFound found =
        co_await ask_histograms(*parts_.metrics, *parts_.clock, context, admitted.question);
    std::map<std::string, Times> stats;
    std::size_t failed = 0;
    for (std::size_t i = 0; i < admitted.queries.size(); ++i) {
        const StatsQuery& query = *admitted.queries[i];
        if (found.errors[i]) {
            answer.warnings.push_back(stats_key(query) + ": " + found.errors[i]->message());
            ++failed;
            continue;
        }
        add_times(
            query, found.times[i].front(), admitted.question.quantiles, stats[stats_key(query)]
        );
    }
    if (failed > 0 && failed == admitted.queries.size()) {
        co_return *found.errors.front();
    }
    for (auto& [key, times] : stats) {
        answer.stats.push_back({key, {times.begin(), times.end()}});
    }
    answer.meta.returned = answer.stats.size();
    answer.meta.scanned = admitted.queries.size();
    answer.meta.order = "key:asc,name:asc";
    answer.meta.upstream = context.bill->by_name;
    for (const std::string& warning : found.warnings) {
        answer.meta.warn("prometheus", warning);
    }
    co_return answer;
}

}  // namespace meshscope::business
