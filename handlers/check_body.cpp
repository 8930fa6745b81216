#include "handlers/check_body.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace meshscope::handlers {

namespace {

using clients::StoreTarget;
using nlohmann::json;

constexpr std::string_view kMask = "xxx";
constexpr std::size_t kMaxHeaders = 32;
constexpr std::size_t kMaxValue = 16UL * 1024;

Error invalid(const std::string& why) { return {ErrorKind::kInvalidArgument, "the body: " + why}; }

bool is_header_name(std::string_view name) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !name.empty() && name.size() <= 128 &&
           std::all_of(name.begin(), name.end(), [&](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      kMarks.find(c) != std::string_view::npos;
           });
}

// Headers that the transport writes itself.
bool is_ours(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return name == "host" || name == "connection" || name == "content-length" ||
           name == "transfer-encoding" || name == "upgrade" || name == "te" ||
           name == "authorization" || name.starts_with("proxy-");
}

bool is_header_value(std::string_view value) {
    return value.size() <= kMaxValue && std::all_of(value.begin(), value.end(), [](char c) {
               return c == '\t' || (c >= ' ' && c != '\x7F');
           });
}

// Takes what is there; the first value of a wrong type is kept as the error.
class Reader {
 public:
    explicit Reader(const json& object) : object_(object) {}

    std::string text(const char* key) {
        const json* value = find(key);
        if (value == nullptr) {
            return {};
        }
        if (!value->is_string() || value->get_ref<const std::string&>().size() > kMaxValue) {
            fail(key, "must be a text");
            return {};
        }
        return value->get<std::string>();
    }
    std::optional<bool> boolean(const char* key) {
        const json* value = find(key);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (!value->is_boolean()) {
            fail(key, "must be true or false");
            return std::nullopt;
        }
        return value->get<bool>();
    }
    const json* object(const char* key) {
        const json* value = find(key);
        if (value != nullptr && !value->is_object()) {
            fail(key, "must be an object");
            return nullptr;
        }
        return value;
    }
    void fail(const std::string& key, const std::string& why) {
        if (!error_) {
            error_ = invalid("'" + key + "' " + why);
        }
    }
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
    const json* find(const char* key) const {
        const auto found = object_.find(key);
        return found == object_.end() || found->is_null() ? nullptr : &*found;
    }

    const json& object_;
    std::optional<Error> error_;
};

void read_headers(const json& headers, Reader& top, StoreTarget& target, bool& masked) {
    if (headers.size() > kMaxHeaders) {
        top.fail("customHeaders", "must not hold more than 32 headers");
        return;
    }
    for (const auto& [name, value] : headers.items()) {
        if (!is_header_name(name) || is_ours(name) || !value.is_string() ||
            !is_header_value(value.get_ref<const std::string&>())) {
            top.fail("customHeaders", "must be headers that can be sent, with texts as values");
            return;
        }
        masked = masked || value == kMask;
        target.given.custom_headers[name] = value.get<std::string>();
    }
}

std::optional<Error> read_auth(const json& object, StoreTarget& target, bool& masked) {
    Reader auth(object);
    clients::GivenSettings& given = target.given;
    const std::string type = auth.text("type");
    given.auth_type = type.empty() ? "none" : type;
    given.username = auth.text("username");
    given.password = auth.text("password");
    given.token = auth.text("token");
    given.insecure_skip_verify = auth.boolean("insecureSkipVerify").value_or(false);
    if (auth.boolean("useKialiToken").value_or(false)) {
        auth.fail("auth.useKialiToken", "must be false: the server's own token is not tried");
    }
    bool stored_files = false;
    for (const char* key : {"caFile", "certFile", "keyFile"}) {
        const std::string file = auth.text(key);
        stored_files = stored_files || file == kMask;
        if (!file.empty() && file != kMask) {
            auth.fail(std::string("auth.") + key, "must not name a file of the server");
        }
    }
    for (const std::string* value : {&given.username, &given.password, &given.token}) {
        masked = masked || *value == kMask;
        if (value->starts_with('/') || value->starts_with("secret:")) {
            auth.fail("auth", "must hold the credentials themselves, not where they are");
        }
        if (!is_header_value(*value)) {
            auth.fail("auth", "must hold credentials without control characters");
        }
    }
    masked = masked || stored_files;
    if (const json* oauth2 = auth.object("oauth2")) {
        const auto secret = oauth2->find("clientSecret");
        masked = masked || (secret != oauth2->end() && *secret == kMask);
    }
    const std::string& kind = given.auth_type;
    if (kind == "oauth2" && !masked) {
        auth.fail("auth.type", "oauth2 can only be checked with the stored client");
    } else if (kind != "none" && kind != "basic" && kind != "bearer" && kind != "oauth2") {
        auth.fail("auth.type", "must be none, basic, bearer or oauth2");
    }
    return auth.error();
}

}  // namespace

Result<business::CheckedSettings> read_check_body(std::string_view body) {
    const json parsed = json::parse(body, nullptr, false);
    if (!parsed.is_object()) {
        return invalid("must be a JSON object with the settings of tracing");
    }
    Reader top(parsed);
    business::CheckedSettings settings;
    StoreTarget& target = settings.target;
    target.url = top.text("internalURL");
    if (target.url.empty()) {
        top.fail("internalURL", "must be given");
    }
    if (const auto grpc = top.boolean("useGRPC")) {
        target.transport = *grpc ? StoreTarget::Transport::kGrpc : StoreTarget::Transport::kHttp;
    }
    bool masked = false;
    if (const json* headers = top.object("customHeaders")) {
        read_headers(*headers, top, target, masked);
    }
    if (const json* auth = top.object("auth")) {
        if (auto failed = read_auth(*auth, target, masked)) {
            return std::move(*failed);
        }
    }
    if (top.error()) {
        return *top.error();
    }
    target.with = masked ? StoreTarget::With::kConfigured : StoreTarget::With::kGiven;
    if (masked) {
        target.given = {};
    }
    return settings;
}

std::string provider_of(std::string_view body) {
    const json parsed = json::parse(body, nullptr, false);
    const auto found = parsed.is_object() ? parsed.find("provider") : parsed.end();
    return parsed.is_object() && found != parsed.end() && found->is_string()
               ? found->get<std::string>()
               : std::string();
}

}  // namespace meshscope::handlers
