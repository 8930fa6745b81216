#include "console/pages.hpp"

#include "core/text.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace meshscope::console {

namespace {

using server::Request;
using server::Response;

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src "
    "'self'; connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'none'; "
    "frame-ancestors 'none'";

// Whether an Accept-Encoding names this coding and does not refuse it with a weight of 0.
bool takes(std::string_view accept_encoding, std::string_view coding) {
    for (const std::string_view item : split(accept_encoding, ',')) {
        const auto parts = split(item, ';');
        if (!iequals(trim(parts.front()), coding)) {
            continue;
        }
        if (parts.size() < 2) {
            return true;
        }
        std::string_view weight = trim(parts[1]);
        if (!iequals(weight.substr(0, 2), "q=")) {
            return false;
        }
        weight.remove_prefix(2);
        return weight.find_first_of("123456789") != std::string_view::npos;
    }
    return false;
}

// Whether one of the tags of If-None-Match is this one, or that of a packed twin of it.
bool is_known(std::string_view if_none_match, std::string_view etag) {
    const std::string_view inner = etag.substr(1, etag.size() - 2);
    for (std::string_view given : split(if_none_match, ',')) {
        given = trim(given);
        if (given == "*") {
            return true;
        }
        if (given.starts_with("W/")) {
            given.remove_prefix(2);
        }
        if (given.size() < 2 || !given.starts_with('"') || !given.ends_with('"')) {
            continue;
        }
        given = given.substr(1, given.size() - 2);
        if (given == inner || (given.starts_with(inner) && given.substr(inner.size()) == "-br") ||
            (given.starts_with(inner) && given.substr(inner.size()) == "-gzip")) {
            return true;
        }
    }
    return false;
}

struct Coded {
    const std::string* bytes = nullptr;
    std::string_view coding;  // "" for the plain bytes
};

Coded choose(const File& file, std::string_view accept_encoding) {
    if (!file.brotli.empty() && takes(accept_encoding, "br")) {
        return {&file.brotli, "br"};
    }
    if (!file.gzip.empty() && takes(accept_encoding, "gzip")) {
        return {&file.gzip, "gzip"};
    }
    return {&file.plain, ""};
}

Response not_found() {
    Response response = Response::text("there is no such file\n", 404);
    response.headers.add("Cache-Control", "no-store");
    return response;
}

// A path that names a file, not a place in the console: an asset, or one name with a dot.
bool names_a_file(std::string_view path) {
    return path.starts_with("assets/") ||
           (path.find('/') == std::string_view::npos && path.find('.') != std::string_view::npos);
}

class Pages {
 public:
    Pages(std::shared_ptr<const Files> files, bool packed)
        : files_(std::move(files)), page_(&files_->at("index.html")), packed_(packed) {}

    [[nodiscard]] Response answer(const Request& request) const {
        const std::string_view path = request.path_parameter("path");
        const auto found = files_->find(path);
        if (found != files_->end()) {
            return send(found->second, request);
        }
        return names_a_file(path) ? not_found() : send(*page_, request);
    }

 private:
    [[nodiscard]] Response send(const File& file, const Request& request) const {
        const bool twins = packed_ && !(file.gzip.empty() && file.brotli.empty());
        const std::string_view accept = request.headers.get("Accept-Encoding").value_or("");
        const Coded coded = twins ? choose(file, accept) : Coded{&file.plain, ""};
        Response response;
        response.content_type = file.content_type;
        std::string etag = file.etag;
        if (!coded.coding.empty()) {
            etag.insert(etag.size() - 1, "-" + std::string(coded.coding));
        } else if (!twins) {
            etag.insert(0, "W/");  // the server may pack it on the way
        }
        response.headers.add("ETag", std::move(etag));
        response.headers.add(
            "Cache-Control", file.forever ? "public, max-age=31536000, immutable" : "no-cache"
        );
        if (twins) {
            response.headers.add("Vary", "Accept-Encoding");
        }
        response.headers.add("Content-Security-Policy", std::string(kPolicy));
        response.headers.add("Cross-Origin-Opener-Policy", "same-origin");
        const std::optional<std::string_view> known = request.headers.get("If-None-Match");
        if (known && is_known(*known, file.etag)) {
            response.status = 304;
            response.content_type.clear();
            return response;
        }
        if (!coded.coding.empty()) {
            response.headers.add("Content-Encoding", std::string(coded.coding));
        }
        response.body = *coded.bytes;
        return response;
    }

    std::shared_ptr<const Files> files_;
    const File* page_;
    bool packed_;
};

Awaitable<Response> page(std::shared_ptr<const Pages> pages, const Request& request) {
    co_return pages->answer(request);
}

Awaitable<Response> lead_to(std::string where) { co_return Response::redirect(std::move(where)); }

}  // namespace

std::string pages_base(std::string_view web_root) {
    return (web_root == "/" ? std::string() : std::string(web_root)) + "/console/";
}

void add_pages(
    server::Router& router, std::shared_ptr<const Files> files, const PageOptions& options
) {
    const server::RouteOptions quiet{.quiet = true};
    auto pages = std::make_shared<const Pages>(std::move(files), options.packed);
    server::Handler of_path = [pages](RequestContext /*context*/, const Request& request) {
        return page(pages, request);
    };
    router.add(server::Method::kGet, "/console/{path...}", std::move(of_path), quiet);
    server::Handler of_root = [base = pages_base(options.web_root)](
                                  RequestContext /*context*/, const Request& /*request*/
                              ) { return lead_to(base); };
    router.add(server::Method::kGet, "/", std::move(of_root), quiet);
}

}  // namespace meshscope::console
