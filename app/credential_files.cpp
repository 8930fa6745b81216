#include "app/credential_files.hpp"

#include "async/with_deadline.hpp"
#include "config/secret_values.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <functional>
#include <string_view>
#include <utility>

namespace meshscope::app {

namespace {

constexpr std::chrono::seconds kLookEvery{2};

}  // namespace

CredentialFiles::CredentialFiles(
    const config::Loaded& loaded, const Clock& clock, telemetry::Logger& logger
)
    : logger_(logger) {
    const auto add = [this, &clock](std::string setting, std::string path) {
        for (const Watched& known : files_) {
            if (known.state.path == path) {
                return;
            }
        }
        clients::WatchedFile file(path, clock);
        files_.push_back({{std::move(setting), std::move(path), "", 0}, std::move(file), {}});
    };
    for (config::SecretValue& named : config::credential_files(loaded.config)) {
        add(std::move(named.key), std::move(named.value));
    }
    for (const std::string& path : loaded.paths.ca_bundle) {
        add("the CA bundle", path);
    }
    look();
}

void CredentialFiles::look() {
    const std::scoped_lock lock(mutex_);
    for (Watched& watched : files_) {
        look_at(watched);
    }
}

void CredentialFiles::look_at(Watched& watched) {
    if (!watched.file.look_again()) {
        return;
    }
    State& state = watched.state;
    const bool first = !watched.content;
    const std::size_t before = watched.content.value_or(0);
    const bool was_there = state.problem.empty();
    const Result<std::string> text = watched.file.read();
    state.problem = text ? "" : text.error().message();
    state.bytes = text ? text->size() : 0;
    watched.content = text ? std::hash<std::string>{}(*text) : 0;
    if (first || (*watched.content == before && was_there == text.has_value())) {
        return;
    }
    if (text) {
        logger_.info(
            "a file of credentials has changed",
            {{"setting", std::string_view(state.setting)}, {"file", std::string_view(state.path)}}
        );
    } else {
        logger_.warn(
            "a file of credentials cannot be read any more; what it held stays in use",
            {{"setting", std::string_view(state.setting)},
             {"reason", std::string_view(state.problem)}}
        );
    }
}

Awaitable<> CredentialFiles::run() {
    SteadyTimer timer(co_await boost::asio::this_coro::executor);
    while (true) {
        timer.expires_after(kLookEvery);
        const auto [error] = co_await timer.async_wait(boost::asio::as_tuple(use_awaitable));
        const bool cancelled = co_await is_cancelled();  // the time may be over at that moment
        if (error || cancelled) {
            co_return;
        }
        look();
    }
}

std::vector<CredentialFiles::State> CredentialFiles::states() const {
    const std::scoped_lock lock(mutex_);
    std::vector<State> out;
    for (const Watched& watched : files_) {
        out.push_back(watched.state);
    }
    return out;
}

}  // namespace meshscope::app
