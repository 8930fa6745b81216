#include "clients/credentials/credential_program.hpp"

#include "core/time_text.hpp"

#include <nlohmann/json.hpp>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

namespace meshscope::clients {
namespace {

using nlohmann::json;
using Pause = std::chrono::milliseconds;

struct Given {
    std::string token;
    std::optional<SystemTime> expires;
};

std::string text_at(const json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<Given> read_credential(
    const std::string& text, const CredentialProgramOptions& options, SystemTime now
) {
    const auto wrong = [&](const std::string& what) {
        return Error(
            ErrorKind::kUpstreamAuth, "the program " + options.program.command.front() + " " + what
        );
    };
    const json answer = json::parse(text, nullptr, false);
    if (!answer.is_object() || text_at(answer, "kind") != "ExecCredential") {
        return wrong("writes something else than an ExecCredential");
    }
    if (text_at(answer, "apiVersion") != options.api_version) {
        return wrong("writes another version than " + options.api_version);
    }
    const json status = answer.value("status", json());
    Given given;
    given.token = text_at(status, "token");
    if (given.token.empty()) {
        const bool certificate = !text_at(status, "clientCertificateData").empty();
        return wrong(
            certificate ? "gives a client certificate; only tokens are taken" : "gives no token"
        );
    }
    if (const std::string stamp = text_at(status, "expirationTimestamp"); !stamp.empty()) {
        const auto time = parse_rfc3339(stamp);
        if (!time) {
            return wrong("says an expirationTimestamp that is no time");
        }
        given.expires = from_micros(*time / 1'000);
        if (*given.expires <= now) {
            return wrong("gives a token that has expired");
        }
    }
    return given;
}

}  // namespace

struct CredentialProgram::State {
    State(CredentialProgramOptions options_in, const Clock& clock_in)
        : options(std::move(options_in)), clock(clock_in) {}

    const CredentialProgramOptions options;
    const Clock& clock;
    std::mutex mutex;
    std::condition_variable_any changed;
    std::optional<Given> given;
    std::optional<Error> problem;  // of the last run
    bool asked = false;            // another run is wanted
    std::jthread thread;           // last: it uses the others

    void begin() {
        if (!thread.joinable()) {
            thread = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
        }
    }

    void run(std::stop_token stop) {
        while (!stop.stop_requested()) {
            Result<Given> next = ask(stop);
            std::unique_lock lock(mutex);
            asked = false;
            if (next) {
                given = *std::move(next);
                problem.reset();
            } else {
                problem = next.error();
            }
            // A rest in any case: a refused token is not hammered for.
            const auto never = [] { return false; };
            changed.wait_for(lock, stop, options.pause, never);
            const auto wanted = [this] { return asked || problem.has_value(); };
            if (const std::optional<Pause> left = until_expiry()) {
                changed.wait_for(lock, stop, *left, wanted);
            } else {
                changed.wait(lock, stop, wanted);
            }
        }
    }

    Result<Given> ask(const std::stop_token& stop) {
        const Result<std::string> text =
            output_of(options.program, options.timeout, [&] { return stop.stop_requested(); });
        if (text) {
            return read_credential(*text, options, clock.now());
        }
        const std::string& hint = options.install_hint;
        return Error(
            ErrorKind::kUpstreamAuth,
            text.error().message() + (hint.empty() ? "" : " (" + hint + ")")
        );
    }

    [[nodiscard]] std::optional<Pause> until_expiry() const {
        if (!given || !given->expires) {
            return std::nullopt;
        }
        const auto left = std::chrono::ceil<Pause>(*given->expires - clock.now() - options.early);
        return std::max(left, Pause(0));
    }
};

CredentialProgram::CredentialProgram(CredentialProgramOptions options, const Clock& clock)
    : state_(std::make_unique<State>(std::move(options), clock)) {}

CredentialProgram::~CredentialProgram() = default;

Result<std::string> CredentialProgram::current() {
    const std::scoped_lock lock(state_->mutex);
    state_->begin();
    const auto& given = state_->given;
    if (given && (!given->expires || *given->expires > state_->clock.now())) {
        return given->token;
    }
    if (state_->problem) {
        return *state_->problem;
    }
    return Error(
        ErrorKind::kUpstreamAuth,
        "the program " + state_->options.program.command.front() + " has not answered yet"
    );
}

void CredentialProgram::recheck() {
    {
        const std::scoped_lock lock(state_->mutex);
        state_->asked = true;
    }
    state_->changed.notify_all();
}

}  // namespace meshscope::clients
