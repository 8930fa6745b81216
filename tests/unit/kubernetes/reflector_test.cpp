#include "clients/kubernetes/reflector.hpp"

#include "tests/unit/kubernetes/kept_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <future>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::clients::kubernetes;
using namespace meshscope::test;
using namespace std::chrono_literals;
using Kept = KindState::State;

namespace {

// Answers /version and lists; `watches` is called for each watch, with its number from 1. The
// connection of one of them can be closed behind it.
ScriptedServer::Script api_with(
    std::function<std::string(const std::string& target, int number)> lists,
    std::function<void(Peer&, const std::string& target, int number)> watches,
    int last_watch_of_its_connection = 0
) {
    struct Counts {
        std::atomic<int> lists{0};
        std::atomic<int> watches{0};
    };
    return [=, counts = std::make_shared<Counts>()](Peer& peer) {
        for (std::string request = peer.read_request(); !request.empty();
             request = peer.read_request()) {
            const std::string target = target_of(request);
            if (target == "/version") {
                peer.send(json_answer(R"({"gitVersion":"v1.33.2"})"));
            } else if (is_watch(target)) {
                const int number = ++counts->watches;
                watches(peer, target, number);
                if (number == last_watch_of_its_connection) {
                    return;
                }
            } else {
                peer.send(lists(target, ++counts->lists));
            }
        }
    };
}

void stay(Peer& peer) { peer.wait_for_close(); }

std::size_t count_of(const ScriptedServer& server, const std::string& part) {
    std::size_t count = 0;
    for (const std::string& request : server.requests()) {
        count += target_of(request).find(part) != std::string::npos ? 1U : 0U;
    }
    return count;
}

std::vector<std::string> watch_versions(const ScriptedServer& server) {
    std::vector<std::string> versions;
    for (const std::string& request : server.requests()) {
        const std::string target = target_of(request);
        const std::size_t at = target.find("&resourceVersion=");
        if (at != std::string::npos) {
            versions.push_back(target.substr(at + 17, target.find('&', at + 1) - at - 17));
        }
    }
    return versions;
}

}  // namespace

TEST_CASE("a kind is listed in pages, watched from the list's version, and kept as events say") {
    ScriptedServer server(api_with(
        [](const std::string& target, int) {
            return json_answer(
                target.find("continue") == std::string::npos ? list_text({"a", "b"}, "100", "next")
                                                             : list_text({"c"}, "100")
            );
        },
        [&](Peer& peer, const std::string&, int) {
            peer.send(kWatchHead);
            peer.send(chunk(
                event_text("ADDED", object_text("d", "101")) +
                event_text("DELETED", object_text("a", "102"))
            ));
            // An object in two pieces, and one right behind another.
            const std::string text = event_text("MODIFIED", object_text("e", "103"));
            peer.send(chunk(text.substr(0, 40)));
            peer.send(chunk(
                text.substr(40, text.size() - 41) +
                event_text("DELETED", object_text("nobody", "104"))
            ));
            peer.wait_for_close();
        }
    ));
    KeptFixture fixture(server.url());
    fixture.start(resource_named("namespaces"));
    REQUIRE(fixture.until_names({"b", "c", "d", "e"}));
    CHECK(fixture.states.back().state == Kept::kCurrent);
    CHECK(fixture.states.back().lists == 1);
    CHECK(fixture.changes >= 4);
    CHECK(count_of(server, "/api/v1/namespaces?limit=500") == 2);
    CHECK(watch_versions(server) == std::vector<std::string>{"100"});
    const auto requests = server.requests();
    const auto watches = std::find_if(requests.begin(), requests.end(), [](const auto& request) {
        return target_of(request).find("&resourceVersion=") != std::string::npos;
    });
    REQUIRE(watches != requests.end());
    const std::string& watch = *watches;
    CHECK(header_of(watch, "Authorization") == "Bearer servers-token");
    CHECK(header_of(watch, "Accept-Encoding") == "none");
    CHECK(target_of(watch).find("allowWatchBookmarks=true&timeoutSeconds=") != std::string::npos);
}

TEST_CASE("a watch that ends resumes at once from the last version, bookmarks and all") {
    ScriptedServer server(api_with(
        [](const std::string&, int) { return json_answer(list_text({"a"}, "100")); },
        [](Peer& peer, const std::string&, int number) {
            peer.send(kWatchHead);
            if (number == 1) {
                peer.send(chunk(event_text("ADDED", object_text("b", "101"))));
                peer.send(chunk(event_text(
                    "BOOKMARK", R"({"kind":"Namespace","metadata":{"resourceVersion":"150"}})"
                )));
                peer.send(chunk(
                    event_text("BOOKMARK", R"({"kind":"Pod","metadata":{"resourceVersion":"900"}})")
                ));
                peer.send(chunk(event_text("SURPRISE", object_text("x", "901"))));
                peer.send(kWatchEnd);
            } else if (number == 2) {
                peer.send(chunk(
                    event_text("ADDED", object_text("c", "160")) +
                    R"({"type":"ADDED","object":{"me)"
                ));
            } else {
                peer.send(chunk(event_text("ADDED", object_text("d", "170"))));
                stay(peer);
            }
        },
        2  // in the middle of an object
    ));
    KeptFixture fixture(server.url());
    fixture.start(resource_named("namespaces"));
    REQUIRE(fixture.until_names({"a", "b", "c", "d"}));
    CHECK(watch_versions(server) == std::vector<std::string>{"100", "150", "160"});
    CHECK(fixture.states.back().lists == 1);
}

TEST_CASE("a version that is gone, said either way, is listed again, which replaces all") {
    const bool as_event = GENERATE(true, false);
    ScriptedServer server(api_with(
        [](const std::string&, int number) {
            // The second list's version is lower: a database that was restored.
            return json_answer(
                number == 1 ? list_text({"a", "b"}, "100") : list_text({"b", "z"}, "50")
            );
        },
        [&](Peer& peer, const std::string&, int number) {
            const std::string expired = status_body(410, "Expired", "too old resource version");
            if (number > 1) {
                peer.send(kWatchHead);
                stay(peer);
            } else if (as_event) {
                peer.send(
                    kWatchHead + chunk(event_text("ERROR", expired)) +
                    chunk(event_text("ADDED", object_text("never", "7")))
                );
                stay(peer);
            } else {
                peer.send(json_answer(expired, 410));
            }
        }
    ));
    KeptFixture fixture(server.url());
    fixture.start(resource_named("namespaces"));
    REQUIRE(fixture.until([&] {
        return fixture.names() == std::vector<std::string>{"b", "z"} &&
               watch_versions(server).size() == 2;
    }));
    CHECK(watch_versions(server) == std::vector<std::string>{"100", "50"});
    CHECK(fixture.until([&] {
        return fixture.states.back().lists == 2 && fixture.states.back().state == Kept::kCurrent;
    }));
}

TEST_CASE("watches that end at once back off, and the kind is not called current meanwhile") {
    ScriptedServer server(api_with(
        [](const std::string&, int) { return json_answer(list_text({"a"}, "100")); },
        [](Peer& peer, const std::string&, int number) {
            peer.send(kWatchHead);
            if (number <= 3) {
                peer.send(kWatchEnd);
            } else {
                peer.send(chunk(event_text("ADDED", object_text("b", "101"))));
                stay(peer);
            }
        }
    ));
    KeptFixture fixture(server.url());
    fixture.patience.short_watch = kPatience;
    fixture.start(resource_named("namespaces"));
    REQUIRE(fixture.until_names({"a", "b"}));
    std::size_t stale = 0;
    for (const FeedState& state : fixture.states) {
        stale += state.state == Kept::kStale ? 1U : 0U;
    }
    CHECK(stale == 3);
    CHECK(fixture.states.back().state == Kept::kCurrent);
    CHECK_FALSE(fixture.states.back().behind_since);
}

TEST_CASE("silence connects again with the same version") {
    ScriptedServer server(api_with(
        [](const std::string&, int) { return json_answer(list_text({"a"}, "100")); },
        [](Peer& peer, const std::string&, int number) {
            const bool first = number == 1;
            const std::string object = object_text(first ? "b" : "c", first ? "101" : "102");
            peer.send(kWatchHead + chunk(event_text("ADDED", object)));
            stay(peer);
        }
    ));
    KeptFixture fixture(server.url());
    fixture.patience.silence = 50ms;
    fixture.start(resource_named("namespaces"));
    REQUIRE(fixture.until_names({"a", "b", "c"}));
    CHECK(watch_versions(server).at(1) == "101");
    for (const FeedState& state : fixture.states) {
        CHECK(state.state == Kept::kCurrent);
    }
}

TEST_CASE("an error inside a watch, and one without a code: later, then listed again") {
    const std::string error = GENERATE(
        as<std::string>(),
        status_body(500, "InternalError", "etcdserver: leader changed"),
        "null",
        "{}"
    );
    ScriptedServer server(api_with(
        [](const std::string&, int number) {
            return json_answer(list_text({number == 1 ? "a" : "b"}, std::to_string(number * 100)));
        },
        [&](Peer& peer, const std::string&, int number) {
            peer.send(kWatchHead);
            if (number <= 2) {
                peer.send(chunk(event_text("ERROR", error)));
            }
            stay(peer);
        }
    ));
    KeptFixture fixture(server.url());
    fixture.start(resource_named("namespaces"));
    REQUIRE(fixture.until_names({"b"}));
    CHECK(fixture.until([&] { return watch_versions(server).size() == 3; }));
    CHECK(watch_versions(server) == std::vector<std::string>{"100", "100", "200"});
}

TEST_CASE("bytes that are no events are listed again") {
    ScriptedServer server(api_with(
        [](const std::string&, int number) {
            return json_answer(list_text({number == 1 ? "a" : "b"}, "100"));
        },
        [](Peer& peer, const std::string&, int number) {
            peer.send(kWatchHead + chunk(number == 1 ? "<html>sign in</html>" : " \n"));
            stay(peer);
        }
    ));
    KeptFixture fixture(server.url());
    fixture.start(resource_named("namespaces"));
    CHECK(fixture.until_names({"b"}));
}

TEST_CASE("a list that may not be watched is asked for again and again, and says so") {
    ScriptedServer server(api_with(
        [](const std::string&, int number) {
            return json_answer(list_text({number < 3 ? "a" : "b"}, "100"));
        },
        [](Peer& peer, const std::string&, int) {
            peer.send(json_answer(status_body(403, "Forbidden", "cannot watch namespaces"), 403));
        }
    ));
    KeptFixture fixture(server.url());
    fixture.start(resource_named("namespaces"));
    REQUIRE(fixture.until_names({"b"}));
    CHECK(fixture.until_state(Kept::kPolling));
    CHECK(fixture.states.back().reason == "status 403: cannot watch namespaces");
    CHECK(fixture.states.back().behind_since);
}

TEST_CASE(
    "a kind that may not be listed is forbidden, tried again, and forgotten when refused twice"
) {
    std::atomic<bool> allowed{true};
    ScriptedServer server(api_with(
        [&](const std::string&, int) {
            return allowed
                       ? json_answer(list_text({"a"}, "100"))
                       : json_answer(status_body(403, "Forbidden", "cannot list namespaces"), 403);
        },
        [&](Peer& peer, const std::string&, int number) {
            if (number == 1) {
                allowed = false;
                peer.send(json_answer(status_body(410, "Expired", "old"), 410));
            } else {
                peer.send(kWatchHead);
                stay(peer);
            }
        }
    ));
    KeptFixture fixture(server.url());
    fixture.start(resource_named("namespaces"));
    REQUIRE(fixture.until_state(Kept::kForbidden));
    CHECK(fixture.names() == std::vector<std::string>{"a"});
    REQUIRE(fixture.until_names({}));
    CHECK(fixture.states.back().state == Kept::kForbidden);
    allowed = true;
    CHECK(fixture.until_names({"a"}));
    CHECK(fixture.until_state(Kept::kCurrent));
}

TEST_CASE("a kind of a CRD: absent, installed in another version, removed again") {
    std::atomic<bool> installed{false};
    std::atomic<bool> removed{false};
    ScriptedServer server(api_with(
        [&](const std::string& target, int) {
            const std::string none =
                http_answer("404 page not found\n", "Content-Type: text/plain\r\n", 404);
            if (!installed || removed) {
                return none;
            }
            if (target == "/apis/gateway.networking.k8s.io") {
                return json_answer(
                    R"({"kind":"APIGroup","versions":[{"version":"v1"},{"version":"v1beta1"}],"preferredVersion":{"version":"v1"}})"
                );
            }
            return target.find("/v1beta1/") != std::string::npos ? json_answer(list_text({}, "100"))
                                                                 : none;
        },
        [&](Peer& peer, const std::string&, int) {
            if (removed.exchange(true)) {
                peer.send(http_answer("404 page not found\n", "", 404));
                return;
            }
            peer.send(kWatchHead);
            peer.send(chunk(event_text(
                "BOOKMARK", R"({"kind":"HTTPRoute","metadata":{"resourceVersion":"101"}})"
            )));
            peer.send(kWatchEnd);
        }
    ));
    KeptFixture fixture(server.url());
    fixture.start(resource_named("httproutes"));
    REQUIRE(fixture.until_state(Kept::kAbsent));
    installed = true;
    REQUIRE(fixture.until_state(Kept::kCurrent));
    CHECK(count_of(server, "/apis/gateway.networking.k8s.io/v1beta1/httproutes?limit=500") >= 1);
    REQUIRE(fixture.until_state(Kept::kAbsent));
    CHECK(fixture.states.back().reason == "the API server does not have httproutes");
}

TEST_CASE(
    "pages that expire are listed again, a server that is behind is asked again without a version"
) {
    ScriptedServer server(api_with(
        [](const std::string& target, int number) {
            if (target.find("continue") != std::string::npos) {
                return json_answer(
                    R"({"kind":"Status","status":"Failure","code":410,"reason":"Expired","metadata":{"continue":"go-on"}})",
                    410
                );
            }
            return json_answer(
                number == 1 ? list_text({"a"}, "100", "next")
                            : list_text({"b"}, std::to_string(100 + number))
            );
        },
        [](Peer& peer, const std::string&, int number) {
            if (number == 1) {
                peer.send(json_answer(
                    R"({"kind":"Status","status":"Failure","code":504,"reason":"Timeout","details":{"causes":[{"reason":"ResourceVersionTooLarge"}]}})",
                    504
                ));
            } else {
                peer.send(kWatchHead);
                stay(peer);
            }
        }
    ));
    KeptFixture fixture(server.url());
    fixture.start(resource_named("namespaces"));
    REQUIRE(fixture.until([&] { return watch_versions(server).size() == 2; }));
    CHECK(watch_versions(server) == std::vector<std::string>{"103", "104"});
    CHECK(fixture.names() == std::vector<std::string>{"b"});
    CHECK(count_of(server, "go-on") == 0);
}

TEST_CASE("only one namespace is listed and watched when that is all there is to see") {
    ScriptedServer server(api_with(
        [](const std::string&, int) { return json_answer(list_text({}, "100")); },
        [](Peer& peer, const std::string&, int) {
            peer.send(kWatchHead);
            stay(peer);
        }
    ));
    KeptFixture fixture(server.url());
    fixture.start(resource_named("pods"), "team-a");
    REQUIRE(fixture.until([&] { return watch_versions(server).size() == 1; }));
    CHECK(count_of(server, "/api/v1/namespaces/team-a/pods?") == 2);
}

TEST_CASE("an unreachable server: what is known stays, one probe knocks, then the watch goes on") {
    std::atomic<bool> down{false};
    std::promise<void> first_probe;
    std::shared_future<void> probed = first_probe.get_future().share();
    ScriptedServer server([&down, probed, &server](Peer& peer) {
        for (std::string request = peer.read_request(); !request.empty();
             request = peer.read_request()) {
            const std::string target = target_of(request);
            if (down) {
                if (target == "/version" && count_of(server, "/version") > 6) {
                    down = false;
                } else {
                    return;  // without an answer
                }
            }
            if (target == "/version") {
                peer.send(json_answer(R"({"gitVersion":"v1.33.2"})"));
            } else if (!is_watch(target)) {
                peer.send(json_answer(list_text({"a"}, "100")));
            } else if (target.find("resourceVersion=100&") != std::string::npos) {
                probed.wait_for(kPatience);
                down = true;
                peer.send(kWatchHead + chunk(event_text("ADDED", object_text("b", "101"))));
                return;
            } else {
                peer.send(kWatchHead + chunk(event_text("ADDED", object_text("c", "102"))));
                peer.wait_for_close();
            }
        }
    });
    KeptFixture fixture(server.url());
    fixture.start(resource_named("namespaces"));
    REQUIRE(fixture.until([&] { return fixture.gate->seen().last_success.has_value(); }));
    first_probe.set_value();
    REQUIRE(fixture.until_state(Kept::kStale));
    CHECK(fixture.names() == std::vector<std::string>{"a", "b"});
    CHECK(fixture.states.back().behind_since);
    CHECK_FALSE(fixture.gate->seen().open);
    CHECK(fixture.gate->seen().reason);
    const std::size_t knocks = count_of(server, "watch=1");
    REQUIRE(fixture.until_names({"a", "b", "c"}));
    CHECK(count_of(server, "watch=1") == knocks + 1);
    CHECK(fixture.gate->seen().open);
    CHECK(fixture.gate->seen().version == "v1.33.2");
    CHECK(fixture.states.back().lists == 1);
}

TEST_CASE("a watch that ends while another has found the server unreachable is behind at once") {
    std::atomic<bool> down{false};
    std::promise<void> end_of_watch;
    std::shared_future<void> ended = end_of_watch.get_future().share();
    ScriptedServer server([&down, ended, &server](Peer& peer) {
        for (std::string request = peer.read_request(); !request.empty();
             request = peer.read_request()) {
            const std::string target = target_of(request);
            if (target == "/version") {
                if (down) {
                    return;  // without an answer
                }
                peer.send(json_answer(R"({"gitVersion":"v1.33.2"})"));
            } else if (!is_watch(target)) {
                peer.send(json_answer(list_text({"a"}, "100")));
            } else if (watch_versions(server).size() == 1) {
                peer.send(kWatchHead + chunk(event_text("ADDED", object_text("b", "101"))));
                ended.wait_for(kPatience);
                peer.send(kWatchEnd);
            } else {
                peer.send(kWatchHead + chunk(event_text("ADDED", object_text("c", "102"))));
                peer.wait_for_close();
            }
        }
    });
    KeptFixture fixture(server.url());
    fixture.patience.look_every = 5ms;
    fixture.start(resource_named("namespaces"));
    REQUIRE(fixture.until_names({"a", "b"}));
    down = true;
    REQUIRE(fixture.until([&] { return !fixture.gate->seen().open; }));
    // The watch itself still stands.
    CHECK(fixture.states.back().state == Kept::kCurrent);
    end_of_watch.set_value();
    REQUIRE(fixture.until_state(Kept::kStale));
    CHECK(fixture.states.back().behind_since);
    CHECK(fixture.states.back().reason == fixture.gate->seen().reason->message());
    CHECK_FALSE(fixture.states.back().refused);
    CHECK(count_of(server, "watch=1") == 1);
    down = false;
    REQUIRE(fixture.until_names({"a", "b", "c"}));
    CHECK(watch_versions(server) == std::vector<std::string>{"100", "101"});
    CHECK(fixture.states.back().state == Kept::kCurrent);
    CHECK(fixture.states.back().lists == 1);
}

TEST_CASE("a server that comes back without its history is listed at once, without another rest") {
    std::atomic<int> refusals{0};
    ScriptedServer server([&](Peer& peer) {
        for (std::string request = peer.read_request(); !request.empty();
             request = peer.read_request()) {
            const std::string target = target_of(request);
            if (refusals > 0) {
                --refusals;
                return;  // without an answer
            }
            if (target == "/version") {
                peer.send(json_answer(R"({"gitVersion":"v1.33.2"})"));
            } else if (!is_watch(target)) {
                const bool first = watch_versions(server).empty();
                peer.send(json_answer(list_text({first ? "a" : "z"}, first ? "100" : "200")));
            } else if (target.find("resourceVersion=200&") != std::string::npos) {
                peer.send(kWatchHead);
                peer.wait_for_close();
            } else if (watch_versions(server).size() == 1) {
                refusals = 4;
                return;
            } else {
                peer.send(json_answer(status_body(410, "Expired", "too old"), 410));
            }
        }
    });
    KeptFixture fixture(server.url());
    fixture.patience.retry_first = fixture.patience.retry_most = 10 * kPatience;
    fixture.patience.look_every = 10 * kPatience;
    fixture.start(resource_named("namespaces"));
    REQUIRE(fixture.until_names({"z"}));
    CHECK(fixture.until_state(Kept::kCurrent));
}

TEST_CASE("a token that stays refused is not hammered with") {
    ScriptedServer server(each([](const std::string&) {
        return json_answer(status_body(401, "Unauthorized", "Unauthorized"), 401);
    }));
    KeptFixture fixture(server.url());
    fixture.patience.retry_refused = kPatience;
    fixture.start(resource_named("namespaces"), "", false);
    REQUIRE(fixture.until([&] { return !fixture.states.empty(); }));
    CHECK(fixture.states.back().state == Kept::kSyncing);
    CHECK(fixture.states.back().reason == "status 401: Unauthorized");
    fixture.io.restart();
    fixture.io.run_for(50ms);
    CHECK(server.requests().size() == 1);
}
