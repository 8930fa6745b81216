#include "config/kubeconfig.hpp"

#include "core/text.hpp"
#include "tests/support/scratch_dir.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using meshscope::base64_encode;
using meshscope::config::KubeconfigFile;
using meshscope::config::KubeContext;
using meshscope::config::load_kubeconfig;
using meshscope::config::resolve_kubeconfig;

namespace {

const std::string kPem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

// A file with one context; `cluster` and `user` are lines of YAML flow maps.
std::string file(const std::string& cluster, const std::string& user) {
    return "apiVersion: v1\nkind: Config\ncurrent-context: demo\n"
           "contexts: [{name: demo, context: {cluster: c, user: u, namespace: shop}}]\n"
           "clusters: [{name: c, cluster: {" +
           cluster + "}}]\nusers: [{name: u, user: {" + user + "}}]\n";
}

KubeContext resolved(const std::string& cluster, const std::string& user) {
    const auto context = resolve_kubeconfig({{"/kube/config", file(cluster, user)}}, "");
    INFO(cluster << " | " << user);
    INFO((context ? "" : context.error().message()));
    REQUIRE(context.has_value());
    return *context;
}

std::string refusal(const std::vector<KubeconfigFile>& files, std::string_view context = {}) {
    const auto outcome = resolve_kubeconfig(files, context);
    return outcome ? "none" : outcome.error().message();
}

const std::string kServer = "server: https://api.example:6443";

}  // namespace

TEST_CASE("a cluster: where it is and what is trusted there") {
    const auto plain = resolved("server: https://api.example/k8s/clusters/c-1", "token: t");
    CHECK(plain.name == "demo");
    CHECK(plain.server == "https://api.example/k8s/clusters/c-1");
    CHECK(plain.ca_file.empty());
    CHECK_FALSE(plain.insecure_skip_tls_verify);

    const auto all = resolved(
        kServer +
            ", tls-server-name: other.example, certificate-authority: pki/ca.crt, "
            "proxy-url: 'http://proxy.example:3128', disable-compression: true, new-field: {a: 1}",
        ""
    );
    CHECK(all.tls_server_name == "other.example");
    CHECK(all.ca_file == "/kube/pki/ca.crt");
    CHECK(all.proxy_url == "http://proxy.example:3128");

    const auto inlined = resolved(
        kServer + ", certificate-authority: ignored.crt, certificate-authority-data: " +
            base64_encode(kPem),
        ""
    );
    CHECK(inlined.ca_pem == kPem);
    CHECK(inlined.ca_file.empty());
    CHECK(resolved(kServer + ", insecure-skip-tls-verify: true", "").insecure_skip_tls_verify);
}

TEST_CASE("base64 may be broken into lines and have a line end") {
    std::string encoded = base64_encode(kPem);
    encoded.insert(20, "\\n ");
    encoded.insert(40, "\\r\\n\\t");
    CHECK(
        resolved(kServer + ", certificate-authority-data: \"" + encoded + "\\n\"", "").ca_pem ==
        kPem
    );
}

TEST_CASE("the ways to log in") {
    CHECK(resolved(kServer, "token: '  t  '").token == "t");
    const auto both = resolved(kServer, "token: t, tokenFile: token");
    CHECK(both.token == "t");
    CHECK(both.token_file == "/kube/token");
    CHECK(resolved(kServer, "tokenFile: /var/token").token_file == "/var/token");

    const auto password = resolved(kServer, "username: u, password: p");
    CHECK(password.username == "u");
    CHECK(password.password == "p");

    const auto files = resolved(kServer, "client-certificate: ../a.crt, client-key: b.key");
    CHECK(files.certificate_file == "/a.crt");
    CHECK(files.key_file == "/kube/b.key");
    const std::string pem = base64_encode(kPem);
    const auto inlined = resolved(
        kServer,
        "client-certificate: a, client-certificate-data: " + pem + ", client-key: b, token: t"
    );
    CHECK(inlined.certificate_pem == kPem);
    CHECK(inlined.certificate_file.empty());
    CHECK(inlined.key_file == "/kube/b");
    CHECK(inlined.token == "t");

    const auto nobody = resolved(kServer, "");
    CHECK(nobody.token.empty());
    CHECK_FALSE(nobody.exec);
}

TEST_CASE("impersonation") {
    const auto context = resolved(
        kServer,
        "token: t, as: jane, as-uid: '7', as-groups: [a, b], as-user-extra: {scopes: [x, y], k: "
        "[z]}"
    );
    CHECK(context.as_user == "jane");
    CHECK(context.as_uid == "7");
    CHECK(context.as_groups == std::vector<std::string>{"a", "b"});
    using Extra = std::vector<std::pair<std::string, std::string>>;
    CHECK(context.as_extra == Extra{{"scopes", "x"}, {"scopes", "y"}, {"k", "z"}});
}

TEST_CASE("a program that gives credentials") {
    const auto context = resolved(
        kServer,
        "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: get-token, args: [a, "
        "'1'], "
        "env: [{name: K, value: v}, {name: EMPTY}], provideClusterInfo: true, interactiveMode: "
        "IfAvailable, "
        "installHint: install it}"
    );
    REQUIRE(context.exec);
    CHECK(context.exec->api_version == "client.authentication.k8s.io/v1beta1");
    CHECK(context.exec->command == "get-token");
    CHECK(context.exec->args == std::vector<std::string>{"a", "1"});
    using Variables = std::vector<std::pair<std::string, std::string>>;
    CHECK(context.exec->env == Variables{{"K", "v"}, {"EMPTY", ""}});
    CHECK(context.exec->provide_cluster_info);
    CHECK(context.exec->install_hint == "install it");
    const std::string v1 = "exec: {apiVersion: client.authentication.k8s.io/v1, command: ";
    CHECK(resolved(kServer, v1 + "./bin/get}").exec->command == "/kube/bin/get");
    CHECK(resolved(kServer, v1 + "/bin/get}").exec->command == "/bin/get");
}

TEST_CASE("what is wrong is refused with file and field, and without secrets") {
    struct Row {
        std::string cluster;
        std::string user;
        std::string said;
    };
    const std::string pem = base64_encode(kPem);
    const std::string exec = "exec: {apiVersion: client.authentication.k8s.io/v1, command: c";
    const std::vector<Row> rows = {
        {"", "", "cluster \"c\", server: must be a URL"},
        {"server: api.example", "", "server: must be a URL"},
        {"server: [a]", "", "server: must be text, not a list"},
        {kServer + ", insecure-skip-tls-verify: maybe",
         "",
         "insecure-skip-tls-verify: must be true or false"},
        {kServer + ", insecure-skip-tls-verify: true, certificate-authority: a",
         "",
         "insecure-skip-tls-verify: "},
        {kServer + ", insecure-skip-tls-verify: true, certificate-authority-data: " + pem,
         "",
         "insecure-skip-tls-verify: "},
        {kServer + ", certificate-authority-data: '%%'",
         "",
         "certificate-authority-data: must be PEM"},
        {kServer + ", certificate-authority-data: SECRETsecret",
         "",
         "certificate-authority-data: must be PEM"},
        {kServer + ", proxy-url: 'socks5://p:1080'",
         "",
         "proxy-url: only proxies of http:// are supported"},
        {kServer + ", proxy-url: 'https://p:1080'",
         "",
         "proxy-url: only proxies of http:// are supported"},
        {kServer, "auth-provider: {name: oidc}", "user \"u\", auth-provider: was removed"},
        {kServer, "auth-provider: {name: oidc}, token: SECRET", "auth-provider: was removed"},
        {kServer, "passkey: SECRET", "user \"u\", passkey: is no form of credentials"},
        {kServer, "token: SECRET, username: u", "has several of token, username and exec"},
        {kServer, "tokenFile: f, " + exec + "}", "has several of token, username and exec"},
        {kServer, "client-certificate: a", "client-key: is missing"},
        {kServer, "client-key-data: " + pem, "client-certificate: is missing"},
        {kServer,
         "client-certificate-data: SECRET, client-key: a",
         "client-certificate-data: must be PEM"},
        {kServer, "token: [SECRET]", "token: must be text"},
        {kServer, "as-groups: [a]", "as: is missing"},
        {kServer, "as-uid: a", "as: is missing"},
        {kServer, "as-user-extra: {a: [b]}", "as: is missing"},
        {kServer, "as: jane, as-groups: a", "as-groups: must be a list"},
        {kServer, "as: jane, as-user-extra: {a: b}", "as-user-extra, a: must be a list"},
        {kServer,
         "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: c}",
         "exec, apiVersion: must be"},
        {kServer, "exec: {apiVersion: client.authentication.k8s.io/v1}", "exec, command: is missing"
        },
        {kServer, exec + ", interactiveMode: Always}", "interactiveMode: Always needs a terminal"},
        {kServer, exec + ", env: [{value: SECRET}]}", "exec, env, name: must be"},
        {kServer, exec + ", env: {a: SECRET}}", "exec, env: must be a list"},
        {kServer, "exec: SECRET", "exec: must be a map"},
    };
    for (const Row& row : rows) {
        const std::string said = refusal({{"/kube/config", file(row.cluster, row.user)}});
        CAPTURE(row.cluster, row.user, said);
        CHECK(said.find(row.said) != std::string::npos);
        CHECK(said.starts_with("/kube/config: "));
        CHECK(said.find("SECRET") == std::string::npos);
    }
}

TEST_CASE("an unknown field beside credentials is ignored") {
    CHECK(resolved(kServer, "token: t, new-field: x").token == "t");
    CHECK(resolved(kServer, "extensions: [{name: x}], empty-field: '', null-field: null")
              .token.empty());
}

TEST_CASE("the context that is asked for, or the current one") {
    const std::string text =
        "current-context: two\n"
        "contexts: [{name: one, context: {cluster: c}}, {name: two, context: {cluster: c, user: "
        "u}},"
        " {name: no-cluster, context: {user: u}}, {name: no-user, context: {cluster: c, user: "
        "gone}},"
        " {name: empty}]\n"
        "clusters: [{name: c, cluster: {server: 'https://c.example'}}]\n"
        "users: [{name: u, user: {token: t}}]\n";
    const std::vector<KubeconfigFile> files = {{"/kube/config", text}};
    CHECK(resolve_kubeconfig(files, "")->token == "t");
    CHECK(resolve_kubeconfig(files, "one")->token.empty());
    CHECK(
        refusal(files, "three") ==
        R"(kubeconfig: no context "three"; there are "one", "two", "no-cluster", "no-user", "empty")"
    );
    CHECK(
        refusal(files, "no-cluster").find("cluster: there is no cluster \"\"") != std::string::npos
    );
    CHECK(refusal(files, "no-user").find("user: there is no user \"gone\"") != std::string::npos);
    CHECK(
        refusal(files, "empty").find("context \"empty\", cluster: there is no cluster") !=
        std::string::npos
    );
    CHECK(
        refusal({{"/kube/config", "current-context: ''"}}) ==
        "kubeconfig: no current-context; name one, there are none"
    );
    CHECK(
        refusal({{"/kube/config", "contexts: [{name: a}]"}}) ==
        "kubeconfig: no current-context; name one, there are \"a\""
    );
    CHECK(
        refusal({{"/kube/config", "current-context: gone"}}) ==
        R"(kubeconfig: no context "gone"; there are none)"
    );
    CHECK(refusal({{"/kube/config", ""}}).starts_with("kubeconfig: no current-context"));
}

TEST_CASE("JSON, anchors and line ends of other systems") {
    CHECK(
        resolve_kubeconfig(
            {{"/k",
              R"({"current-context":"d","contexts":[{"name":"d","context":{"cluster":"c","user":"u"}}],
                "clusters":[{"name":"c","cluster":{"server":"https://j.example"}}],
                "users":[{"name":"u","user":{"token":"t"}}]})"}},
            ""
        )
            ->server == "https://j.example"
    );
    CHECK(
        resolve_kubeconfig(
            {{"/k",
              "current-context: d\r\ncontexts:\r\n- name: d\r\n  context: &x {cluster: c, user: "
              "u}\r\n"
              "- name: e\r\n  context: *x\r\nclusters:\r\n- name: c\r\n  cluster:\r\n"
              "    server: https://c.example\r\nusers: [{name: u, user: {token: t}}]\r\n"}},
            "e"
        )
            ->server == "https://c.example"
    );
    CHECK(refusal({{"/k", "contexts: ["}}).starts_with("/k: line "));
    CHECK(refusal({{"/k", "- a"}}) == "/k: must be a map of fields");
    CHECK(refusal({{"/k", "clusters: {}"}}) == "/k: clusters: must be a list, not a map");
    CHECK(refusal({{"/k", "users: [5]"}}) == "/k: users: must be a map of fields");
    CHECK(
        refusal({{"/k", std::string(5'000'000, '#')}}).find("larger than 4 MiB") !=
        std::string::npos
    );
}

TEST_CASE("of several files the first to set a value wins; missing ones are passed over") {
    const meshscope::test::ScratchDir dir;
    const std::string first = dir.write(
        "first",
        "current-context: d\nusers: [{name: u, user: {tokenFile: token}}]\n"
        "clusters: [{name: c, cluster: {server: 'https://first.example'}}]\n"
    );
    const std::string second = dir.write(
        "second",
        "current-context: other\ncontexts: [{name: d, context: {cluster: c, user: u}}]\n"
        "users: [{name: u, user: {token: t}}]\nclusters: [{name: c, cluster: {server: "
        "'https://second.example'}}]\n"
    );
    const auto context = load_kubeconfig({dir.path("missing"), first, "", second}, "");
    REQUIRE(context.has_value());
    CHECK(context->name == "d");
    CHECK(context->server == "https://first.example");
    CHECK(context->token.empty());  // not mixed with the other user of that name
    CHECK(context->token_file == dir.path("token"));

    const auto none = load_kubeconfig({dir.path("a"), dir.path("b")}, "");
    REQUIRE_FALSE(none.has_value());
    CHECK(
        none.error().message() == dir.path("a") + ", " + dir.path("b") + ": there is no such file"
    );
    CHECK(load_kubeconfig({}, "").error().message() == "kubeconfig: no file is named");
    CHECK(
        load_kubeconfig({dir.path("")}, "").error().message().find("this is a directory") !=
        std::string::npos
    );
}
