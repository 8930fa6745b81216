#include "clients/kubernetes/list_pages.hpp"

#include "core/text.hpp"

#include <iterator>
#include <utility>

namespace meshscope::clients::kubernetes {

namespace {

constexpr std::size_t kLongestHead = 8'192;  // of a page, in front of its items

}  // namespace

std::string list_path(const Resource& resource, std::string_view version, std::string_view ns) {
    std::string path =
        resource.group.empty() ? "/api/" : "/apis/" + std::string(resource.group) + "/";
    path += version;
    if (!ns.empty()) {
        path += "/namespaces/" + percent_encode(ns);
    }
    return path + "/" + std::string(resource.plural);
}

std::string list_accept(Detail detail) {
    return detail == Detail::kWhole
               ? "application/json"
               : "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/"
                 "json";
}

std::string object_accept(Detail detail) {
    return detail == Detail::kWhole
               ? "application/json"
               : "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
}

ListPages::ListPages(std::string path, const Patience& patience)
    : path_(std::move(path)),
      page_(patience.page),
      most_pages_(patience.most_pages),
      most_restarts_(patience.list_restarts) {}

std::string ListPages::target_of(const std::string& token) const {
    if (restarts_ > 1) {
        return path_;
    }
    const std::string target = path_ + "?limit=" + std::to_string(page_);
    return token.empty() ? target : target + "&continue=" + percent_encode(token);
}

std::string ListPages::target() const { return target_of(token_); }

std::string ListPages::target_behind(std::string_view body) const {
    constexpr std::string_view kToken = R"("continue":")";
    const std::string_view head = body.substr(0, kLongestHead);
    const std::size_t at = head.find(kToken);
    if (at == std::string_view::npos || at > head.find(R"("items":)")) {
        return {};
    }
    const std::string_view token = head.substr(at + kToken.size());
    const std::size_t end = token.find_first_of("\"\\");
    const bool whole = end != std::string_view::npos && end > 0 && token[end] == '"';
    return whole ? target_of(std::string(token.substr(0, end))) : std::string();
}

ListPages::Then ListPages::fail(std::string problem) {
    items_.clear();
    problem_ = std::move(problem);
    return Then::kFailed;
}

ListPages::Then ListPages::take(ListPage page) {
    dropped_ += page.dropped;
    if (page.resource_version.empty()) {
        return fail("the list says no resource version");
    }
    version_ = std::move(page.resource_version);
    if (items_.empty()) {
        items_ = std::move(page.items);
    } else {
        items_.insert(
            items_.end(),
            std::make_move_iterator(page.items.begin()),
            std::make_move_iterator(page.items.end())
        );
    }
    if (page.continue_token.empty()) {
        return Then::kDone;
    }
    if (++pages_ >= most_pages_ || page.continue_token == token_) {
        return fail("the pages of the list do not end");
    }
    token_ = std::move(page.continue_token);
    return Then::kMore;
}

ListPages::Then ListPages::expire() {
    if (++restarts_ > most_restarts_) {
        return fail("the list expires before its last page comes, again and again");
    }
    items_.clear();
    token_.clear();
    pages_ = 0;
    return Then::kMore;
}

}  // namespace meshscope::clients::kubernetes
