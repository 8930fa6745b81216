#include "handlers/session_cookie.hpp"

#include "core/json_object.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "core/time_text.hpp"
#include "handlers/client_address.hpp"
#include "handlers/cross_site.hpp"
#include "server/sealed_cookies.hpp"

#include <cstddef>
#include <utility>

namespace meshscope::handlers {

namespace {

using business::Presented;
using business::Session;

constexpr std::string_view kExtra = "Impersonate-Extra-";

bool is_secure(const Parts& parts, const server::Request& request) {
    if (request.tls || public_origin(parts.address, request).starts_with("https:")) {
        return true;
    }
    // Of several proxies the first one stands before the browser.
    const std::string_view listed = request.headers.get("X-Forwarded-Proto").value_or("");
    return parts.address.scheme.empty() &&
           iequals(trim(listed.substr(0, listed.find(','))), "https");
}

std::string bearer_of(const server::Headers& headers) {
    constexpr std::string_view kScheme = "Bearer ";
    const std::string_view value = headers.get("Authorization").value_or("");
    if (!iequals(value.substr(0, kScheme.size()), kScheme)) {
        return {};
    }
    return std::string(trim(value.substr(kScheme.size())));
}

void read_impersonation(const server::Headers& headers, Presented& presented) {
    bool named = false;
    for (const auto& [name, value] : headers.items()) {
        if (iequals(name, "Impersonate-User")) {
            presented.several_users = named;
            presented.impersonate_user = value;
            named = true;
        } else if (iequals(name, "Impersonate-Group")) {
            presented.impersonate_groups.push_back(value);
        } else if (name.size() > kExtra.size() &&
                   iequals(std::string_view(name).substr(0, kExtra.size()), kExtra)) {
            const std::string key = to_lower(std::string_view(name).substr(kExtra.size()));
            presented.impersonate_extra.emplace_back(
                percent_decode(key, false).value_or(key), value
            );
        }
    }
}

}  // namespace

std::string session_text(const Session& session) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().field("cluster", session.cluster);
    json.field("expiresOn", format_rfc3339(session.expires)).key("payload").begin_object();
    if (!session.subject.empty()) {
        json.field("subject", session.subject);
    }
    json.field("token", session.token).end_object();
    json.field("sessionId", session.session_id).field("strategy", session.strategy).end_object();
    return text;
}

std::optional<Session> parse_session(std::string_view text) {
    const auto object = JsonObject::parse(text);
    const auto payload = object ? object->object("payload") : std::nullopt;
    const auto expires = object ? object->text("expiresOn") : std::nullopt;
    const auto nanos = expires ? parse_rfc3339(*expires) : std::nullopt;
    if (!payload || !nanos) {
        return std::nullopt;
    }
    Session session;
    session.strategy = object->text("strategy").value_or("");
    session.cluster = object->text("cluster").value_or("");
    session.session_id = object->text("sessionId").value_or("");
    session.expires = from_micros(*nanos / 1000);
    session.token = payload->text("token").value_or("");
    session.subject = payload->text("subject").value_or("");
    return session;
}

Presented presented_of(const Parts& parts, const server::Request& request) {
    const LoginParts& login = *parts.login;
    Presented presented;
    presented.peer = client_address(request, login.trusted_proxies);
    presented.bearer = bearer_of(request.headers);
    const auto text = login.cookies->open(request);
    if (!text) {
        presented.broken_session = true;
    } else if (*text) {
        presented.session = parse_session(**text);
        presented.broken_session = !presented.session;
    }
    if (login.login->strategy() == business::Strategy::kHeader) {
        read_impersonation(request.headers, presented);
    }
    return presented;
}

Result<> write_session(
    const Parts& parts,
    const server::Request& request,
    const Session& session,
    server::Response& response
) {
    return parts.login->cookies->seal(
        request, session_text(session), session.expires, is_secure(parts, request), response
    );
}

void end_session(const Parts& parts, const server::Request& request, server::Response& response) {
    parts.login->cookies->clear(request, is_secure(parts, request), response);
}

}  // namespace meshscope::handlers
