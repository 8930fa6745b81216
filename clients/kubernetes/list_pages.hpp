#pragma once

#include "clients/kubernetes/decode.hpp"
#include "clients/kubernetes/patience.hpp"
#include "clients/kubernetes/resources.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::clients::kubernetes {

// "/api/v1/namespaces/team-a/pods"; `ns` empty: of all namespaces.
[[nodiscard]] std::string list_path(
    const Resource& resource, std::string_view version, std::string_view ns
);
// What lists, and what watches and single objects, are asked for as.
[[nodiscard]] std::string list_accept(Detail detail);
[[nodiscard]] std::string object_accept(Detail detail);

// One whole list, page by page. Pure.
class ListPages {
 public:
    ListPages(std::string path, const Patience& patience);

    [[nodiscard]] std::string target() const;  // of the next page
    // Of the page behind the one that is `body`, before that is read: where servers write the
    // token, in front of the items. "" when there is none or none can be seen there: a guess, that
    // holds when target() is the same after take().
    [[nodiscard]] std::string target_behind(std::string_view body) const;

    enum class Then : std::uint8_t { kMore, kDone, kFailed };
    Then take(ListPage page);
    // The pages' version is gone: again from the beginning, after the first time without pages,
    // which may take long but cannot expire. A token that the server offers to go on with is not
    // used: what changed in earlier pages meanwhile would never be seen.
    Then expire();

    [[nodiscard]] const std::string& problem() const { return problem_; }  // when failed
    [[nodiscard]] const std::string& resource_version() const { return version_; }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
    [[nodiscard]] std::vector<Decoded> take_items() { return std::move(items_); }

 private:
    [[nodiscard]] std::string target_of(const std::string& token) const;
    Then fail(std::string problem);

    const std::string path_;
    const std::size_t page_;
    const std::size_t most_pages_;
    const int most_restarts_;
    std::vector<Decoded> items_;
    std::string version_;
    std::string token_;
    std::string problem_;
    std::uint64_t dropped_ = 0;
    std::size_t pages_ = 0;
    int restarts_ = 0;
};

}  // namespace meshscope::clients::kubernetes
