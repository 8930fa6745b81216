#include "clients/grpc/metadata.hpp"

#include "core/text.hpp"

#include <grpc/grpc.h>
#include <grpc/slice.h>

#include <algorithm>
#include <array>
#include <optional>

namespace meshscope::clients {

namespace {

bool is_legal(int (*check)(grpc_slice), std::string_view text) {
    return check(grpc_slice_from_static_buffer(text.data(), text.size())) != 0;
}

bool belongs_to_transport(std::string_view name) {
    static constexpr std::array<std::string_view, 7> kNames{
        "content-type",
        "content-length",
        "host",
        "te",
        "connection",
        "user-agent",
        "transfer-encoding"
    };
    return name.starts_with("grpc-") ||
           std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::string traceparent(const TraceContext& trace) {
    std::string text = "00-";
    text.resize(3 + 32);
    write_hex16(trace.trace.high, text.data() + 3);
    write_hex16(trace.trace.low, text.data() + 19);
    text += '-';
    text += trace.span.to_hex();
    text += trace.sampled ? "-01" : "-00";
    return text;
}

std::optional<Error> add_custom(const GrpcChannelOptions& options, GrpcMetadata& out) {
    for (const auto& [name, value] : options.custom_headers) {
        std::string key = to_lower(name);
        if (belongs_to_transport(key) || (key == "authorization" && !out.empty())) {
            continue;
        }
        const bool binary = key.ends_with("-bin");
        if (key.empty() || !is_legal(grpc_header_key_is_legal, key) ||
            (!binary && !is_legal(grpc_header_nonbin_value_is_legal, value))) {
            const std::string setting = options.setting_prefix + ".custom_headers";
            return Error(
                       ErrorKind::kInvalidArgument,
                       "the custom header \"" + to_valid_utf8(name) + "\" cannot be sent over gRPC"
            )
                .with_upstream(options.upstream)
                .with_hint(
                    {setting,
                     "Names may hold letters, digits, '-', '_' and '.', values printable ASCII."}
                );
        }
        out.emplace_back(std::move(key), value);
    }
    return std::nullopt;
}

}  // namespace

Result<GrpcMetadata> grpc_metadata(
    const GrpcChannelOptions& options, const RequestContext& context, std::string_view authorization
) {
    GrpcMetadata out;
    if (!authorization.empty()) {
        if (!is_legal(grpc_header_nonbin_value_is_legal, authorization)) {
            return Error(
                       ErrorKind::kUpstreamAuth,
                       "the credential for " + options.upstream +
                           " holds characters that cannot be sent in metadata"
            )
                .with_upstream(options.upstream)
                .with_hint(
                    {options.setting_prefix + ".auth", "Use printable ASCII without line breaks."}
                );
        }
        out.emplace_back("authorization", authorization);
    }
    if (auto error = add_custom(options, out)) {
        return *error;
    }
    const auto add_own = [&out](std::string name, const std::string& value) {
        if (!value.empty() && is_legal(grpc_header_nonbin_value_is_legal, value)) {
            std::erase_if(out, [&name](const auto& entry) { return entry.first == name; });
            out.emplace_back(std::move(name), value);
        }
    };
    add_own("x-request-id", context.request_id);
    if (!context.trace.trace.is_zero()) {
        add_own("traceparent", traceparent(context.trace));
        add_own("tracestate", context.trace.state);
    }
    return out;
}

}  // namespace meshscope::clients
