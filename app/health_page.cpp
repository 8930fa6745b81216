#include "app/health_page.hpp"

#include "app/addresses.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::app {

Result<HealthPage> health_page(const std::string& configured, clients::HttpClientOptions upstream) {
    const std::size_t query = std::min(configured.find('?'), configured.size());
    auto url = clients::parse_url(configured.substr(0, query));
    if (!url) {
        return unusable_address(upstream.setting_prefix, "health_check_url", url.error().message());
    }
    const bool same_place = url->https == upstream.base.https && url->host == upstream.base.host &&
                            url->port_or_default() == upstream.base.port_or_default();
    if (!same_place) {
        upstream.credentials = {};
        upstream.authorizer.reset();
    }
    upstream.custom_headers.clear();
    upstream.url_setting = "health_check_url";
    HealthPage page;
    page.target = (url->path.empty() ? "/" : url->path) + configured.substr(query);
    url->path.clear();
    upstream.base = std::move(*url);
    page.http = std::move(upstream);
    return page;
}

}  // namespace meshscope::app
