#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace meshscope::bench {

// Answers each method ("/package.Service/Method") with the same serialized messages, whatever is
// asked; other methods are UNIMPLEMENTED. Never copies what it sends. Runs until destroyed.
class GrpcReplay {
 public:
    using Answers = std::map<std::string, std::vector<std::string>>;
    // `on_call` is called with the method of each call that is answered, from any thread.
    GrpcReplay(
        std::uint16_t port,
        const Answers& answers,
        std::function<void(const std::string& method)> on_call
    );
    ~GrpcReplay();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::bench
