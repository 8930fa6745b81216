#include "demo/kubernetes/status.hpp"

#include "core/json_writer.hpp"

namespace meshscope::demo {

std::string status_text(
    unsigned code, std::string_view reason, const std::string& message, const StatusDetails& details
) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("kind", "Status").field("apiVersion", "v1");
    json.key("metadata").begin_object();
    if (!details.next.empty()) {
        json.field("continue", details.next);
    }
    json.end_object();
    json.field("status", "Failure").field("message", message).field("reason", reason);
    json.key("details").begin_object();
    const auto said = [&json](std::string_view name, const std::string& text) {
        if (!text.empty()) {
            json.field(name, text);
        }
    };
    said("name", details.name);
    said("group", details.group);
    said("kind", details.kind);
    if (!details.cause.empty()) {
        json.key("causes").begin_array().begin_object();
        json.field("reason", details.cause).field("message", message).end_object().end_array();
    }
    if (details.retry_after_seconds != 0) {
        json.field("retryAfterSeconds", details.retry_after_seconds);
    }
    json.end_object().field("code", code).end_object();
    return out;
}

HttpReply failure(
    unsigned code, std::string_view reason, const std::string& message, const StatusDetails& details
) {
    HttpReply reply;
    reply.status = code;
    reply.body = status_text(code, reason, message, details);
    if (details.retry_after_seconds != 0) {
        reply.headers.emplace_back("Retry-After", std::to_string(details.retry_after_seconds));
    }
    return reply;
}

HttpReply bad_request(const std::string& message) { return failure(400, "BadRequest", message); }

HttpReply not_found(const std::string& qualified, std::string_view group, const std::string& name) {
    return failure(
        404,
        "NotFound",
        qualified + " \"" + name + "\" not found",
        {std::string(group), qualified.substr(0, qualified.find('.')), name, 0, "", ""}
    );
}

HttpReply forbidden(const User& user, const Attempt& attempt) {
    std::string what = attempt.resource.substr(0, attempt.resource.find('/'));
    if (!attempt.group.empty()) {
        what += "." + attempt.group;
    }
    std::string message = what;
    if (!attempt.name.empty()) {
        message += " \"" + attempt.name + "\"";
    }
    message += " is forbidden: User \"" + std::string(user.name) + "\" cannot " + attempt.verb +
               " resource \"" + attempt.resource + "\" in API group \"" + attempt.group + "\" ";
    message +=
        attempt.ns.empty() ? "at the cluster scope" : "in the namespace \"" + attempt.ns + "\"";
    return failure(
        403,
        "Forbidden",
        message,
        {attempt.group,
         attempt.resource.substr(0, attempt.resource.find('/')),
         attempt.name,
         0,
         "",
         ""}
    );
}

}  // namespace meshscope::demo
