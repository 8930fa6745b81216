#pragma once

#include "clients/jaeger/post_filter.hpp"
#include "clients/trace_store.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::test {

// A trace store in memory that passes the same contract suite as the real ones (tests/contract).
// Holds traces and searches them; a scripted answer, when there is one, is given first, once, in
// order. Records every query. Thread-safe. Billed as "jaeger", one call each.
class FakeTraceStore final : public clients::TraceStore {
 public:
    using TraceBatch = clients::TraceBatch;

    void add(models::TracePtr trace) {
        const std::scoped_lock lock(mutex_);
        traces_.push_back(std::move(trace));
    }
    void add_operation(const std::string& service, clients::Operation operation) {
        const std::scoped_lock lock(mutex_);
        operations_[service].push_back(std::move(operation));
    }
    // The next find_traces or get_trace gives this as it stands.
    void script(Result<TraceBatch> answer) {
        const std::scoped_lock lock(mutex_);
        scripted_.push_back(std::move(answer));
    }
    // Every call fails so from now on; nullopt ends it.
    void fail_with(std::optional<Error> error) {
        const std::scoped_lock lock(mutex_);
        error_ = std::move(error);
    }
    void set_state(clients::StoreState state) {
        const std::scoped_lock lock(mutex_);
        state_ = std::move(state);
    }

    [[nodiscard]] std::vector<clients::TraceQuery> queries() const {
        const std::scoped_lock lock(mutex_);
        return queries_;
    }
    [[nodiscard]] std::vector<TraceId> looked_up() const {
        const std::scoped_lock lock(mutex_);
        return looked_up_;
    }

    Awaitable<Result<TraceBatch>> find_traces(RequestContext context, clients::TraceQuery query)
        override {
        bill(context);
        co_return search(std::move(query));
    }

    Awaitable<Result<TraceBatch>> get_trace(
        RequestContext context, TraceId id, std::optional<TimeRange> /*near*/
    ) override {
        bill(context);
        co_return look_up(id);
    }

    // The services of the traces held and those that have operations.
    Awaitable<Result<std::vector<std::string>>> services(RequestContext context) override {
        bill(context);
        const std::scoped_lock lock(mutex_);
        if (error_) {
            co_return *error_;
        }
        std::set<std::string> names;
        for (const auto& trace : traces_) {
            for (const auto& process : trace->processes) {
                names.emplace(process.service);
            }
        }
        for (const auto& [service, operations] : operations_) {
            names.insert(service);
        }
        names.erase("");
        co_return std::vector<std::string>(names.begin(), names.end());
    }

    Awaitable<Result<std::vector<clients::Operation>>> operations(
        RequestContext context, std::string service, std::string span_kind
    ) override {
        bill(context);
        const std::scoped_lock lock(mutex_);
        if (error_) {
            co_return *error_;
        }
        std::map<std::pair<std::string, std::string>, clients::Operation> sorted;
        for (const auto& operation : operations_[service]) {
            if (span_kind.empty() || operation.span_kind == span_kind) {
                sorted.emplace(std::pair(operation.name, operation.span_kind), operation);
            }
        }
        std::vector<clients::Operation> found;
        for (auto& [key, operation] : sorted) {
            found.push_back(std::move(operation));
        }
        co_return found;
    }

    [[nodiscard]] clients::StoreState state() const override {
        const std::scoped_lock lock(mutex_);
        return state_;
    }

 private:
    static void bill(const RequestContext& context) {
        if (context.bill) {
            ++context.bill->of("jaeger").calls;
        }
    }

    Result<TraceBatch> search(clients::TraceQuery query) {
        const std::scoped_lock lock(mutex_);
        queries_.push_back(query);
        if (auto answer = next_answer()) {
            return std::move(*answer);
        }
        TraceBatch batch;
        for (const auto& trace : traces_) {
            if (clients::jaeger::may_match(*trace, query)) {
                batch.traces.push_back(trace);
            }
        }
        clients::jaeger::finish_search(batch, query);
        return batch;
    }

    Result<TraceBatch> look_up(TraceId id) {
        const std::scoped_lock lock(mutex_);
        looked_up_.push_back(id);
        if (auto answer = next_answer()) {
            return std::move(*answer);
        }
        const auto found = std::find_if(traces_.begin(), traces_.end(), [&](const auto& trace) {
            return trace->id == id;
        });
        if (found == traces_.end()) {
            return Error(ErrorKind::kNotFound, "trace " + id.to_hex() + " is not in the store");
        }
        TraceBatch batch;
        batch.traces.push_back(*found);
        return batch;
    }

    std::optional<Result<TraceBatch>> next_answer() {
        if (!scripted_.empty()) {
            std::optional<Result<TraceBatch>> answer(std::move(scripted_.front()));
            scripted_.pop_front();
            return answer;
        }
        if (error_) {
            return Result<TraceBatch>(*error_);
        }
        return std::nullopt;
    }

    mutable std::mutex mutex_;
    std::vector<models::TracePtr> traces_;
    std::map<std::string, std::vector<clients::Operation>> operations_;
    std::deque<Result<TraceBatch>> scripted_;
    std::optional<Error> error_;
    clients::StoreState state_{
        .reachability = clients::StoreState::Reachability::kReachable,
        .protocol = "fake",
        .version = {},
        .reason = {},
        .latency = {},
        .last_success = {},
        .last_probe = {},
    };
    std::vector<clients::TraceQuery> queries_;
    std::vector<TraceId> looked_up_;
};

}  // namespace meshscope::test
