#include "tests/bench/cluster_api.hpp"

#include "tests/bench/api_objects.hpp"
#include "tests/bench/sockets.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::bench {

namespace {

std::string response_of(std::string_view body) { return response_head(body.size()).append(body); }

// The value of a parameter of a target, "" when it is not there.
std::string_view parameter(std::string_view target, std::string_view name) {
    const std::size_t at = target.find(name);
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view value = target.substr(at + name.size());
    return value.substr(0, value.find('&'));
}

// The token of the next page; it stands in front of the items.
std::string token_of(std::string_view body) {
    constexpr std::string_view kToken = R"("continue":")";
    const std::string_view head = body.substr(0, body.find(R"("items":)"));
    const std::size_t at = head.find(kToken);
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view token = head.substr(at + kToken.size());
    return std::string(token.substr(0, token.find('"')));
}

struct List {
    std::vector<std::string> pages;
    ApiList raw;                        // without items
    std::vector<nlohmann::json> trees;  // of its items
};

std::map<std::string, List, std::less<>> make_lists(Pages pages) {
    std::map<std::string, List, std::less<>> lists;
    for (ApiList& raw : make_cluster()) {
        List& list = lists[raw.path];
        for (std::size_t first = 0; first == 0 || first < raw.items.size(); first += kPageItems) {
            if (pages == Pages::kReady) {
                list.pages.push_back(page_of(raw, first));
            }
        }
        for (const std::string& item : raw.items) {
            if (pages == Pages::kWritten) {
                list.trees.push_back(nlohmann::json::parse(item));
            }
        }
        list.raw = std::move(raw);
        for (std::string& item : list.raw.items) {
            std::string().swap(item);
        }
    }
    return lists;
}

std::string written_page(const List& list, std::size_t first) {
    ApiList page = list.raw;
    const std::size_t end = std::min(first + kPageItems, list.trees.size());
    for (std::size_t i = first; i < end; ++i) {
        page.items[i] = list.trees[i].dump();
    }
    return page_of(page, first);
}

}  // namespace

void run_cluster_api(std::uint16_t port, Pages pages) {
    const std::map<std::string, List, std::less<>> lists = make_lists(pages);
    const std::string version = response_of(R"({"major":"1","minor":"31","gitVersion":"v1.31.0"})");
    const std::string watch =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    std::atomic<std::uint64_t> bytes{0};
    serve(port, [&](std::string_view target, std::string_view) -> std::string_view {
        static thread_local std::string counted;
        if (target == "/bytes") {
            counted = response_of(std::to_string(bytes.load()));
            return counted;
        }
        if (target == "/version") {
            return version;
        }
        const auto found = lists.find(target.substr(0, target.find('?')));
        if (found == lists.end()) {
            return missing;
        }
        if (!parameter(target, "watch=").empty()) {
            return watch;
        }
        const std::string_view token = parameter(target, "continue=");
        const std::size_t first = token.empty() ? 0 : std::stoul(std::string(token));
        const List& list = found->second;
        static thread_local std::string written;
        if (pages == Pages::kWritten) {
            written = written_page(list, first);
        }
        const std::string& page =
            pages == Pages::kWritten ? written : list.pages.at(first / kPageItems);
        bytes += page.size();
        return page;
    });
}

ClusterApi::ClusterApi(const std::string& program, Pages pages)
    : port_(free_port()),
      child_(std::vector<std::string>{
          program,
          "--cluster-api",
          std::to_string(port_),
          pages == Pages::kReady ? "ready" : "written"
      }) {
    wait_for_port(port_);
}

std::uint64_t ClusterApi::bytes() const {
    return std::stoull(Connection::open(port_).get("/bytes", "", true).body);
}

std::uint64_t ClusterApi::download() const {
    std::uint64_t bytes = 0;
    Connection connection = Connection::open(port_);
    for (const std::string& path : list_paths()) {
        std::string token;
        do {
            std::string target = path + "?limit=500";
            if (!token.empty()) {
                target += "&continue=" + token;
            }
            const Connection::Answer page = connection.get(target, "", true);
            bytes += page.head.size() + page.body.size();
            token = token_of(page.body);
        } while (!token.empty());
    }
    return bytes;
}

}  // namespace meshscope::bench
