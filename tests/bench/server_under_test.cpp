#include "tests/bench/server_under_test.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace meshscope::bench {

namespace {

std::string configuration(
    std::uint16_t port, std::uint16_t metrics_port, const ServerSetup& setup
) {
    std::string text = fmt::format(
        "auth:\n  strategy: anonymous\n"
        "server:\n  address: 127.0.0.1\n  port: {}\n  web_root: /\n"
        "  observability:\n    metrics:\n      enabled: true\n      port: {}\n",
        port,
        metrics_port
    );
    if (!setup.own.empty()) {
        text += "meshscope:\n" + setup.own;
    }
    text += "external_services:\n  prometheus:\n";
    text += setup.prometheus.empty()
                ? "    enabled: false\n"
                : fmt::format("    url: {}\n    cache_enabled: false\n", setup.prometheus);
    text += "  tracing:\n";
    if (setup.jaeger.empty()) {
        return text + "    enabled: false\n";
    }
    return text + fmt::format(
                      "    enabled: true\n    in_cluster_url: {}\n    use_grpc: {}\n    "
                      "query_timeout: 120\n",
                      setup.jaeger,
                      setup.grpc
                  );
}

}  // namespace

ServerUnderTest::ServerUnderTest(const std::string& program, const ServerSetup& setup)
    : port_(free_port()) {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "meshscope-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("cannot make a folder for the server's configuration");
    }
    folder_ = pattern;
    const std::string file = folder_ + "/config.yaml";
    std::ofstream(file) << configuration(port_, free_port(), setup);
    child_ =
        std::make_unique<Child>(std::vector<std::string>{program, "--config", file, "-l", "warn"});
    wait_for_port(port_);
}

ServerUnderTest::~ServerUnderTest() {
    child_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

}  // namespace meshscope::bench
