#include "clients/grafana/grafana.hpp"

#include "async/with_deadline.hpp"
#include "core/text.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <mutex>
#include <utility>

namespace meshscope::clients::grafana {

namespace {

using Json = nlohmann::json;

constexpr int kSearchEvery = 10;  // looks
constexpr std::size_t kMaxBody = 1024UL * 1024;
constexpr std::size_t kMaxText = 200;

HttpClientOptions bounded_client(HttpClientOptions options) {
    options.limits.max_body_bytes = std::min(options.limits.max_body_bytes, kMaxBody);
    return options;
}

// A short text member; "" when there is none.
std::string text_of(const Json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    if (!object.is_object() || found == object.end() || !found->is_string()) {
        return {};
    }
    return to_valid_utf8(found->get<std::string>().substr(0, kMaxText));
}

Error answer_error(const HttpClientOptions& options, const HttpResponse& response) {
    const bool refused = response.status == 401 || response.status == 403;
    return Error(
               refused ? ErrorKind::kUpstreamAuth : ErrorKind::kUpstreamUnavailable,
               options.base.to_string() + " answers " + std::to_string(response.status)
    )
        .with_upstream("grafana")
        .with_hint(
            refused
                ? Hint{options.setting_prefix + ".auth", "Check the credentials towards Grafana."}
                : Hint{
                      options.setting_prefix + "." + options.url_setting,
                      "Check that the URL leads to Grafana and holds the path it is served under."
                  }
        );
}

// Where a dashboard of that name is; "" when there is none. nullopt: no answer of a search.
std::optional<std::string> path_in(const std::string& body, const std::string& name) {
    const Json found = Json::parse(body, nullptr, false);
    if (!found.is_array()) {
        return std::nullopt;
    }
    std::string first;
    for (const Json& one : found) {
        std::string url = text_of(one, "url");
        if (!url.starts_with('/') || url.starts_with("//")) {
            continue;
        }
        if (text_of(one, "title") == name) {  // a search finds parts of names, too
            return url;
        }
        first = first.empty() ? std::move(url) : first;
    }
    return first;
}

}  // namespace

struct Grafana::Core {
    Core(GrafanaOptions given, const Clock& time)
        : options(std::move(given)), clock(time), client(bounded_client(options.http), time) {
        if (options.health) {
            health = std::make_unique<HttpClient>(bounded_client(options.health->http), time);
        }
        if (options.dashboards.size() > kMostDashboards) {
            options.dashboards.resize(kMostDashboards);
        }
    }

    [[nodiscard]] DashboardsState get() const {
        const std::scoped_lock lock(mutex);
        return state;
    }

    void put(DashboardsState now) {
        const auto words = [](const DashboardsState& one) {
            return one.reason ? one.reason->message() : std::string();
        };
        bool told = false;
        {
            const std::scoped_lock lock(mutex);
            told = state.reachability != now.reachability || state.version != now.version ||
                   words(state) != words(now);
            state = now;
        }
        if (told && options.on_change) {
            options.on_change(now);
        }
    }

    // The body of an answer below status 400.
    Awaitable<Result<std::string>> ask(RequestContext context, std::string target);
    Awaitable<Result<bool>> look(RequestContext context, DashboardsState& now);
    Awaitable<> search(RequestContext context, DashboardsState& now);

    GrafanaOptions options;
    const Clock& clock;
    HttpClient client;
    std::unique_ptr<HttpClient> health;  // null: its own page
    int until_search = 0;                // only the prober's
    mutable std::mutex mutex;
    DashboardsState state;
};

Awaitable<Result<std::string>> Grafana::Core::ask(RequestContext context, std::string target) {
    HttpRequest request;
    request.target = std::move(target);
    auto response = co_await client.send(std::move(context), std::move(request));
    if (!response) {
        co_return response.error();
    }
    if (response->incomplete) {
        co_return *response->incomplete;
    }
    if (response->status >= 300) {
        co_return answer_error(client.options(), *response);
    }
    co_return std::move(response->body);
}

Awaitable<Result<bool>> Grafana::Core::look(RequestContext context, DashboardsState& now) {
    if (health) {
        HttpRequest request;
        request.target = options.health->target;
        const auto page = co_await health->send(context, std::move(request));
        if (!page) {
            co_return page.error();
        }
        if (page->status >= 400) {
            co_return answer_error(health->options(), *page);
        }
    }
    const auto own = co_await ask(context, "/api/health");
    if (!own) {
        co_return health ? Result<bool>(true) : Result<bool>(own.error());
    }
    const Json body = Json::parse(*own, nullptr, false);
    if (!body.is_object() && !health) {
        co_return Error(
            ErrorKind::kUpstreamProtocol,
            options.http.base.to_string() + " does not answer as Grafana does"
        )
            .with_upstream("grafana")
            .with_hint(
                {options.http.setting_prefix + "." + options.http.url_setting,
                 "Check that the URL leads to Grafana and holds the path it is served under."}
            );
    }
    now.version = text_of(body, "version");
    if (now.version.empty()) {  // kept from who is not logged in
        const auto settings = co_await ask(std::move(context), "/api/frontend/settings");
        const Json told = settings ? Json::parse(*settings, nullptr, false) : Json();
        const auto build = told.is_object() ? told.find("buildInfo") : told.end();
        now.version = told.is_object() && build != told.end() ? text_of(*build, "version") : "";
    }
    co_return true;
}

Awaitable<> Grafana::Core::search(RequestContext context, DashboardsState& now) {
    std::vector<FoundDashboard> found;
    for (const std::string& name : options.dashboards) {
        RequestContext one =
            context.with_deadline(Deadline::after(clock.steady_now(), options.probe_timeout));
        std::string target = "/api/search?query=" + percent_encode(name);
        const auto answer = co_await ask(std::move(one), std::move(target));
        const auto path = answer ? path_in(*answer, name) : std::nullopt;
        if (!path) {
            co_return;  // what was known stays
        }
        if (!path->empty()) {
            found.push_back({name, *path});
        }
    }
    now.found = std::move(found);
    until_search = kSearchEvery;
}

Grafana::Grafana(GrafanaOptions options, const Clock& clock)
    : core_(std::make_shared<Core>(std::move(options), clock)) {}

Grafana::~Grafana() = default;

DashboardsState Grafana::state() const { return core_->get(); }

Awaitable<DashboardsState> Grafana::probe(RequestContext context) {
    const auto core = core_;
    DashboardsState now = core->get();
    const SteadyTime begun = core->clock.steady_now();
    const RequestContext one_look =
        context.with_deadline(Deadline::after(begun, core->options.probe_timeout));
    const auto alive = co_await core->look(one_look, now);
    const bool gone = co_await is_cancelled();
    if (gone) {
        co_return core->get();
    }
    using Reachability = DashboardsState::Reachability;
    now.last_probe = core->clock.now();
    now.latency =
        std::chrono::duration_cast<std::chrono::microseconds>(core->clock.steady_now() - begun);
    now.reachability = alive ? Reachability::kReachable : Reachability::kUnreachable;
    now.reason = alive ? std::nullopt : std::optional(alive.error());
    if (alive) {
        now.last_success = now.last_probe;
        if (--core->until_search < 0) {
            co_await core->search(context, now);
        }
    }
    core->put(now);
    co_return now;
}

Awaitable<> Grafana::run_prober() {
    const auto core = core_;
    while (true) {
        RequestContext context;
        context.priority = Priority::kBackground;
        const DashboardsState seen = co_await probe(std::move(context));
        const bool cancelled = co_await is_cancelled();
        if (cancelled) {
            co_return;
        }
        const bool fine = seen.reachability == DashboardsState::Reachability::kReachable;
        const auto executor = co_await boost::asio::this_coro::executor;
        SteadyTimer timer(
            executor, fine ? core->options.probe_interval : core->options.probe_interval_failing
        );
        const auto [stopped] = co_await timer.async_wait(boost::asio::as_tuple(use_awaitable));
        const bool gone = co_await is_cancelled();
        if (stopped || gone) {
            co_return;
        }
    }
}

}  // namespace meshscope::clients::grafana
