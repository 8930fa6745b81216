#pragma once

#include <cstdint>
#include <string>

namespace meshscope::bench {

// A kubeconfig for an API server on that port, for as long as it exists.
class Kubeconfig {
 public:
    explicit Kubeconfig(std::uint16_t port);
    ~Kubeconfig();
    Kubeconfig(const Kubeconfig&) = delete;
    Kubeconfig& operator=(const Kubeconfig&) = delete;

    [[nodiscard]] std::string path() const { return folder_ + "/config"; }
    // The server's configuration that names it, below `meshscope`.
    [[nodiscard]] std::string setting() const;

 private:
    std::string folder_;
};

// Returns when the server there knows its cluster.
void wait_until_synced(std::uint16_t port);

}  // namespace meshscope::bench
