#pragma once

#include "clients/store_finder.hpp"

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::test {

// Trace stores at URLs in memory: where nothing was put, nothing listens. Records every try.
// Thread-safe. Billed as "jaeger", one call each.
class FakeStoreFinder final : public clients::StoreFinder {
 public:
    using Transport = clients::StoreTarget::Transport;

    void put(const std::string& url, Transport transport, Result<clients::StoreFinding> answer) {
        const std::scoped_lock lock(mutex_);
        answers_.insert_or_assign({url, transport}, std::move(answer));
    }
    [[nodiscard]] std::vector<clients::StoreTarget> tried() const {
        const std::scoped_lock lock(mutex_);
        return tried_;
    }

    Awaitable<Result<clients::StoreFinding>> try_one(
        RequestContext context, clients::StoreTarget target
    ) override {
        ++context.bill->of("jaeger").calls;
        const std::scoped_lock lock(mutex_);
        tried_.push_back(target);
        const auto found = answers_.find({target.url, target.transport});
        if (found != answers_.end()) {
            co_return found->second;
        }
        co_return Error(ErrorKind::kUpstreamUnavailable, "cannot reach jaeger: connection refused")
            .with_cause(Cause::kRefused);
    }

 private:
    mutable std::mutex mutex_;
    std::map<std::pair<std::string, Transport>, Result<clients::StoreFinding>> answers_;
    std::vector<clients::StoreTarget> tried_;
};

}  // namespace meshscope::test
