#include "clients/kubernetes/api_client.hpp"

#include "async/caller.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

namespace meshscope::clients::kubernetes {

namespace {

constexpr std::size_t kMostWarnings = 1000;
constexpr std::size_t kLongestWarning = 300;

// Text of `299 - "text" "date"`; of anything else the whole.
std::string warning_text(std::string_view value) {
    std::string text;
    const std::size_t open = value.find('"');
    if (open == std::string_view::npos) {
        text = trim(value);
    } else {
        for (std::size_t i = open + 1; i < value.size() && value[i] != '"'; ++i) {
            i += value[i] == '\\' && i + 1 < value.size() ? 1U : 0U;
            text += value[i];
        }
    }
    text = to_valid_utf8(std::string_view(text).substr(0, kLongestWarning));
    for (char& c : text) {
        c = static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
    return text;
}

// What the answer is in when it is no JSON; "" when it is, or says nothing.
std::string other_form(const HttpResponse& response) {
    const std::string type = to_lower(response.header("content-type"));
    for (const char* other : {"protobuf", "cbor", "text/html", "yaml"}) {
        if (type.find(other) != std::string::npos) {
            return type.substr(0, 60);
        }
    }
    return "";
}

Error without_credentials() {
    return Error(ErrorKind::kUnauthenticated, "there are no credentials to ask Kubernetes with")
        .with_upstream("kubernetes");
}

void impersonate(const CallerCredentials& who, HttpRequest& request) {
    if (who.impersonate_user.empty()) {
        return;
    }
    request.headers.emplace_back("Impersonate-User", who.impersonate_user);
    for (const std::string& group : who.impersonate_groups) {
        request.headers.emplace_back("Impersonate-Group", group);
    }
    for (const auto& [key, value] : who.impersonate_extra) {
        request.headers.emplace_back("Impersonate-Extra-" + percent_encode(key), value);
    }
}

}  // namespace

struct ApiClient::Impl {
    Impl(
        Connection connection_in,
        const Clock& clock_in,
        std::function<void(const std::string&)> on_warning_in
    )
        : connection(std::move(connection_in)),
          clock(clock_in),
          on_warning(std::move(on_warning_in)),
          server(server_options(connection), clock),
          callers(caller_options(connection), clock) {}

    const Connection connection;
    const Clock& clock;
    const std::function<void(const std::string&)> on_warning;
    HttpClient server;
    HttpClient callers;
    std::mutex mutex;
    std::set<std::string> warned;

    Result<HttpClient*> identify(
        const RequestContext& context, bool as_server, HttpRequest& request
    );
    void note_warnings(const HttpResponse& response);
    [[nodiscard]] Error located(const Error& error) const;
};

// The client that acts for whoever asks, and what `request` has to say of them.
Result<HttpClient*> ApiClient::Impl::identify(
    const RequestContext& context, bool as_server, HttpRequest& request
) {
    const CallerCredentials* who = context.caller.credentials.get();
    if (as_server || (who != nullptr && who->server_account)) {
        const auto& own = connection.impersonation;
        request.headers.insert(request.headers.end(), own.begin(), own.end());
        return &server;
    }
    if (who == nullptr || who->token.empty()) {
        return without_credentials();
    }
    request.authorization = "Bearer " + who->token;
    impersonate(*who, request);
    return &callers;
}

void ApiClient::Impl::note_warnings(const HttpResponse& response) {
    if (!on_warning) {
        return;
    }
    for (const auto& [name, value] : response.headers) {
        if (name != "warning") {
            continue;
        }
        const std::string text = warning_text(value);
        bool is_new = false;
        {
            const std::scoped_lock lock(mutex);
            is_new = warned.size() < kMostWarnings && warned.insert(text).second;
        }
        if (is_new) {
            on_warning(text);
        }
    }
}

// Settings below an upstream's prefix do not exist here: everything comes from one place.
Error ApiClient::Impl::located(const Error& error) const {
    if (error.hint().advice.empty() && error.hint().setting.empty()) {
        return error;
    }
    return error.with_hint(
        {connection.setting, error.hint().advice + " (" + connection.source + ")"}
    );
}

ApiClient::ApiClient(
    Connection connection, const Clock& clock, std::function<void(const std::string&)> on_warning
)
    : impl_(std::make_shared<Impl>(std::move(connection), clock, std::move(on_warning))) {}

const Clock& ApiClient::clock() const { return impl_->clock; }

Awaitable<Result<HttpResponse>> ApiClient::call(RequestContext context, ApiRequest request) const {
    const std::shared_ptr<Impl> impl = impl_;
    HttpRequest out;
    out.method = std::move(request.method);
    out.target = std::move(request.target);
    out.headers = {{"Accept", request.accept}};
    out.accept_gzip = true;
    if (!request.body.empty()) {
        out.headers.emplace_back("Content-Type", "application/json");
        out.body = std::move(request.body);
        out.repeatable = true;
    }
    const Result<HttpClient*> client = impl->identify(context, request.as_server, out);
    if (!client) {
        co_return client.error();
    }
    const std::string target = out.target;
    Result<HttpResponse> response = co_await (*client)->send(std::move(context), std::move(out));
    if (!response) {
        co_return impl->located(response.error());
    }
    impl->note_warnings(*response);
    const std::string form = response->status / 100 == 2 ? other_form(*response) : "";
    if (!form.empty()) {
        co_return impl->located(
            Error(
                ErrorKind::kUpstreamProtocol,
                "kubernetes answered in another form than JSON, which was asked for: " + form
            )
                .with_upstream("kubernetes")
                .with_detail(target.substr(0, target.find('?')))
                .with_hint({"", "check the URL of the API server and the proxies on the way"})
        );
    }
    co_return response;
}

Awaitable<Result<HttpResponse>> ApiClient::stream(
    RequestContext context,
    ApiRequest request,
    std::shared_ptr<BodySink> sink,
    std::chrono::milliseconds silence
) const {
    const std::shared_ptr<Impl> impl = impl_;
    HttpRequest out;
    out.target = std::move(request.target);
    out.headers = {{"Accept", request.accept}};
    out.endless = true;
    out.idle_timeout = silence;
    const Result<HttpClient*> client = impl->identify(context, request.as_server, out);
    if (!client) {
        co_return client.error();
    }
    Result<HttpResponse> response =
        co_await (*client)->send_streaming(std::move(context), std::move(out), std::move(sink), 0);
    if (!response) {
        co_return impl->located(response.error());
    }
    impl->note_warnings(*response);
    co_return response;
}

}  // namespace meshscope::clients::kubernetes
