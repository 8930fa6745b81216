#pragma once

#include "tests/bench/process.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace meshscope::bench {

// Where the pages of lists come from: they lie ready in memory, or are written when they are asked
// for, from a tree of each object (nlohmann_json), as an API server has to.
enum class Pages { kReady, kWritten };

// A Kubernetes API with the objects of api_objects.hpp: lists in pages of 500, watches in which
// nothing happens, kinds it does not have. Runs until it is ended.
[[noreturn]] void run_cluster_api(std::uint16_t port, Pages pages);

// It as a process of its own, ready when constructed.
class ClusterApi {
 public:
    ClusterApi(const std::string& program, Pages pages);  // `program`: this one

    [[nodiscard]] std::uint16_t port() const { return port_; }
    // Bytes of the pages it has sent so far.
    [[nodiscard]] std::uint64_t bytes() const;
    // Reads all lists one after the other, page by page, keeping nothing but the token of the next
    // page, over one connection. Their bytes.
    [[nodiscard]] std::uint64_t download() const;

 private:
    std::uint16_t port_;
    Child child_;
};

}  // namespace meshscope::bench
