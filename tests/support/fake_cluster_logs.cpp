#include "async/with_deadline.hpp"
#include "tests/support/fake_cluster.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace meshscope::test {

namespace {

using clients::LogEnd;
using clients::LogQuery;

// The time of a line "2025-11-21T00:00:00.123456789Z text"; nullopt without such a stamp.
std::optional<SystemTime> time_of(std::string_view line) {
    const auto number = [&](std::size_t at, std::size_t length) {
        int value = -1;
        if (line.size() >= at + length) {
            std::from_chars(line.data() + at, line.data() + at + length, value);
        }
        return value;
    };
    const int year = number(0, 4);
    const int month = number(5, 2);
    const int day = number(8, 2);
    if (year < 0 || month < 1 || day < 1 || number(17, 2) < 0) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date(
        std::chrono::year(year),
        std::chrono::month(static_cast<unsigned>(month)),
        std::chrono::day(static_cast<unsigned>(day))
    );
    SystemTime time = std::chrono::sys_days(date) + std::chrono::hours(number(11, 2)) +
                      std::chrono::minutes(number(14, 2)) + std::chrono::seconds(number(17, 2));
    std::int64_t unit = 100'000;
    for (std::size_t at = 20; line.size() > at && line[19] == '.' && unit > 0; ++at, unit /= 10) {
        if (line[at] < '0' || line[at] > '9') {
            break;
        }
        time += std::chrono::microseconds((line[at] - '0') * unit);
    }
    return time;
}

// What `since` and `tail_lines` leave.
std::string chosen(std::string_view text, const LogQuery& query) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
        const std::string_view line = text.substr(0, length);
        const auto time = time_of(line);
        if (!query.since || !time || *time >= *query.since) {
            lines.push_back(line);
        }
        text.remove_prefix(length);
    }
    const std::size_t tail = query.tail_lines ? *query.tail_lines : lines.size();
    std::string out;
    for (std::size_t i = lines.size() - std::min(tail, lines.size()); i < lines.size(); ++i) {
        out += lines[i];
    }
    return out;
}

std::string names_of(const models::ContainerList& containers) {
    std::string text;
    for (const models::Container& one : containers) {
        text += (text.empty() ? "" : ", ") + one.name;
    }
    return text;
}

}  // namespace

void FakeCluster::set_log(
    const std::string& ns, const std::string& pod, const std::string& container, std::string text
) {
    const std::scoped_lock lock(mutex_);
    logs_[{ns, pod, container}] = Log{std::move(text), std::nullopt};
}

void FakeCluster::set_previous_log(
    const std::string& ns, const std::string& pod, const std::string& container, std::string text
) {
    const std::scoped_lock lock(mutex_);
    previous_logs_[{ns, pod, container}].text = std::move(text);
}

void FakeCluster::append_log(
    const std::string& ns,
    const std::string& pod,
    const std::string& container,
    const std::string& text
) {
    const std::scoped_lock lock(mutex_);
    logs_[{ns, pod, container}].text += text;
}

void FakeCluster::end_log(
    const std::string& ns, const std::string& pod, const std::string& container
) {
    const std::scoped_lock lock(mutex_);
    logs_[{ns, pod, container}].ended = true;
}

void FakeCluster::fail_log(
    const std::string& ns, const std::string& pod, const std::string& container, Error error
) {
    const std::scoped_lock lock(mutex_);
    logs_[{ns, pod, container}].error = std::move(error);
}

void FakeCluster::stall_log(
    const std::string& ns, const std::string& pod, const std::string& container
) {
    const std::scoped_lock lock(mutex_);
    logs_[{ns, pod, container}].stalled = true;
}

void FakeCluster::set_log_piece(std::size_t bytes) {
    const std::scoped_lock lock(mutex_);
    log_piece_ = bytes;
}

std::vector<LogQuery> FakeCluster::log_queries() const {
    const std::scoped_lock lock(mutex_);
    return log_queries_;
}

Result<FakeCluster::Log> FakeCluster::open_log(const RequestContext& context, LogQuery& query) {
    const std::scoped_lock lock(mutex_);
    log_queries_.push_back(query);
    if (auto error = begin(context, "read_log")) {
        return std::move(*error);
    }
    RequestContext as_server = context;
    if (query.as_server) {
        auto server = std::make_shared<CallerCredentials>();
        server->server_account = true;
        as_server.caller.credentials = std::move(server);
    }
    const auto pod = find_pod(as_server, query.ns, query.pod, true);
    if (!pod) {
        return pod.error();
    }
    const auto found =
        std::find_if(pod->containers->begin(), pod->containers->end(), [&](const auto& one) {
            return query.container.empty() ? !one.init : one.name == query.container;
        });
    if (found == pod->containers->end()) {
        return Error(ErrorKind::kInvalidArgument, "container " + query.container + " is not valid")
            .with_detail("containers: " + names_of(*pod->containers));
    }
    query.container = found->name;
    const LogKey key(query.ns, query.pod, query.container);
    if (query.previous) {
        const auto previous = previous_logs_.find(key);
        if (previous == previous_logs_.end()) {
            return Error(ErrorKind::kConflict, "no earlier container").with_code("no_previous");
        }
        return previous->second;
    }
    Log log = logs_[key];
    if (log.error) {
        return *log.error;
    }
    return log;
}

std::optional<std::string> FakeCluster::more_of(const LogKey& key, std::size_t seen) const {
    const std::scoped_lock lock(mutex_);
    const Log& log = logs_.at(key);
    if (log.text.size() > seen) {
        return log.text.substr(seen);
    }
    return log.ended ? std::optional(std::string()) : std::nullopt;
}

Awaitable<Result<>> FakeCluster::wait_a_little(Deadline deadline) const {
    SteadyTimer timer(co_await boost::asio::this_coro::executor);
    timer.expires_after(std::chrono::milliseconds(1));
    boost::system::error_code ignored;
    co_await timer.async_wait(boost::asio::redirect_error(use_awaitable, ignored));
    if (co_await is_cancelled()) {
        co_return Error(ErrorKind::kCancelled, "the caller left");
    }
    if (deadline.passed(clock_->steady_now())) {
        co_return Error(ErrorKind::kDeadline, "the deadline passed");
    }
    co_return Result<>();
}

Awaitable<Result<LogEnd>> FakeCluster::read_log(
    RequestContext context, LogQuery query, std::shared_ptr<clients::LogSink> sink
) {
    auto log = open_log(context, query);
    if (!log) {
        co_return log.error();
    }
    while (log->stalled) {
        const auto waited = co_await wait_a_little(context.deadline);
        if (!waited) {
            co_return waited.error();
        }
    }
    const LogKey key(query.ns, query.pod, query.container);
    std::size_t seen = log->text.size();
    std::string waiting = chosen(log->text, query);
    LogEnd end;
    while (true) {
        while (!waiting.empty()) {
            const std::uint64_t room =
                query.follow ? waiting.size() : query.limit_bytes - end.bytes;
            if (room == 0) {
                end.why = LogEnd::Why::kBytes;
                co_return end;
            }
            std::string piece = waiting.substr(
                0, std::min<std::uint64_t>(room, std::max<std::size_t>(log_piece_, 1))
            );
            waiting.erase(0, piece.size());
            end.bytes += piece.size();
            if (!co_await sink->take(std::move(piece))) {
                end.why = LogEnd::Why::kUnwanted;
                co_return end;
            }
        }
        if (!query.follow) {
            co_return end;
        }
        auto more = more_of(key, seen);
        if (more && more->empty()) {
            co_return end;
        }
        if (more) {
            seen += more->size();
            waiting = std::move(*more);
            continue;
        }
        const auto waited = co_await wait_a_little(context.deadline);
        if (!waited) {
            if (waited.error().kind() == ErrorKind::kCancelled) {
                co_return waited.error();
            }
            end.why = LogEnd::Why::kTime;
            co_return end;
        }
    }
}

}  // namespace meshscope::test
