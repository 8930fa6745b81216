#include "demo/kubernetes/list_pages.hpp"

#include "core/text.hpp"
#include "demo/jaeger/go_values.hpp"
#include "demo/kubernetes/status.hpp"
#include "demo/kubernetes/watch.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace meshscope::demo {
namespace {

// The token of a list whose version is gone: it goes on with what there is now.
constexpr std::int64_t kWhateverVersion = -1;

std::string token_of(std::int64_t version, const std::string& last) {
    return base64_encode(std::to_string(version) + "/" + last);
}

std::string key_of(const Object& object) { return object.ns + "/" + object.name; }

Error invalid(std::string_view name, std::string_view value) {
    return {
        ErrorKind::kInvalidArgument,
        "invalid value for " + std::string(name) + ": \"" + std::string(value) + "\""
    };
}

Result<> read_token(std::string_view token, ListPlan& plan) {
    const auto text = base64_decode(token);
    const std::size_t slash = text ? text->find('/') : std::string::npos;
    const auto version =
        slash == std::string::npos ? std::nullopt : parse_integer(text->substr(0, slash));
    if (!version) {
        return Error(ErrorKind::kInvalidArgument, "continue key is not valid");
    }
    plan.version = *version == kWhateverVersion ? std::nullopt : std::optional(*version);
    plan.exact = plan.version.has_value();
    plan.after = text->substr(slash + 1);
    return {};
}

}  // namespace

Result<ListPlan> list_plan(
    const HttpRequest& request, const Resource& resource, const std::string& ns
) {
    ListPlan plan;
    plan.resource = &resource;
    plan.ns = ns;
    auto selectors = Selectors::parse(
        request.first("labelSelector").value_or(""), request.first("fieldSelector").value_or("")
    );
    if (!selectors) {
        return selectors.error();
    }
    plan.selectors = *std::move(selectors);
    const auto number = [&request](std::string_view name) -> Result<std::optional<std::int64_t>> {
        const auto value = request.first(name);
        if (!value || value->empty()) {
            return std::optional<std::int64_t>();
        }
        const auto parsed = parse_integer(*value);
        if (!parsed || *parsed < 0) {
            return invalid(name, *value);
        }
        return parsed;
    };
    const auto limit = number("limit");
    const auto version = number("resourceVersion");
    const auto timeout = number("timeoutSeconds");
    for (const auto* each : {&limit, &version, &timeout}) {
        if (!*each) {
            return each->error();
        }
    }
    plan.limit = static_cast<std::size_t>(limit->value_or(0));
    plan.version = *version;
    plan.exact = request.first("resourceVersionMatch") == "Exact";
    plan.timeout = std::chrono::seconds(timeout->value_or(plan.timeout.count()));
    const std::string_view token = request.first("continue").value_or("");
    if (token.empty()) {
        return plan;
    }
    if (plan.version) {
        return Error(
            ErrorKind::kInvalidArgument,
            "specifying resource version is not allowed when using continue"
        );
    }
    if (const Result<> read = read_token(token, plan); !read) {
        return read.error();
    }
    return plan;
}

HttpReply list_page(LiveCluster& cluster, const ListPlan& plan, Answer answer) {
    ListInfo info;
    auto found = cluster.look([&](const ObjectStore& store) {
        info.version = plan.exact ? plan.version.value_or(0) : store.version();
        const auto checked =
            plan.version && *plan.version > store.version() ? *plan.version : info.version;
        return store.at(*plan.resource, checked);
    });
    if (!found && !plan.after.empty()) {
        return failure(
            410,
            "Expired",
            "The provided continue parameter is too old to display a consistent list result. You "
            "can start a new list without the continue parameter, or use the continue token in "
            "this response to retrieve the remainder of the results.",
            {"", "", "", 0, "", token_of(kWhateverVersion, plan.after)}
        );
    }
    if (!found) {
        return version_failure(found.error());
    }
    std::vector<ObjectPtr>& all = *found;
    const auto is_out = [&plan](const ObjectPtr& object) {
        return (!plan.ns.empty() && object->ns != plan.ns) || !plan.selectors.match(*object);
    };
    std::erase_if(all, is_out);
    if (!plan.after.empty()) {
        const auto key = std::pair(
            plan.after.substr(0, plan.after.find('/')), plan.after.substr(plan.after.find('/') + 1)
        );
        std::erase_if(all, [&key](const ObjectPtr& object) {
            return std::pair(object->ns, object->name) <= key;
        });
    }
    // Version 0 is answered from a cache that knows no pages.
    const bool paged = plan.limit != 0 && plan.version != 0;
    if (paged && all.size() > plan.limit) {
        if (plan.selectors.empty()) {
            info.remaining = static_cast<std::int64_t>(all.size() - plan.limit);
        }
        all.resize(plan.limit);
        info.next = token_of(info.version, key_of(*all.back()));
    }
    HttpReply reply;
    reply.body = list_text(*plan.resource, all, info, answer, cluster.now());
    return reply;
}

HttpReply not_acceptable() {
    return failure(
        406,
        "NotAcceptable",
        "only the following media types are accepted: application/json, "
        "application/json;as=Table;v=v1;g=meta.k8s.io, "
        "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
    );
}

}  // namespace meshscope::demo
