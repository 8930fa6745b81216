#include "server/http_types.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace meshscope::server {

std::string_view to_string(Method method) {
    switch (method) {
        case Method::kGet:
            return "GET";
        case Method::kHead:
            return "HEAD";
        case Method::kPost:
            return "POST";
        case Method::kPut:
            return "PUT";
        case Method::kPatch:
            return "PATCH";
        case Method::kDelete:
            return "DELETE";
        case Method::kOptions:
            return "OPTIONS";
        case Method::kOther:
            return "OTHER";
    }
    return "OTHER";
}

void Headers::set(std::string_view name, std::string value) {
    const auto first =
        std::ranges::find_if(items_, [&](const auto& item) { return iequals(item.first, name); });
    if (first == items_.end()) {
        items_.emplace_back(std::string(name), std::move(value));
        return;
    }
    first->second = std::move(value);
    const auto others = std::remove_if(first + 1, items_.end(), [&](const auto& item) {
        return iequals(item.first, name);
    });
    items_.erase(others, items_.end());
}

void Headers::remove(std::string_view name) {
    std::erase_if(items_, [&](const auto& item) { return iequals(item.first, name); });
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
    for (const auto& [key, value] : items_) {
        if (iequals(key, name)) {
            return value;
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> Query::first(std::string_view name) const {
    for (const auto& [key, value] : items) {
        if (key == name) {
            return value;
        }
    }
    return std::nullopt;
}

std::vector<std::string_view> Query::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& [key, value] : items) {
        if (key == name) {
            values.emplace_back(value);
        }
    }
    return values;
}

Query parse_query(std::string_view text) {
    Query query;
    if (text.empty()) {
        return query;
    }
    for (const std::string_view pair : split(text, '&')) {
        if (pair.empty()) {
            continue;
        }
        const std::size_t equals = pair.find('=');
        const std::string_view raw_value =
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value = percent_decode(raw_value, true);
        if (name && value) {
            query.items.emplace_back(std::move(*name), std::move(*value));
        } else {
            query.malformed.emplace_back(pair);
        }
    }
    return query;
}

std::string_view Request::path_parameter(std::string_view name) const {
    for (const auto& [key, value] : path_parameters) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

Response Response::json(std::string body, unsigned status) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

Response Response::text(std::string body, unsigned status) {
    Response response;
    response.status = status;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(body);
    return response;
}

Response Response::stream(BodySource source) {
    Response response;
    response.body = std::move(source);
    return response;
}

Response Response::live(std::string content_type, std::shared_ptr<LiveBody> body) {
    Response response;
    response.content_type = std::move(content_type);
    response.headers.add("Cache-Control", "no-store");
    response.headers.add("X-Accel-Buffering", "no");
    response.body = std::move(body);
    return response;
}

Response Response::empty(unsigned status) {
    Response response;
    response.status = status;
    response.content_type.clear();
    return response;
}

Response Response::redirect(std::string location, unsigned status) {
    Response response = empty(status);
    response.headers.add("Location", std::move(location));
    return response;
}

}  // namespace meshscope::server
