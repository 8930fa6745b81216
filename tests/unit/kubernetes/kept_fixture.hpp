#pragma once

#include "async/task_group.hpp"
#include "clients/kubernetes/reflector.hpp"
#include "tests/unit/kubernetes/api_fixture.hpp"

#include <boost/asio/io_context.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::test {

inline const clients::kubernetes::Resource& resource_named(std::string_view plural) {
    for (const auto& resource : clients::kubernetes::resources()) {
        if (resource.plural == plural) {
            return resource;
        }
    }
    throw std::logic_error("no such resource");
}

inline clients::kubernetes::Patience short_patience() {
    using namespace std::chrono_literals;
    clients::kubernetes::Patience patience;
    patience.silence = kPatience;
    patience.call_for = kPatience;
    patience.watch_for = kPatience;
    patience.retry_first = 1ms;
    patience.retry_most = 4ms;
    patience.retry_refused = 2ms;
    patience.gate_every = 5ms;
    patience.spread = 1ms;
    patience.forbidden_again = 5ms;
    patience.absent_again = 5ms;
    patience.poll_every = 5ms;
    return patience;
}

// One chunk of a chunked body.
inline std::string chunk(const std::string& data) {
    std::string size;
    for (std::size_t rest = data.size(); rest > 0; rest /= 16) {
        size.insert(size.begin(), "0123456789abcdef"[rest % 16]);
    }
    return size + "\r\n" + data + "\r\n";
}

inline const std::string kWatchHead =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
inline const std::string kWatchEnd = "0\r\n\r\n";

inline std::string object_text(
    const std::string& name, const std::string& version, const std::string& kind = "Namespace"
) {
    return R"({"kind":")" + kind + R"(","apiVersion":"v1","metadata":{"name":")" + name +
           R"(","uid":"u-)" + name + R"(","resourceVersion":")" + version + R"("}})";
}

inline std::string event_text(const std::string& type, const std::string& object) {
    return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}

inline std::string list_text(
    const std::vector<std::string>& names, const std::string& version, const std::string& token = ""
) {
    std::string items;
    for (const std::string& name : names) {
        items += (items.empty() ? "" : ",") + object_text(name, "1");
    }
    return R"({"kind":"List","metadata":{"resourceVersion":")" + version + R"(","continue":")" +
           token + R"("},"items":[)" + items + "]}";
}

inline bool is_watch(const std::string& target) {
    return target.find("watch=1") != std::string::npos;
}

// A reflector and its gate against a scripted API server, on an io_context that runs while a test
// waits for something to become true.
struct KeptFixture : ApiFixture {
    explicit KeptFixture(const std::string& url)
        : ApiFixture(url),
          tasks(io.get_executor(), [](const std::string&, std::exception_ptr error) {
              std::rethrow_exception(error);
          }) {}
    ~KeptFixture() {
        tasks.cancel();
        io.restart();
        io.run();
    }
    KeptFixture(const KeptFixture&) = delete;
    KeptFixture& operator=(const KeptFixture&) = delete;

    // For what waits at the gate, which is made here. The gate probes when it is spawned.
    clients::kubernetes::Reflector::Parts parts() {
        gate.emplace(api(), patience, nullptr);
        clients::kubernetes::Reflector::Parts made_of;
        made_of.api = &api();
        made_of.gate = &*gate;
        made_of.store = &store;
        made_of.interner = &interner;
        made_of.on_state = [this](const clients::kubernetes::FeedState& state) {
            states.push_back(state);
        };
        made_of.on_change = [this] { ++changes; };
        return made_of;
    }
    void start(
        const clients::kubernetes::Resource& resource, std::string ns = "", bool probing = true
    ) {
        reflector.emplace(resource, std::move(ns), patience, parts());
        if (probing) {
            tasks.spawn("gate", [this] { return gate->run(); });
        }
        tasks.spawn("reflector", [this] { return reflector->run(); });
    }

    bool until_names(const std::vector<std::string>& wanted) {
        return until([&] { return names() == wanted; });
    }
    bool until_state(clients::KindState::State wanted) {
        return until([&] { return !states.empty() && states.back().state == wanted; });
    }
    // Of the namespaces in the store.
    std::vector<std::string> names() {
        std::vector<std::string> found;
        const auto snapshot = store.publish(clock.now());
        for (const auto& view : snapshot->namespaces) {
            found.push_back(view->object.meta.name);
        }
        return found;
    }

    clients::kubernetes::Patience patience = short_patience();
    clients::kubernetes::ObjectStore store{models::DiscoveryRules{}};
    clients::kubernetes::Interner interner;
    std::vector<clients::kubernetes::FeedState> states;
    int changes = 0;
    std::optional<clients::kubernetes::ApiGate> gate;
    std::optional<clients::kubernetes::Reflector> reflector;
    TaskGroup tasks;
};

}  // namespace meshscope::test
