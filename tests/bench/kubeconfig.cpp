#include "tests/bench/kubeconfig.hpp"

#include "tests/bench/sockets.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace meshscope::bench {

Kubeconfig::Kubeconfig(std::uint16_t port) {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "meshscope-kube-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("cannot make a folder for a kubeconfig");
    }
    folder_ = pattern;
    std::ofstream(path()) << fmt::format(
        "apiVersion: v1\nkind: Config\ncurrent-context: bench\n"
        "clusters:\n- name: bench\n  cluster: {{server: 'http://127.0.0.1:{}'}}\n"
        "contexts:\n- name: bench\n  context: {{cluster: bench, user: bench}}\n"
        "users:\n- name: bench\n  user: {{token: bench}}\n",
        port
    );
}

Kubeconfig::~Kubeconfig() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string Kubeconfig::setting() const {
    return fmt::format("  kubernetes: {{kubeconfig: '{}'}}\n", path());
}

void wait_until_synced(std::uint16_t port) {
    using Clock = std::chrono::steady_clock;
    Connection connection = Connection::open(port);
    for (const auto until = Clock::now() + std::chrono::minutes(2); Clock::now() < until;) {
        if (connection.get("/readyz", "", false).status == 200) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    throw std::runtime_error("cluster: the server does not become ready");
}

}  // namespace meshscope::bench
