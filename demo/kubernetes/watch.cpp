#include "demo/kubernetes/watch.hpp"

#include "demo/kubernetes/status.hpp"
#include "demo/net/faults.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace meshscope::demo {
namespace {

using Steady = std::chrono::steady_clock;

class Watch {
 public:
    Watch(LiveCluster& cluster, WatchPlan plan)
        : cluster_(cluster),
          plan_(std::move(plan)),
          end_(Steady::now() + plan_.most),
          next_bookmark_(Steady::now() + plan_.bookmark_every) {}

    // nullopt when the watch can begin.
    std::optional<HttpReply> refused() {
        return cluster_.look([this](const ObjectStore& store) -> std::optional<HttpReply> {
            if (plan_.from_nothing) {
                plan_.version = store.version();
                initial_ = store.at(*plan_.resource, plan_.version).value();
            }
            const auto changes = store.since(*plan_.resource, plan_.version);
            if (changes) {
                return std::nullopt;
            }
            return version_failure(changes.error());
        });
    }

    bool next(std::string& piece, Stopper& leaving) {
        for (const ObjectPtr& object : std::exchange(initial_, {})) {
            if (wanted(*object)) {
                add(piece, "ADDED", *object);
            }
        }
        if (plan_.resource->custom && !*plan_.custom_kinds) {
            return false;
        }
        if (!take_changes(piece)) {
            return false;
        }
        const auto now = Steady::now();
        const bool ends = now >= end_;
        if (plan_.bookmarks && (ends || now >= next_bookmark_)) {
            next_bookmark_ = now + plan_.bookmark_every;
            piece += bookmark_text(*plan_.resource, plan_.version, plan_.answer);
        }
        if (ends) {
            return false;
        }
        return !piece.empty() || !leaving.wait_for(plan_.look_every);
    }

 private:
    [[nodiscard]] bool wanted(const Object& object) const {
        return (plan_.ns.empty() || object.ns == plan_.ns) && plan_.selectors.match(object);
    }

    void add(std::string& piece, std::string_view type, const Object& object) {
        piece +=
            event_text(type, object, plan_.answer, cluster_.now(), !std::exchange(said_, true));
    }

    // false: the changes are not known any more.
    bool take_changes(std::string& piece) {
        const auto changes = cluster_.look([this](const ObjectStore& store) {
            auto since = store.since(*plan_.resource, plan_.version);
            if (since) {
                plan_.version = store.version();
            }
            return since;
        });
        if (!changes) {
            piece += error_event_text(version_failure(changes.error()).body);
            return false;
        }
        for (const Change& change : *changes) {
            // What a selector lets through begins and ends by its labels.
            const bool was = change.before && wanted(*change.before);
            const bool is = !change.deleted && wanted(*change.now);
            if (was || is) {
                add(piece, !was ? "ADDED" : is ? "MODIFIED" : "DELETED", *change.now);
            }
        }
        return true;
    }

    LiveCluster& cluster_;
    WatchPlan plan_;
    const Steady::time_point end_;
    Steady::time_point next_bookmark_;
    std::vector<ObjectPtr> initial_;
    bool said_ = false;  // the table's columns
};

}  // namespace

HttpReply version_failure(const Error& error) {
    if (error.kind() == ErrorKind::kNotFound) {
        return failure(410, "Expired", error.message());
    }
    return failure(504, "Timeout", error.message(), {"", "", "", 1, "ResourceVersionTooLarge", ""});
}

HttpReply watch(LiveCluster& cluster, WatchPlan plan) {
    const auto running = std::make_shared<Watch>(cluster, std::move(plan));
    if (std::optional<HttpReply> refused = running->refused()) {
        return *std::move(refused);
    }
    HttpReply reply;
    reply.pieces = [running](std::string& piece, Stopper& leaving) {
        return running->next(piece, leaving);
    };
    return reply;
}

}  // namespace meshscope::demo
