#pragma once

#include "demo/kubernetes/live_cluster.hpp"
#include "demo/net/http_message.hpp"

#include <string>
#include <string_view>

namespace meshscope::demo {

// What callers write is kept in memory, so much at most.
inline constexpr std::size_t kMostWritten = 1'000;
inline constexpr std::size_t kMostWrittenBytes = 32UL * 1024 * 1024;
inline constexpr std::size_t kMostWriteBody = 2UL * 1024 * 1024;

struct WritePlace {
    const Resource* resource = nullptr;
    std::string ns;    // "" cluster-scoped
    std::string name;  // "" a new one, named in the body
};

// "create", "patch", "delete"; "" for a method that does not write, or not there.
std::string_view verb_of_write(std::string_view method, bool to_all);

// Adds, patches (merge and strategic merge) or deletes an object that a caller has written, checked
// as the API server checks it: names, namespace, kind, fields nobody knows (`fieldValidation`), the
// kind's rules. `dryRun=All` keeps nothing. The mesh's own objects stay as they are (405). Nothing
// acts upon what is written: a Deployment gets no pods.
HttpReply kubernetes_write(
    LiveCluster& cluster, const HttpRequest& request, const WritePlace& place
);

}  // namespace meshscope::demo
