#include "business/rights.hpp"

#include "async/fan_out.hpp"
#include "business/cluster_known.hpp"
#include "business/expiring_map.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::business {

namespace {

// Callers whose rights are looked for at once; each has up to `parallel` reviews in flight.
constexpr GovernorLimits kCallersAtOnce{.max_in_flight = 16, .max_waiting = 1'000};
constexpr std::chrono::seconds kLongestSearch{20};

using clients::AccessAnswer;
using clients::AccessQuestion;

AccessQuestion question(std::string verb, std::string resource, std::string name_space = {}) {
    AccessQuestion asked;
    asked.verb = std::move(verb);
    asked.resource = std::move(resource);
    asked.name = name_space;
    asked.ns = std::move(name_space);
    return asked;
}

// Questions of one caller with what came back; kept alive by the coroutine that asks.
struct Reviews {
    std::vector<AccessQuestion> questions;
    std::vector<bool> allowed;
    std::optional<Error> failed;  // the first failure
};

Awaitable<bool> ask_one(
    clients::Cluster& cluster,
    RequestContext context,
    std::shared_ptr<Reviews> reviews,
    std::size_t index
) {
    AccessQuestion asked = reviews->questions[index];
    Awaitable<Result<AccessAnswer>> call = cluster.may_i(std::move(context), std::move(asked));
    const Result<AccessAnswer> answer = co_await std::move(call);
    if (!answer) {
        if (!reviews->failed) {
            reviews->failed = answer.error();
        }
        co_return false;
    }
    reviews->allowed[index] = answer->allowed;
    co_return true;
}

}  // namespace

struct RightsBook::State {
    State(clients::Cluster& cluster_in, const Clock& clock_in, RightsOptions options_in)
        : cluster(cluster_in),
          clock(clock_in),
          options(options_in),
          governor("kubernetes", kCallersAtOnce),
          remembered(clock_in, options_in.most_callers) {}

    clients::Cluster& cluster;
    const Clock& clock;
    const RightsOptions options;
    Governor governor;

    ExpiringMap<Rights> remembered;

    // Asks all `questions`; what each was answered, or the first error.
    Awaitable<Result<std::vector<bool>>> ask(
        RequestContext context, std::vector<AccessQuestion> questions
    );
    Awaitable<Result<Rights>> find_out(RequestContext context);
};

Awaitable<Result<std::vector<bool>>> RightsBook::State::ask(
    RequestContext context, std::vector<AccessQuestion> questions
) {
    auto reviews = std::make_shared<Reviews>();
    reviews->allowed.resize(questions.size());
    reviews->questions = std::move(questions);
    std::function<Awaitable<bool>(std::size_t)> one = [this, context, reviews](std::size_t index) {
        return ask_one(cluster, context, reviews, index);
    };
    const std::size_t count = reviews->questions.size();
    Awaitable<bool> all = fan_out(count, options.parallel, std::move(one));
    const bool well = co_await std::move(all);
    if (!well) {
        co_return reviews->failed.value_or(Error(ErrorKind::kCancelled, "cancelled"));
    }
    co_return std::move(reviews->allowed);
}

Awaitable<Result<Rights>> RightsBook::State::find_out(RequestContext context) {
    const SteadyTime begun = clock.steady_now();
    const clients::ClusterState state = cluster.state();  // first: the snapshot holds what it says
    const models::ClusterSnapshotPtr snapshot = cluster.snapshot();
    const std::optional<Error> unknown = unknown_namespaces(state, *snapshot);
    if (unknown && unknown->kind() == ErrorKind::kUnavailable) {
        co_return *unknown;
    }
    std::vector<AccessQuestion> first;
    first.push_back(question("list", "namespaces"));
    first.push_back(question("get", "namespaces"));
    first.push_back(question("get", "pods"));
    Awaitable<Result<std::vector<bool>>> asked = ask(context, std::move(first));
    const Result<std::vector<bool>> broad = co_await std::move(asked);
    if (!broad) {
        co_return broad.error();
    }
    const bool lists = (*broad)[0] && !options.require_namespace_get;
    const bool all = lists || (*broad)[1];
    Rights rights;
    rights.cluster_wide = all && (*broad)[2];
    if (unknown && !rights.cluster_wide) {
        co_return *unknown;
    }
    auto visible = std::make_shared<VisibleNamespaces>();
    visible->found_at = begun;
    for (const models::NamespaceViewPtr& view : snapshot->namespaces) {
        visible->names.push_back(view->object.meta.name);
    }
    if (!all) {
        std::vector<AccessQuestion> each;
        for (const std::string& name : visible->names) {
            each.push_back(question("get", "namespaces", name));
        }
        Awaitable<Result<std::vector<bool>>> narrow = ask(std::move(context), std::move(each));
        const Result<std::vector<bool>> answers = co_await std::move(narrow);
        if (!answers) {
            co_return answers.error();
        }
        std::vector<std::string> seen;
        for (std::size_t i = 0; i < visible->names.size(); ++i) {
            if ((*answers)[i]) {
                seen.push_back(std::move(visible->names[i]));
            }
        }
        visible->names = std::move(seen);
    }
    rights.visible = std::move(visible);
    co_return rights;
}

RightsBook::RightsBook(clients::Cluster& cluster, const Clock& clock, RightsOptions options)
    : state_(std::make_shared<State>(cluster, clock, options)) {}

RightsBook::~RightsBook() = default;

Awaitable<Result<Rights>> RightsBook::of(RequestContext context) {
    const std::shared_ptr<State> state = state_;
    const std::shared_ptr<const CallerCredentials> credentials = context.caller.credentials;
    if (!credentials || credentials->key.empty()) {
        co_return Error(ErrorKind::kUnauthenticated, "you are not signed in");
    }
    if (std::optional<Rights> kept = state->remembered.find(credentials->key)) {
        co_return std::move(*kept);
    }
    std::function<Awaitable<Result<Rights>>(RequestContext)> find = [state](RequestContext inner) {
        return state->find_out(std::move(inner));
    };
    auto call = state->governor.call<Rights>(
        std::move(context), credentials->key, kLongestSearch, std::move(find)
    );
    const Result<std::shared_ptr<const Rights>> found = co_await std::move(call);
    if (!found) {
        co_return found.error();
    }
    const SteadyTime until = (*found)->visible->found_at + state->options.time_to_live;
    state->remembered.put(credentials->key, **found, until);
    co_return **found;
}

std::optional<Rights> RightsBook::known(const CallerCredentials& credentials) const {
    return state_->remembered.find(credentials.key);
}

void RightsBook::forget(const CallerCredentials& credentials) {
    state_->remembered.erase(credentials.key);
}

}  // namespace meshscope::business
