#pragma once

#include "async/pause.hpp"
#include "async/with_deadline.hpp"
#include "clients/jaeger/protocol.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::test {

// A Jaeger behind fake protocols: which of them it speaks may change at any time, from any thread.
class FakeJaeger {
 public:
    explicit FakeJaeger(std::set<std::string> spoken) : spoken_(std::move(spoken)) {}

    void speak(std::set<std::string> names) {
        const std::scoped_lock lock(mutex_);
        spoken_ = std::move(names);
    }
    // What a protocol answers whether it is spoken or not; nullopt: nothing special.
    void fail(const std::string& name, std::optional<Error> error) {
        const std::scoped_lock lock(mutex_);
        if (error) {
            errors_.insert_or_assign(name, std::move(*error));
        } else {
            errors_.erase(name);
        }
    }
    void be_silent(const std::string& name) {
        const std::scoped_lock lock(mutex_);
        silent_.insert(name);
    }
    [[nodiscard]] int probes(const std::string& name) const { return count(probes_, name); }
    [[nodiscard]] int calls(const std::string& name) const { return count(calls_, name); }

    void note_probe(const std::string& name) { note(probes_, name); }
    void note_call(const std::string& name) { note(calls_, name); }
    [[nodiscard]] bool is_silent(const std::string& name) const {
        const std::scoped_lock lock(mutex_);
        return silent_.contains(name);
    }
    [[nodiscard]] Result<> answer(const std::string& name) const {
        const std::scoped_lock lock(mutex_);
        if (const auto found = errors_.find(name); found != errors_.end()) {
            return found->second;
        }
        if (!spoken_.contains(name)) {
            return Error(ErrorKind::kUpstreamProtocol, name + " is not spoken")
                .with_code("upstream_unimplemented");
        }
        return {};
    }

 private:
    using Counts = std::map<std::string, int>;
    void note(Counts& counts, const std::string& name) {
        const std::scoped_lock lock(mutex_);
        ++counts[name];
    }
    int count(const Counts& counts, const std::string& name) const {
        const std::scoped_lock lock(mutex_);
        const auto found = counts.find(name);
        return found == counts.end() ? 0 : found->second;
    }

    mutable std::mutex mutex_;
    std::set<std::string> spoken_;
    std::set<std::string> silent_;
    std::map<std::string, Error> errors_;
    Counts probes_;
    Counts calls_;
};

// One protocol of a FakeJaeger. Every answer takes a millisecond.
class FakeProtocol final : public clients::jaeger::Protocol {
 public:
    FakeProtocol(std::shared_ptr<FakeJaeger> jaeger, std::string name, std::string endpoint)
        : jaeger_(std::move(jaeger)), name_(std::move(name)), endpoint_(std::move(endpoint)) {}

    [[nodiscard]] std::string_view name() const override { return name_; }
    [[nodiscard]] std::string endpoint() const override { return endpoint_; }

    Awaitable<Result<clients::TraceBatch>> find_traces(
        RequestContext /*context*/, clients::TraceQuery /*query*/
    ) override {
        jaeger_->note_call(name_);
        const Result<> answer = jaeger_->answer(name_);
        co_await pause_for(std::chrono::milliseconds(1));
        if (!answer) {
            co_return answer.error();
        }
        co_return clients::TraceBatch{};
    }
    Awaitable<Result<clients::TraceBatch>> get_trace(
        RequestContext context, TraceId /*id*/, std::optional<TimeRange> /*near*/
    ) override {
        co_return co_await find_traces(std::move(context), {});
    }
    Awaitable<Result<std::vector<std::string>>> services(RequestContext /*context*/) override {
        co_return std::vector<std::string>{};
    }
    Awaitable<Result<std::vector<clients::Operation>>> operations(
        RequestContext /*context*/, std::string /*service*/, std::string /*kind*/
    ) override {
        co_return std::vector<clients::Operation>{};
    }
    Awaitable<Result<>> probe(RequestContext context) override {
        jaeger_->note_probe(name_);
        if (jaeger_->is_silent(name_)) {
            const auto left = context.deadline.remaining(std::chrono::steady_clock::now());
            const bool rested =
                co_await pause_for(std::chrono::duration_cast<std::chrono::milliseconds>(left));
            co_return Error(
                rested ? ErrorKind::kDeadline : ErrorKind::kCancelled, name_ + " is silent"
            );
        }
        co_await pause_for(std::chrono::milliseconds(1));
        co_return jaeger_->answer(name_);
    }
    Awaitable<std::string> version(RequestContext /*context*/) override {
        co_return name_.starts_with("http") ? "v2.20.0" : "";
    }

 private:
    const std::shared_ptr<FakeJaeger> jaeger_;
    const std::string name_;
    const std::string endpoint_;
};

inline constexpr const char* kGrpcV3 = "grpc api_v3";
inline constexpr const char* kGrpcV2 = "grpc api_v2";
inline constexpr const char* kHttpV3 = "http api_v3";
inline constexpr const char* kHttpV1 = "http v1";

// All four, best first, at two endpoints.
inline std::vector<std::shared_ptr<clients::jaeger::Protocol>> all_protocols(
    const std::shared_ptr<FakeJaeger>& jaeger
) {
    std::vector<std::shared_ptr<clients::jaeger::Protocol>> out;
    for (const char* name : {kGrpcV3, kGrpcV2, kHttpV3, kHttpV1}) {
        const std::string text = name;
        out.push_back(std::make_shared<FakeProtocol>(jaeger, text, text.substr(0, 4)));
    }
    return out;
}

}  // namespace meshscope::test
