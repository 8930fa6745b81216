#pragma once

#include "async/caller.hpp"
#include "tests/contract/cluster_backend.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>

// What the tests of every cluster share.
namespace meshscope::contract {

using test::eventually;

inline const ClusterImplementation& any_cluster() {
    static const std::vector<ClusterImplementation> all = cluster_implementations();
    const auto index = GENERATE(range(std::size_t{0}, cluster_implementations().size()));
    return all[index];
}

// Who sends `token`; nullopt: the server's own account, as callers have without login.
inline RequestContext asked_with(std::optional<std::string> token) {
    RequestContext context;
    auto credentials = std::make_shared<CallerCredentials>();
    credentials->server_account = !token;
    credentials->token = token.value_or("");
    credentials->key = "key of " + credentials->token;
    context.caller.credentials = std::move(credentials);
    context.bill = std::make_shared<UpstreamBill>();
    context.deadline = Deadline::after(std::chrono::steady_clock::now(), test::kPatience);
    return context;
}

inline Result<models::Pod> ask_pod(
    ClusterBackend& backend,
    RequestContext context,
    const std::string& name,
    const std::string& ns = "bookinfo"
) {
    return test::run_coroutine<Result<models::Pod>>([&] {
        return backend.cluster().pod(context, ns, name);
    });
}

inline std::string details_pod(ClusterBackend& backend) {
    const auto snapshot = backend.cluster().snapshot();
    const models::Workload* workload = snapshot->find_workload("bookinfo", "details-v1");
    REQUIRE(workload != nullptr);
    REQUIRE(workload->pods.size() == 1);
    return workload->pods.front()->meta.name;
}

// Keeps what it is given; wants no more from `enough` bytes on.
class TextSink final : public clients::LogSink {
 public:
    explicit TextSink(std::size_t enough = ~std::size_t{0}) : enough_(enough) {}
    Awaitable<bool> take(std::string bytes) override {
        text += bytes;
        if (on_take) {
            on_take();
        }
        co_return text.size() < enough_;
    }
    std::string text;
    std::function<void()> on_take;

 private:
    std::size_t enough_;
};

inline Result<clients::LogEnd> read(
    ClusterBackend& backend,
    const RequestContext& context,
    const clients::LogQuery& query,
    const std::shared_ptr<TextSink>& sink
) {
    return test::run_coroutine<Result<clients::LogEnd>>([&] {
        return backend.cluster().read_log(context, query, sink);
    });
}

}  // namespace meshscope::contract
