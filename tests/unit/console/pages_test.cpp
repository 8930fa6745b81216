#include "console/pages.hpp"

#include "tests/support/run_coroutine.hpp"
#include "tests/support/scratch_dir.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace meshscope;
using server::Method;
using server::Response;

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

// A built console of a few small files.
struct Built {
    test::ScratchDir folder;

    Built() {
        std::filesystem::create_directory(folder.path("assets"));
        write("index.html", R"(<html><head><base href="./"></head></html>)");
        write("favicon.svg", "<svg/>");
        write("assets/app-1a2b.js", "plain script");
        write("assets/app-1a2b.js.br", "brotli bytes");
        write("assets/app-1a2b.js.gz", "gzip bytes");
        write("assets/app-1a2b.css", "a{}");
    }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder.path(name), std::ios::binary) << text;
    }
    [[nodiscard]] Result<console::Files> read(const std::string& base = "/console/") const {
        return console::read_folder(folder.path(""), base);
    }
};

struct Pages {
    server::Router router;

    explicit Pages(const Built& built, const console::PageOptions& options = {}) {
        auto files = built.read(console::pages_base(options.web_root));
        REQUIRE(files.has_value());
        add_pages(router, std::make_shared<const console::Files>(std::move(*files)), options);
    }
    [[nodiscard]] Response get(const std::string& path, const Fields& fields = {}) const {
        auto match = router.match(Method::kGet, path);
        auto* matched = std::get_if<server::Matched>(&match);
        REQUIRE(matched != nullptr);
        server::Request request;
        request.path_parameters = matched->parameters;
        for (const auto& [name, value] : fields) {
            request.headers.add(name, value);
        }
        return test::run_coroutine<Response>([&] {
            return matched->route->handler(RequestContext{}, request);
        });
    }
};

std::string header(const Response& response, std::string_view name) {
    return std::string(response.headers.get(name).value_or(""));
}

const std::string& body(const Response& response) { return std::get<std::string>(response.body); }

bool is_page(const Response& response) {
    return response.status == 200 && body(response).find("<html>") == 0;
}

}  // namespace

TEST_CASE("files, deep links and paths of no file", "[console]") {
    const Built built;
    const Pages pages(built);
    for (const char* path :
         {"/console",
          "/console/",
          "/console/overview",
          "/console/namespaces/book.info/workloads/reviews.v1",
          "/console/index.html",
          "/console/traces/0af7651916cd43dd8448eb211c80319c"}) {
        INFO(path);
        const Response response = pages.get(path);
        CHECK(is_page(response));
        CHECK(header(response, "Cache-Control") == "no-cache");
    }
    for (const char* path :
         {"/console/assets/none-1.js",
          "/console/assets",
          "/console/robots.txt",
          "/console/..%2findex.html",
          "/console/assets/../../secret"}) {
        INFO(path);
        const auto match = pages.router.match(Method::kGet, path);
        if (std::holds_alternative<server::Matched>(match)) {
            const Response response = pages.get(path);
            CHECK((response.status == 404 || is_page(response)));
        }
    }
    CHECK(pages.get("/console/assets/none-1.js").status == 404);
    CHECK(pages.get("/console/robots.txt").status == 404);
    CHECK(pages.get("/console/favicon.svg").content_type == "image/svg+xml");
    CHECK(pages.get("/console/assets/app-1a2b.css").content_type == "text/css; charset=utf-8");
    CHECK(header(pages.get("/"), "Location") == "/console/");
}

TEST_CASE("the page's base follows the web root", "[console]") {
    const Built built;
    const Pages root(built);
    CHECK(body(root.get("/console/")).find(R"(<base href="/console/">)") != std::string::npos);
    const Pages below(built, {.web_root = "/a/kiali"});
    CHECK(
        body(below.get("/console/")).find(R"(<base href="/a/kiali/console/">)") != std::string::npos
    );
    CHECK(header(below.get("/"), "Location") == "/a/kiali/console/");
    const auto odd = built.read("/a\"><script>/console/");
    CHECK(odd->at("index.html").plain.find("<script>") == std::string::npos);
}

TEST_CASE("the coding is what the browser takes and what was packed", "[console]") {
    const Built built;
    const Pages pages(built);
    struct Row {
        std::string accepts;
        std::string coding;
        std::string sent;
    };
    for (const Row& row : std::vector<Row>{
             {"", "", "plain script"},
             {"gzip, deflate, br, zstd", "br", "brotli bytes"},
             {"gzip", "gzip", "gzip bytes"},
             {"GZIP;q=0.5", "gzip", "gzip bytes"},
             {"br;q=0, gzip;q=1.0", "gzip", "gzip bytes"},
             {"br;q=0.0", "", "plain script"},
             {"identity", "", "plain script"},
             {"zstd", "", "plain script"}
         }) {
        INFO(row.accepts);
        const Fields fields{{"Accept-Encoding", row.accepts}};
        const Response response = pages.get("/console/assets/app-1a2b.js", fields);
        CHECK(header(response, "Content-Encoding") == row.coding);
        CHECK(body(response) == row.sent);
        CHECK(header(response, "Vary") == "Accept-Encoding");
        CHECK(response.content_type == "text/javascript; charset=utf-8");
        CHECK(header(response, "Cache-Control") == "public, max-age=31536000, immutable");
    }
    const Pages unpacked(built, {.web_root = "/", .packed = false});
    const Response response =
        unpacked.get("/console/assets/app-1a2b.js", {{"Accept-Encoding", "br, gzip"}});
    CHECK(body(response) == "plain script");
}

TEST_CASE("what the browser has already is not sent again", "[console]") {
    const Built built;
    const Pages pages(built);
    const std::string path = "/console/assets/app-1a2b.js";
    const std::string plain = header(pages.get(path), "ETag");
    const std::string packed = header(pages.get(path, {{"Accept-Encoding", "br"}}), "ETag");
    CHECK(plain != packed);
    for (const std::string& given :
         {plain, packed, "W/" + plain, "\"other\", " + packed, std::string("*")}) {
        INFO(given);
        const Response response = pages.get(path, {{"If-None-Match", given}});
        CHECK(response.status == 304);
        CHECK(body(response).empty());
        CHECK(header(response, "ETag") == plain);
    }
    for (const std::string& given :
         {std::string("\"other\""), std::string("nonsense"), plain + "x"}) {
        INFO(given);
        CHECK(pages.get(path, {{"If-None-Match", given}}).status == 200);
    }
    const std::string page = header(pages.get("/console/"), "ETag");
    CHECK(pages.get("/console/overview", {{"If-None-Match", page}}).status == 304);
    CHECK(header(Pages(built, {.web_root = "/x"}).get("/console/"), "ETag") != page);
}

TEST_CASE("scripts and styles come from here only", "[console]") {
    const Built built;
    const Pages pages(built);
    for (const char* path : {"/console/", "/console/assets/app-1a2b.js"}) {
        const std::string policy = header(pages.get(path), "Content-Security-Policy");
        CHECK(policy.find("default-src 'none'") == 0);
        CHECK(policy.find("script-src 'self';") != std::string::npos);
        CHECK(policy.find("unsafe") == std::string::npos);
    }
}

TEST_CASE("a folder that is no console is refused with its reason", "[console]") {
    const test::ScratchDir empty;
    CHECK(console::read_folder(empty.path(""), "/console/").error().kind() == ErrorKind::kNotFound);
    const Built built;
    built.write("index.html", "<html></html>");
    const auto refused = built.read();
    CHECK(refused.error().kind() == ErrorKind::kInvalidArgument);
    CHECK(refused.error().message().find("index.html") != std::string::npos);
}
