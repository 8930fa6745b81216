#pragma once

#include "console/folder.hpp"
#include "server/router.hpp"

#include <memory>
#include <string>

namespace meshscope::console {

struct PageOptions {
    std::string web_root = "/";  // no trailing slash unless "/"
    bool packed = true;          // send the packed twins to who takes them
};

// Where the pages are below the origin, with a '/' at both ends.
std::string pages_base(std::string_view web_root);

// GET / (which leads to the pages) and GET /console/..., open to everybody. `files` is not null and
// holds index.html.
void add_pages(
    server::Router& router, std::shared_ptr<const Files> files, const PageOptions& options
);

}  // namespace meshscope::console
