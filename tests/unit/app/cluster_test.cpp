#include "app/cluster.hpp"

#include "tests/support/manual_clock.hpp"
#include "tests/support/scratch_dir.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <thread>

using namespace meshscope;
using namespace meshscope::app;
using namespace meshscope::clients;
using namespace meshscope::test;

namespace {

std::string kubeconfig(const std::string& cluster, const std::string& user) {
    return "apiVersion: v1\nkind: Config\ncurrent-context: demo\n"
           "contexts:\n- name: demo\n  context: {cluster: c, user: u}\n"
           "clusters:\n- name: c\n  cluster: {" +
           cluster + "}\nusers:\n- name: u\n  user: {" + user + "}\n";
}

struct Place {
    ScratchDir dir;
    ManualClock clock;
    std::map<std::string, std::string> environment;
    ClusterPlaces places;

    Place() {
        places.service_account = dir.path("serviceaccount");
        places.environment = [this](const std::string& name) -> std::optional<std::string> {
            const auto found = environment.find(name);
            return found == environment.end() ? std::nullopt : std::optional(found->second);
        };
    }
    void become_pod() {
        places.service_account = dir.path("");
        while (places.service_account.ends_with('/')) {
            places.service_account.pop_back();
        }
        dir.write("token", "pods-token\n");
        environment["KUBERNETES_SERVICE_HOST"] = "10.96.0.1";
        environment["KUBERNETES_SERVICE_PORT"] = "6443";
    }
    Result<std::optional<kubernetes::Connection>> find() { return find_cluster(places, clock); }
};

}  // namespace

TEST_CASE("where the cluster is looked for, in order") {
    Place place;
    CHECK_FALSE((*place.find()).has_value());
    const std::string by_environment =
        place.dir.write("env.yaml", kubeconfig("server: 'http://127.0.0.1:1'", "token: e"));
    const std::string configured =
        place.dir.write("own.yaml", kubeconfig("server: 'https://own:6443/k8s/c-1'", "token: o"));
    place.environment["KUBECONFIG"] = ":" + place.dir.path("missing.yaml") + ":" + by_environment;
    auto found = place.find();
    REQUIRE(found.has_value());
    CHECK((*found)->server.to_string() == "http://127.0.0.1:1");
    CHECK((*found)->setting.empty());

    place.become_pod();
    found = place.find();
    REQUIRE(found.has_value());
    CHECK((*found)->source == "service account");
    CHECK((*found)->server.to_string() == "https://10.96.0.1:6443");
    CHECK(*(*found)->credentials.authorization() == "Bearer pods-token");
    CHECK_FALSE((*found)->tls.system_roots);

    place.places.kubeconfig = configured;
    found = place.find();
    REQUIRE(found.has_value());
    CHECK((*found)->server.to_string() == "https://own:6443/k8s/c-1");
    CHECK((*found)->setting == "meshscope.kubernetes.kubeconfig");
    CHECK((*found)->source == "kubeconfig " + configured + ", context demo");

    place.places.enabled = false;
    CHECK_FALSE((*place.find()).has_value());
}

TEST_CASE("a pod without a token is no pod; what is demanded and not there is an error") {
    Place place;
    place.environment["KUBERNETES_SERVICE_HOST"] = "fd00::1";
    place.environment["KUBERNETES_SERVICE_PORT"] = "6443";
    CHECK_FALSE((*place.find()).has_value());
    place.places.enabled = true;
    const auto none = place.find();
    REQUIRE(none.has_error());
    CHECK(none.error().hint().setting == "meshscope.kubernetes.kubeconfig");
    place.become_pod();
    place.environment["KUBERNETES_SERVICE_HOST"] = "fd00::1";
    CHECK((*place.find())->server.to_string() == "https://[fd00::1]:6443");
}

TEST_CASE("a kubeconfig's trust, identity and impersonation") {
    Place place;
    const std::string token = place.dir.write("user-token", "from a file\n");
    place.places.kubeconfig = place.dir.write(
        "own.yaml",
        kubeconfig(
            "server: 'https://own:6443', tls-server-name: kubernetes, proxy-url: "
            "'http://proxy:3128', "
            "certificate-authority: ca.pem",
            "tokenFile: " + token + ", as: robot, as-groups: [a, b]"
        )
    );
    place.dir.write("ca.pem", "x");
    const auto found = place.find();
    REQUIRE(found.has_value());
    const kubernetes::Connection& connection = **found;
    CHECK(connection.tls.server_name == "kubernetes");
    CHECK(connection.tls.ca_files == std::vector<std::string>{place.dir.path("ca.pem")});
    CHECK_FALSE(connection.tls.system_roots);
    CHECK(connection.proxy->to_string() == "http://proxy:3128");
    CHECK(*connection.credentials.authorization() == "Bearer from a file");
    using Header = std::pair<std::string, std::string>;
    CHECK(
        connection.impersonation ==
        std::vector<Header>{
            {"Impersonate-User", "robot"},
            {"Impersonate-Group", "a"},
            {"Impersonate-Group", "b"},
        }
    );
}

TEST_CASE("a kubeconfig's program is run where that is allowed, and told of its cluster") {
    Place place;
    place.places.run_programs = true;
    // It gives what it was told as its token.
    const std::string program = place.dir.write(
        "get-token",
        "#!/bin/sh\n"
        "told=$(printf '%s' \"$KUBERNETES_EXEC_INFO $1 $WHO\" | tr -d '\"{}\\\\')\n"
        "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",'\n"
        "echo '\"status\":{\"token\":\"'\"$told\"'\"}}'\n"
    );
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    place.dir.write("ca.pem", "an authority");
    place.places.kubeconfig = place.dir.write(
        "own.yaml",
        kubeconfig(
            "server: 'https://own:6443', certificate-authority: ca.pem",
            "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./get-token, "
            "args: [please], env: [{name: WHO, value: me}], provideClusterInfo: true}"
        )
    );
    const auto found = place.find();
    REQUIRE(found.has_value());
    const Credentials& credentials = (*found)->credentials;
    auto said = credentials.authorization();
    for (int i = 0; i < 2'000 && !said; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        said = credentials.authorization();
    }
    REQUIRE(said.has_value());
    CHECK(
        *said ==
        "Bearer kind:ExecCredential,apiVersion:client.authentication.k8s.io/v1,"
        "spec:interactive:false,cluster:server:https://own:6443,"
        "certificate-authority-data:YW4gYXV0aG9yaXR5 please me"
    );
}

TEST_CASE("what cannot be used is refused with its file, never passed over, and shows no secret") {
    struct Row {
        const char* cluster;
        const char* user;
        const char* said;
    };
    const Row rows[] = {
        {"server: 'http://own:8080'", "token: s3cret", "unencrypted"},
        {"server: 'https://own'",
         "exec: {apiVersion: client.authentication.k8s.io/v1, command: get-token}",
         "exec: get-token"},
    };
    for (const Row& row : rows) {
        INFO(row.said);
        Place place;
        place.become_pod();
        place.places.kubeconfig = place.dir.write("own.yaml", kubeconfig(row.cluster, row.user));
        const auto found = place.find();
        REQUIRE(found.has_error());
        CHECK(found.error().message().find(row.said) != std::string::npos);
        CHECK(found.error().message().find("own.yaml") != std::string::npos);
        CHECK(found.error().message().find("s3cret") == std::string::npos);
    }
    Place refusing;
    refusing.places.kubeconfig = refusing.dir.write(
        "own.yaml",
        kubeconfig(
            "server: 'https://own'",
            "exec: {apiVersion: client.authentication.k8s.io/v1, command: get-token}"
        )
    );
    CHECK(refusing.find().error().hint().setting == "clustering.enable_exec_provider");
    Place missing;
    missing.places.kubeconfig = missing.dir.path("none.yaml");
    CHECK(missing.find().has_error());
    Place anonymous;
    anonymous.places.kubeconfig =
        anonymous.dir.write("own.yaml", kubeconfig("server: 'http://own:8080'", ""));
    CHECK(anonymous.find().has_value());
}
