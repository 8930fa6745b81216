#include "clients/kubernetes/pod_log.hpp"

#include "core/text.hpp"
#include "core/time_text.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace meshscope::clients::kubernetes {

namespace {

// Whether a log with stamps may begin so: with a year.
bool begins_with_stamp(std::string_view bytes) {
    constexpr std::size_t kYear = 4;
    return bytes.size() > kYear && bytes[kYear] == '-' &&
           std::ranges::all_of(bytes.substr(0, kYear), [](char c) { return c >= '0' && c <= '9'; });
}

// Hands on what comes and remembers how it went. What does not begin as a log is none: a page of
// something in between, or the kubelet's words on why there is none.
class Relay final : public BodySink {
 public:
    static constexpr std::size_t kEnoughToTell = 5;
    static constexpr std::size_t kMostForeign = 300;

    explicit Relay(std::shared_ptr<LogSink> sink) : sink_(std::move(sink)) {}

    void begins() override { begun_ = true; }
    Awaitable<bool> take(std::string bytes) override {
        bytes_ += bytes.size();
        if (!is_log_) {
            start_ += bytes;
            if (start_.size() < kEnoughToTell) {
                co_return true;
            }
            if (!begins_with_stamp(start_)) {
                co_return start_.size() < kMostForeign;
            }
            is_log_ = true;
            bytes = std::exchange(start_, {});
        }
        const bool wanted = co_await sink_->take(std::move(bytes));
        unwanted_ = unwanted_ || !wanted;
        co_return wanted;
    }
    [[nodiscard]] bool begun() const { return begun_; }
    [[nodiscard]] bool unwanted() const { return unwanted_; }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    // What came instead of a log; "" when it is one, or empty, or too little came to tell.
    [[nodiscard]] std::string_view foreign(bool cut) const {
        if (cut && start_.size() < kEnoughToTell) {
            return {};
        }
        const std::string_view line = trim(std::string_view(start_).substr(0, kMostForeign));
        return line.substr(0, line.find('\n'));
    }

 private:
    std::shared_ptr<LogSink> sink_;
    std::string start_;  // until it is known to be a log
    std::uint64_t bytes_ = 0;
    bool is_log_ = false;
    bool begun_ = false;
    bool unwanted_ = false;
};

LogEnd end_of(const Relay& relay, const LogQuery& query, std::optional<Error> incomplete) {
    LogEnd end;
    end.bytes = relay.bytes();
    if (relay.unwanted()) {
        end.why = LogEnd::Why::kUnwanted;
    } else if (incomplete) {
        end.why =
            incomplete->kind() == ErrorKind::kDeadline ? LogEnd::Why::kTime : LogEnd::Why::kBroken;
        end.reason = std::move(incomplete);
    } else if (!query.follow && end.bytes >= query.limit_bytes) {
        end.why = LogEnd::Why::kBytes;
    }
    return end;
}

Error not_a_log(std::string_view line, const LogQuery& query) {
    const std::string container = query.container.empty() ? "" : ", container " + query.container;
    return Error(
               ErrorKind::kUpstreamProtocol,
               "what came for pod " + query.ns + "/" + query.pod + container + " is not its log"
    )
        .with_upstream("kubernetes")
        .with_detail(to_valid_utf8(line));
}

}  // namespace

std::string log_target(const LogQuery& query) {
    std::string target = "/api/v1/namespaces/" + percent_encode(query.ns) + "/pods/" +
                         percent_encode(query.pod) + "/log?timestamps=true";
    if (!query.container.empty()) {
        target += "&container=" + percent_encode(query.container);
    }
    if (query.since) {
        target += "&sinceTime=" + percent_encode(format_rfc3339(*query.since));
    }
    if (query.tail_lines) {
        target += "&tailLines=" + std::to_string(*query.tail_lines);
    }
    if (query.follow) {
        target += "&follow=true";
    } else {
        target += "&limitBytes=" + std::to_string(std::max<std::uint64_t>(query.limit_bytes, 1));
    }
    if (query.previous) {
        target += "&previous=true";
    }
    return target;
}

Error log_error(const ApiFault& fault, const LogQuery& query) {
    const std::string words = to_lower(fault.message);
    const auto says = [&](std::string_view part) { return words.find(part) != std::string::npos; };
    const std::string place = query.ns + "/" + query.pod;
    const std::string container = query.container.empty() ? "" : " container " + query.container;
    const bool refused = fault.http == 400 || fault.http == 404;
    if (refused && says("previous terminated container")) {
        return Error(ErrorKind::kConflict, "there is no earlier container of pod " + place)
            .with_code("no_previous")
            .with_upstream("kubernetes")
            .with_detail(fault.message);
    }
    if (refused && says("is waiting to start")) {
        return Error(ErrorKind::kConflict, "pod " + place + container + " has no log yet")
            .with_code("no_logs_yet")
            .with_upstream("kubernetes")
            .with_detail(fault.message);
    }
    if (refused && (says("container name must be specified") || says("is not valid for pod"))) {
        return Error(
                   ErrorKind::kInvalidArgument,
                   "pod " + place + " has several containers or not this one" + container
        )
            .with_upstream("kubernetes")
            .with_detail(fault.message);
    }
    return error_of(fault, log_target(query), !query.as_server);
}

Awaitable<Result<LogEnd>> read_pod_log(
    const ApiClient& api, RequestContext context, LogQuery query, std::shared_ptr<LogSink> sink
) {
    ApiRequest request;
    request.target = log_target(query);
    request.accept = "*/*";
    request.as_server = query.as_server;
    const auto relay = std::make_shared<Relay>(std::move(sink));
    const ApiClient client = api;
    constexpr std::chrono::milliseconds kQuietIsFine{0};
    Result<HttpResponse> response =
        co_await client.stream(std::move(context), std::move(request), relay, kQuietIsFine);
    if (!response) {
        co_return response.error();
    }
    if (!relay->begun()) {
        const auto fault = fault_of(*response, client.clock().now());
        if (fault) {
            co_return log_error(*fault, query);
        }
    }
    const std::string_view foreign = relay->foreign(response->incomplete.has_value());
    if (!foreign.empty()) {
        co_return not_a_log(foreign, query);
    }
    co_return end_of(*relay, query, std::move(response->incomplete));
}

}  // namespace meshscope::clients::kubernetes
