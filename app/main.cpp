#include "app/addresses.hpp"
#include "app/application.hpp"
#include "app/command_line.hpp"
#include "app/health_rules.hpp"
#include "app/recent_lines.hpp"
#include "app/support_command.hpp"
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
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <pthread.h>
#include <signal.h>
#include <string>
#include <string_view>
#include <time.h>
#include <unistd.h>
#include <utility>
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
        if (const auto addresses = app::check_addresses(*loaded); !addresses) {
            return addresses.error();
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
    if (const auto refused = config::refuse_to_start(*loaded)) {
        std::cerr << "warning: no server starts with it: " << refused->message() << '\n';
    }
    std::cout << config::effective_yaml(loaded->config);
    return kOk;
}

int support_bundle(const app::CommandLine& line) {
    const Result<config::Loaded> loaded = load(line);
    if (!loaded) {
        std::cerr << loaded.error().message() << '\n';
        return kFailed;
    }
    const Result<std::string> written = app::write_support_bundle(*loaded, line.bundle_file);
    if (!written) {
        std::cerr << "meshscope: " << written.error().message() << '\n';
        return kFailed;
    }
    if (!written->empty()) {
        std::cerr << "only what is known without a server is in it: " << *written << '\n';
    }
    return kOk;
}

// The signals that end the process. These and SIGHUP are blocked in every thread and taken one by
// one by the main thread.
sigset_t ending_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

sigset_t all_signals() {
    sigset_t set = ending_signals();
    if (::isatty(STDIN_FILENO) == 0) {  // a terminal that is closed ends what was started there
        sigaddset(&set, SIGHUP);
    }
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

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Reloads at each SIGHUP until a signal that ends the process. `text`: the configuration that it
// was started with.
int wait_for_the_end(
    app::Application& application,
    const app::CommandLine& line,
    const std::string& text,
    telemetry::Logger& logger
) {
    while (true) {
        const int number = wait_for_signal(all_signals());
        if (number != SIGHUP) {
            return number;
        }
        application.reload();
        if (content_of(line.config_file) != text) {
            logger.warn(
                "the configuration file has changed: it is read at start only, so restart the "
                "server to use it",
                {{"file", std::string_view(line.config_file)}}
            );
        }
    }
}

int serve(
    const config::Loaded& loaded,
    const app::CommandLine& line,
    telemetry::Logger& logger,
    const app::RecentLines& lines
) {
    const sigset_t signals = all_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const std::string text = content_of(line.config_file);
    std::signal(SIGPIPE, SIG_IGN);
    auto application = app::Application::create(loaded, line.log.level, logger, &lines);
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
         {"commit", std::string_view(app::kCommit)},
         {"port", std::int64_t{(*application)->port()}},
         {"metrics_port", std::int64_t{(*application)->metrics_port()}},
         {"web_root", std::string_view(loaded.config.server.web_root)}}
    );
    const int number = wait_for_the_end(**application, line, text, logger);
    const std::chrono::nanoseconds delay = loaded.config.meshscope.shutdown_delay;
    if (delay > std::chrono::nanoseconds(0)) {
        (*application)->retire();
        logger.info("not ready any more", {{"signal", std::int64_t{number}}});
        wait_for_signal(ending_signals(), delay);
    }
    logger.info("stopping", {{"signal", std::int64_t{number}}});
    (*application)->stop();
    logger.info("stopped");
    return kOk;
}

int run(const app::CommandLine& line) {
    app::RecentLines lines;
    telemetry::LogOptions options = line.log;
    options.sink = [&lines](std::string_view text) { lines.write(text); };
    telemetry::Logger logger(std::move(options));
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
    return serve(*loaded, line, logger, lines);
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
        case app::Action::kSupportBundle:
            return support_bundle(line);
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
