#include "app/application.hpp"
#include "app/command_line.hpp"
#include "app/health_rules.hpp"
#include "app/version.hpp"
#include "config/effective.hpp"
#include "config/load.hpp"
#include "config/reference.hpp"
#include "telemetry/logger.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <pthread.h>
#include <signal.h>
#include <string>
#include <string_view>
#include <time.h>
#include <vector>

namespace {

using namespace meshscope;

constexpr int kOk = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;

std::optional<std::string> environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): before threads
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<config::Loaded> load_file(const app::CommandLine& line) {
    config::LoadOptions options;
    options.mount_root = line.mount_root;
    if (line.config_file.empty()) {
        options.file_name = "(no file: defaults)";
        return config::load_text("", options);
    }
    options.file_name = line.config_file;
    return config::load_file(line.config_file, options);
}

// The configuration with everything in it that can be checked without starting.
Result<config::Loaded> load(const app::CommandLine& line) {
    auto loaded = load_file(line);
    if (loaded) {
        if (const auto rules = app::health_rules(loaded->config); !rules) {
            return rules.error();
        }
    }
    return loaded;
}

int check_config(const app::CommandLine& line) {
    const Result<config::Loaded> loaded = load(line);
    if (!loaded) {
        std::cerr << loaded.error().message() << '\n';
        return kFailed;
    }
    for (const std::string& text : loaded->warnings) {
        std::cerr << "warning: " << text << '\n';
    }
    for (const std::string& text : loaded->deprecations) {
        std::cerr << "deprecated: " << text << '\n';
    }
    std::cout << config::effective_yaml(loaded->config);
    return kOk;
}

// The signals that end the process, blocked in every thread and taken one by one by the main
// thread.
sigset_t ending_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

int wait_for_signal(const sigset_t& set) {
    int number = 0;
    while (sigwait(&set, &number) != 0) {
    }
    return number;
}

// Until another signal of the set, at most that long.
void wait_for_signal(const sigset_t& set, std::chrono::nanoseconds at_most) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at_most);
    timespec time{};
    time.tv_sec = seconds.count();
    time.tv_nsec = (at_most - seconds).count();
    while (sigtimedwait(&set, nullptr, &time) < 0 && errno == EINTR) {
    }
}

int serve(const config::Loaded& loaded, const app::CommandLine& line, telemetry::Logger& logger) {
    const sigset_t signals = ending_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    auto application = app::Application::create(loaded, line.log.level, logger);
    if (!application) {
        logger.error(application.error().message());
        return kFailed;
    }
    const Result<> started = (*application)->start();
    if (!started) {
        logger.error(
            started.error().message(), {{"detail", std::string_view(started.error().detail())}}
        );
        return kFailed;
    }
    logger.info(
        "serving",
        {{"version", std::string_view(app::kVersion)},
         {"port", std::int64_t{(*application)->port()}},
         {"metrics_port", std::int64_t{(*application)->metrics_port()}},
         {"web_root", std::string_view(loaded.config.server.web_root)}}
    );
    const int number = wait_for_signal(signals);
    const std::chrono::nanoseconds delay = loaded.config.meshscope.shutdown_delay;
    if (delay > std::chrono::nanoseconds(0)) {
        (*application)->retire();
        logger.info("not ready any more", {{"signal", std::int64_t{number}}});
        wait_for_signal(signals, delay);
    }
    logger.info("stopping", {{"signal", std::int64_t{number}}});
    (*application)->stop();
    logger.info("stopped");
    return kOk;
}

int run(const app::CommandLine& line) {
    telemetry::Logger logger(line.log);
    for (const std::string& text : line.warnings) {
        logger.warn(text);
    }
    const Result<config::Loaded> loaded = load(line);
    if (!loaded) {
        // Every problem of the file, a line each: for people, so not folded into one log line.
        std::cerr << loaded.error().message() << '\n';
        return kFailed;
    }
    for (const std::string& text : loaded->warnings) {
        logger.warn("configuration: " + text);
    }
    for (const std::string& text : loaded->deprecations) {
        logger.info("configuration: deprecated: " + text);
    }
    if (const auto refused = config::refuse_to_start(*loaded)) {
        std::cerr << refused->message() << '\n';
        return kFailed;
    }
    return serve(*loaded, line, logger);
}

int act(const app::CommandLine& line) {
    switch (line.action) {
        case app::Action::kHelp:
            std::cout << app::help_text();
            return kOk;
        case app::Action::kVersion:
            std::cout << "meshscope " << app::kVersion << '\n';
            return kOk;
        case app::Action::kPrintConfigReference:
            std::cout << config::render_reference();
            return kOk;
        case app::Action::kCheckConfig:
            return check_config(line);
        case app::Action::kRun:
            return run(line);
    }
    return kUsage;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::vector<std::string_view> arguments(argv + 1, argv + argc);
        const auto line = app::parse_command_line(arguments, environment);
        if (!line) {
            std::cerr << "meshscope: " << line.error().message() << '\n';
            return kUsage;
        }
        return act(*line);
    } catch (const std::exception& e) {
        std::cerr << "meshscope: " << e.what() << '\n';
        return kFailed;
    }
}
