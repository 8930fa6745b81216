#include "demo/jaeger/ui_page.hpp"

namespace meshscope::demo {

std::string ui_page(std::string_view base_path, std::string_view version) {
    std::string page =
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n<base href=\"";
    page += base_path;
    page +=
        "/\" data-inject-target=\"BASE_URL\" />\n<title>Jaeger UI</title>\n<script>\n"
        "const JAEGER_VERSION = {\"gitCommit\":\"5d3f0b6c2c1e\",\"gitVersion\":\"";
    page += version;
    page +=
        "\",\"buildDate\":\"2026-07-19T00:00:00Z\"};\n"
        "const JAEGER_BACKEND_CAPABILITIES = {\"archiveStorage\":false,\"metricsStorage\":false,"
        "\"searchWithoutServiceName\":true,\"aiAssistant\":false};\n"
        "</script>\n</head>\n<body><div id=\"jaeger-ui-root\"></div>\n"
        "<p>A simulated Jaeger: it answers queries and has no pages.</p>\n</body>\n</html>\n";
    return page;
}

}  // namespace meshscope::demo
