#include "tests/support/openapi_check.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <regex>
#include <set>

namespace meshscope::test {

namespace {

using Json = nlohmann::json;
using Problems = std::vector<std::string>;

bool has_type(const Json& value, const std::string& type) {
    if (type == "integer") {
        return value.is_number_integer();
    }
    return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
           (type == "string" && value.is_string()) || (type == "number" && value.is_number()) ||
           (type == "boolean" && value.is_boolean()) || (type == "null" && value.is_null());
}

bool has_one_type(const Json& value, const Json& types) {
    if (types.is_string()) {
        return has_type(value, types.get<std::string>());
    }
    return std::any_of(types.begin(), types.end(), [&](const Json& type) {
        return has_type(value, type.get<std::string>());
    });
}

}  // namespace

struct OpenApiCheck::Impl {
    Json contract;

    const Json& resolve(const Json& node) const {
        const auto reference = node.find("$ref");
        if (reference == node.end()) {
            return node;
        }
        return resolve(contract.at(Json::json_pointer(reference->get<std::string>().substr(1))));
    }

    void check(const Json& schema, const Json& value, const std::string& at, Problems& out) const {
        for (const auto& [keyword, rule] : schema.items()) {
            check_keyword(schema, keyword, rule, value, at, out);
        }
    }

    void check_keyword(
        const Json& schema,
        const std::string& keyword,
        const Json& rule,
        const Json& value,
        const std::string& at,
        Problems& out
    ) const {
        static const std::set<std::string> kNotes{"description", "format", "example", "default"};
        const auto fail = [&](const std::string& what) { out.push_back(at + ": " + what); };
        if (keyword == "$ref") {
            check(resolve(schema), value, at, out);
        } else if (keyword == "type") {
            if (!has_one_type(value, rule)) {
                fail("is " + value.dump().substr(0, 60) + ", not " + rule.dump());
            }
        } else if (keyword == "const" || keyword == "enum") {
            const bool found = keyword == "const"
                                   ? value == rule
                                   : std::find(rule.begin(), rule.end(), value) != rule.end();
            if (!found) {
                fail(value.dump() + " is not among " + rule.dump());
            }
        } else if (keyword == "oneOf") {
            check_one_of(rule, value, at, out);
        } else if (check_bound(keyword, rule, value)) {
            fail(value.dump().substr(0, 60) + " breaks " + keyword + " " + rule.dump());
        } else if (keyword == "items") {
            check_items(rule, value, at, out);
        } else if (keyword == "required") {
            check_required(rule, value, at, out);
        } else if (keyword == "properties" || keyword == "additionalProperties") {
            if (keyword == "properties" || !schema.contains("properties")) {
                check_members(schema, value, at, out);
            }
        } else if (!kNotes.contains(keyword) && !is_bound(keyword)) {
            fail("the schema uses '" + keyword + "', which this check does not know");
        }
    }

    static bool is_bound(const std::string& keyword) {
        static const std::set<std::string> kBounds{
            "minimum", "maximum", "minLength", "maxLength", "pattern", "minItems", "maxItems"
        };
        return kBounds.contains(keyword);
    }

    // True when the bound is broken.
    static bool check_bound(const std::string& keyword, const Json& rule, const Json& value) {
        if (value.is_number()) {
            return (keyword == "minimum" && value < rule) || (keyword == "maximum" && value > rule);
        }
        if (value.is_string()) {
            const auto& text = value.get_ref<const std::string&>();
            return (keyword == "minLength" && text.size() < rule.get<std::size_t>()) ||
                   (keyword == "maxLength" && text.size() > rule.get<std::size_t>()) ||
                   (keyword == "pattern" &&
                    !std::regex_search(text, std::regex(rule.get<std::string>())));
        }
        if (value.is_array()) {
            return (keyword == "minItems" && value.size() < rule.get<std::size_t>()) ||
                   (keyword == "maxItems" && value.size() > rule.get<std::size_t>());
        }
        return false;
    }

    void check_one_of(const Json& rule, const Json& value, const std::string& at, Problems& out)
        const {
        const auto matches = std::count_if(rule.begin(), rule.end(), [&](const Json& option) {
            Problems inner;
            check(option, value, at, inner);
            return inner.empty();
        });
        if (matches != 1) {
            out.push_back(at + ": matches " + std::to_string(matches) + " of the options");
        }
    }

    void check_items(const Json& rule, const Json& value, const std::string& at, Problems& out)
        const {
        if (!value.is_array()) {
            return;
        }
        for (std::size_t i = 0; i < value.size() && out.size() < 20; ++i) {
            check(rule, value[i], at + "[" + std::to_string(i) + "]", out);
        }
    }

    static void check_required(
        const Json& rule, const Json& value, const std::string& at, Problems& out
    ) {
        for (const Json& name : rule) {
            if (value.is_object() && !value.contains(name.get<std::string>())) {
                out.push_back(at + ": has no " + name.get<std::string>());
            }
        }
    }

    void check_members(const Json& schema, const Json& value, const std::string& at, Problems& out)
        const {
        if (!value.is_object()) {
            return;
        }
        const Json known = schema.value("properties", Json::object());
        const auto rest = schema.find("additionalProperties");
        for (const auto& [name, member] : value.items()) {
            const std::string place = at + "." + name;
            if (known.contains(name)) {
                check(known[name], member, place, out);
            } else if (rest == schema.end() || *rest == false) {
                out.push_back(place + ": is not in the contract");
            } else {
                check(*rest, member, place, out);
            }
        }
    }

    void find_open(const Json& node, const std::string& at, Problems& out) const {
        if (node.is_object()) {
            const auto type = node.find("type");
            const bool object =
                type != node.end() && type->dump().find("\"object\"") != std::string::npos;
            if (object && !node.contains("additionalProperties")) {
                out.push_back(at);
            }
            for (const auto& [name, member] : node.items()) {
                if (member.is_null()) {
                    out.push_back(at + "/" + name);
                } else if (name != "example" && name != "examples") {
                    find_open(member, at + "/" + name, out);
                }
            }
        } else if (node.is_array()) {
            for (std::size_t i = 0; i < node.size(); ++i) {
                find_open(node[i], at + "/" + std::to_string(i), out);
            }
        }
    }

    void check_meta(const Json& response, const Answer& answer, Problems& out) const {
        const Json headers = response.value("headers", Json::object());
        if (!headers.contains("Meshscope-Meta")) {
            if (!answer.meta_header.empty()) {
                out.emplace_back("the header Meshscope-Meta is not in the contract");
            }
            return;
        }
        const Json value = Json::parse(answer.meta_header, nullptr, false);
        const Json& header = resolve(headers["Meshscope-Meta"]);
        check(header["content"]["application/json"]["schema"], value, "Meshscope-Meta", out);
    }
};

OpenApiCheck::OpenApiCheck(std::string_view contract_json) : impl_(std::make_unique<Impl>()) {
    impl_->contract = Json::parse(contract_json);
}

OpenApiCheck::~OpenApiCheck() = default;

std::vector<std::string> OpenApiCheck::problems(const Answer& answer) const {
    const Json& paths = impl_->contract["paths"];
    if (!paths.contains(answer.pattern) || !paths[answer.pattern].contains(answer.method)) {
        return {answer.method + " " + answer.pattern + " is not in the contract"};
    }
    const Json& responses = paths[answer.pattern][answer.method]["responses"];
    const std::string status = std::to_string(answer.status);
    if (!responses.contains(status)) {
        return {answer.pattern + ": status " + status + " is not in the contract"};
    }
    const Json& response = impl_->resolve(responses[status]);
    const Json content = response.value("content", Json::object());
    const std::string type = answer.content_type.substr(0, answer.content_type.find(';'));
    if (content.empty() && type.empty() && answer.body.empty()) {
        return {};
    }
    if (!content.contains(type)) {
        return {
            answer.pattern + " " + status + ": content type '" + type + "' is not in the contract"
        };
    }
    const bool json = type == "application/json";
    const Json value = json ? Json::parse(answer.body, nullptr, false) : Json(answer.body);
    if (value.is_discarded()) {
        return {
            answer.pattern + " " + status + ": the body is no JSON: " + answer.body.substr(0, 200)
        };
    }
    Problems out;
    impl_->check(content[type]["schema"], value, "body", out);
    impl_->check_meta(response, answer, out);
    return out;
}

std::vector<std::pair<std::string, std::string>> OpenApiCheck::operations() const {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& [path, item] : impl_->contract["paths"].items()) {
        for (const auto& [method, operation] : item.items()) {
            out.emplace_back(method, path);
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::vector<std::string> OpenApiCheck::open_objects() const {
    Problems out;
    impl_->find_open(impl_->contract["components"], "#/components", out);
    impl_->find_open(impl_->contract["paths"], "#/paths", out);
    return out;
}

}  // namespace meshscope::test
