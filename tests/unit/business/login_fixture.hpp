#pragma once

#include "business/login.hpp"
#include "core/text.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/io_threads.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <exception>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::business::test {

inline std::string jwt(const std::string& claims) {
    return base64_encode(R"({"alg":"RS256"})") + "." + base64_encode(claims) + ".c2lnbmF0dXJl";
}

// Three namespaces; alice sees shop, admin all, nobody none.
struct LoginWorld {
    explicit LoginWorld(LoginOptions options = {})
        : rights(cluster, clock, {}), login(&cluster, &rights, clock, std::move(options)) {
        for (const char* name : {"bookinfo", "shop", "travel"}) {
            cluster.add_namespace(name);
        }
        cluster.add_user("alice-token", {"alice", {"shop"}});
        cluster.add_user("admin-token", {"system:serviceaccount:ops:admin", {}, true, true, true});
        cluster.add_user("blind-token", {"blind", {}});
    }

    meshscope::test::ManualClock clock;
    meshscope::test::FakeCluster cluster;
    RightsBook rights;
    Login login;
    boost::asio::io_context io;

    static RequestContext context() { return {}; }

    Result<Caller> caller_of(Presented presented) {
        return meshscope::test::run(io, login.caller_of(context(), std::move(presented)));
    }
    // All at once.
    std::vector<Result<Caller>> callers_of(const std::vector<Presented>& all) {
        std::vector<Result<Caller>> callers;
        for (const Presented& presented : all) {
            boost::asio::co_spawn(
                io,
                login.caller_of(context(), presented),
                [&callers](const std::exception_ptr& thrown, Result<Caller> caller) {
                    REQUIRE_FALSE(thrown);
                    callers.push_back(std::move(caller));
                }
            );
        }
        io.restart();
        io.run();
        return callers;
    }
    Result<SignedIn> sign_in(Presented presented) {
        return meshscope::test::run(io, login.sign_in(context(), std::move(presented)));
    }
    Result<SignedIn> extend(Presented presented) {
        return meshscope::test::run(io, login.extend(context(), std::move(presented)));
    }
    [[nodiscard]] int calls() const {
        int all = 0;
        for (const auto& [name, count] : cluster.calls()) {
            all += count;
        }
        return all;
    }
    [[nodiscard]] int calls(const std::string& name) const {
        const auto by_name = cluster.calls();
        const auto found = by_name.find(name);
        return found == by_name.end() ? 0 : found->second;
    }
};

inline Presented form(std::string token, std::string peer = "10.0.0.1") {
    Presented presented;
    presented.form_token = std::move(token);
    presented.peer = std::move(peer);
    return presented;
}

inline Presented bearer(std::string token, std::string peer = "10.0.0.1") {
    Presented presented;
    presented.bearer = std::move(token);
    presented.peer = std::move(peer);
    return presented;
}

inline Presented with(Session session) {
    Presented presented;
    presented.session = std::move(session);
    presented.peer = "10.0.0.1";
    return presented;
}

}  // namespace meshscope::business::test
