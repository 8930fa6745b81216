#include "business/traces.hpp"
#include "core/text.hpp"
#include "handlers/bind.hpp"
#include "handlers/error_response.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/response_limit.hpp"
#include "handlers/routes.hpp"
#include "handlers/span_facts_json.hpp"
#include "handlers/trace_json.hpp"

#include <array>
#include <limits>
#include <memory>
#include <utility>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

constexpr std::int64_t kMaxCollapseBytes = 8192;  // some 480 spans

constexpr std::array<ParameterRule, 3> kPageRules{{
    {"from", ParameterType::kInteger, 0, std::numeric_limits<std::int32_t>::max()},
    {"count", ParameterType::kInteger, 1, std::numeric_limits<std::int32_t>::max()},
    {"collapse", ParameterType::kText, 0, kMaxCollapseBytes},
}};

Result<business::PageRequest> read_page(const Request& request) {
    const auto parameters = Parameters::read(request.query, kPageRules);
    if (!parameters) {
        return parameters.error();
    }
    business::PageRequest page;
    page.from = static_cast<std::uint64_t>(parameters->integer("from").value_or(0));
    page.count =
        static_cast<std::uint32_t>(parameters->integer("count").value_or(business::kDefaultPageRows)
        );
    const auto collapse = parameters->text("collapse");
    if (!collapse) {
        return page;
    }
    for (const std::string_view text : split(*collapse, ',')) {
        const auto id = SpanId::from_hex(text);
        if (!id) {
            return Error(
                ErrorKind::kInvalidArgument,
                "parameter 'collapse' must be span IDs (1 to 16 hexadecimal digits) with commas "
                "between"
            );
        }
        page.collapse.push_back(*id);
    }
    return page;
}

// The rows of one page, in pieces, up to the limit of an answer. What is cut is known only then;
// `meta` comes last and says it. The first row always stays, so that a reader gets on.
class RowSource {
 public:
    RowSource(const Parts& parts, business::TraceRows rows)
        : parts_(parts), rows_(std::move(rows)), writer_(rows_) {}

    bool next(std::string& out) {
        const std::size_t begin = out.size();
        if (next_ == 0) {
            writer_.head(out);
        }
        while (next_ < rows_.page.rows.size()) {
            if (out.size() - begin >= kPieceBytes) {
                return true;
            }
            if (!add_row(out)) {
                cut();
                break;
            }
        }
        out.append("],\"meta\":");
        JsonWriter json(out);
        write_meta(json, rows_.meta);
        out.push_back('}');
        return false;
    }

 private:
    // False, and nothing is written, when the next row does not fit.
    bool add_row(std::string& out) {
        const std::size_t before = out.size();
        if (next_ > 0) {
            out.push_back(',');
        }
        writer_.row(out, next_);
        const std::size_t bytes = out.size() - before;
        if (next_ > 0 && used_ + bytes > parts_.response_limit_bytes) {
            out.resize(before);
            return false;
        }
        used_ += bytes;
        ++next_;
        return true;
    }

    void cut() {
        declare_cut(parts_, rows_.page.rows.size() - next_, rows_.meta, nullptr);
        rows_.meta.returned = next_;
    }

    const Parts parts_;
    business::TraceRows rows_;
    RowWriter writer_;
    std::size_t next_ = 0;
    std::size_t used_ = 0;  // bytes of the rows
};

Awaitable<Response> spans(const Parts& parts, RequestContext context, const Request& request) {
    const auto id = read_trace_id(request.path_parameter("traceID"));
    if (!id) {
        co_return error_response(id.error(), context.request_id);
    }
    auto page = read_page(request);
    if (!page) {
        co_return error_response(page.error(), context.request_id);
    }
    auto rows = co_await parts.traces->rows(context, *id, std::move(*page));
    if (!rows) {
        co_return error_response(rows.error(), context.request_id);
    }
    auto source = std::make_shared<RowSource>(parts, std::move(*rows));
    server::BodySource body = [source](std::string& out) { return source->next(out); };
    co_return Response::stream(std::move(body));
}

}  // namespace

void add_span_routes(server::Router& router, const Parts& parts) {
    router.add(
        server::Method::kGet, "/api/traces/{traceID}/spans", bind(parts, Entry::kSignedIn, spans)
    );
}

}  // namespace meshscope::handlers
