#include "business/masking.hpp"
#include "business/span_facts.hpp"
#include "clients/jaeger/grpc/v2_decoder.hpp"
#include "clients/jaeger/http_v1_decoder.hpp"
#include "handlers/trace_json.hpp"
#include "tests/bench/cpu_time.hpp"
#include "tests/bench/entries.hpp"
#include "tests/bench/traces.hpp"
#include "tests/bench/traces_proto.hpp"

#include <fmt/format.h>
#include <isa-l/igzip_lib.h>
#include <nlohmann/json.hpp>
#include <zlib.h>
#include <zstd.h>

#include <functional>
#include <memory>
#include <utility>

namespace meshscope::bench {

namespace {

using Json = nlohmann::json;

Line line_of(std::string name, double ours, std::optional<double> baseline) {
    Line line;
    line.name = std::move(name);
    line.unit = "ms CPU";
    line.ours = ours;
    line.baseline = baseline;
    if (baseline && ours > 0) {
        line.ratio = *baseline / ours;
    }
    return line;
}

std::size_t write_all(
    const std::vector<models::TracePtr>& traces,
    const std::shared_ptr<const business::Masker>& masker,
    std::string* keep
) {
    std::vector<business::TraceView> views;
    views.reserve(traces.size());
    for (const models::TracePtr& trace : traces) {
        views.push_back({trace, nullptr});
    }
    const server::BodySource source = handlers::trace_list_body(
        std::move(views), handlers::TraceWriter::kAllSpans, masker, R"("errors":null)"
    );
    std::string piece;
    std::size_t size = 0;
    bool more = true;
    while (more) {
        piece.clear();
        more = source(piece);
        size += piece.size();
        if (keep != nullptr) {
            keep->append(piece);
        }
    }
    return size;
}

std::size_t zlib_gzip(const std::string& text, int level, std::string& out) {
    z_stream stream{};
    constexpr int kGzip = 15 + 16;
    deflateInit2(&stream, level, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    const std::size_t size = stream.total_out;
    deflateEnd(&stream);
    return size;
}

std::size_t isal_gzip(const std::string& text, std::string& out) {
    std::vector<std::uint8_t> buffer(ISAL_DEF_LVL1_DEFAULT);
    isal_zstream stream{};
    isal_deflate_stateless_init(&stream);
    stream.level = 1;
    stream.level_buf = buffer.data();
    stream.level_buf_size = static_cast<std::uint32_t>(buffer.size());
    stream.gzip_flag = IGZIP_GZIP;
    stream.end_of_stream = 1;
    stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<std::uint32_t>(text.size());
    stream.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    stream.avail_out = static_cast<std::uint32_t>(out.size());
    isal_deflate_stateless(&stream);
    return stream.total_out;
}

void bench_compression(const std::string& body, int runs, Report& report) {
    std::string out(body.size() + 1024, '\0');
    struct Way {
        std::string name;
        std::function<std::size_t()> run;
    };
    const std::vector<Way> ways{
        {"zlib 6", [&] { return zlib_gzip(body, 6, out); }},
        {"ISA-L 1", [&] { return isal_gzip(body, out); }},
        {"zlib 1", [&] { return zlib_gzip(body, 1, out); }},
        {"zstd 1",
         [&] { return ZSTD_compress(out.data(), out.size(), body.data(), body.size(), 1); }},
        {"zstd 3",
         [&] { return ZSTD_compress(out.data(), out.size(), body.data(), body.size(), 3); }},
    };
    double zlib6 = 0;
    for (const Way& way : ways) {
        std::size_t size = 0;
        const double time = median_cpu(runs, [&] { size = way.run(); });
        zlib6 = way.name == "zlib 6" ? time : zlib6;
        report.lines.push_back(line_of(
            fmt::format(
                "part: {} ({:.2f} MB), against zlib 6", way.name, static_cast<double>(size) / 1e6
            ),
            time,
            zlib6
        ));
    }
}

std::vector<std::string> serialized(const std::vector<jaeger::api_v2::SpansResponseChunk>& chunks) {
    std::vector<std::string> out;
    out.reserve(chunks.size());
    for (const auto& chunk : chunks) {
        out.push_back(chunk.SerializeAsString());
    }
    return out;
}

std::vector<models::TracePtr> walk(const std::vector<std::string>& messages) {
    clients::jaeger::V2SpanDecoder decoder;
    for (const std::string& message : messages) {
        decoder.add(message);
    }
    return decoder.finish(false);
}

}  // namespace

void bench_parts(const Options& options, Report& report) {
    const int runs = options.runs;
    const std::vector<BenchTrace> traces = make_traces(kTraces, kSpans);
    const std::string json = to_jaeger_json(traces);
    const auto masker = std::make_shared<const business::Masker>();

    const double dom = median_cpu(runs, [&] { static_cast<void>(Json::parse(json)); });
    const double decode = median_cpu(runs, [&] {
        static_cast<void>(clients::jaeger::decode_traces(json, std::nullopt));
    });
    report.lines.push_back(line_of("part: JSON to model, against nlohmann's parse", decode, dom));

    const auto batch = clients::jaeger::decode_traces(json, std::nullopt);
    const Json document = Json::parse(json);
    const double dump = median_cpu(runs, [&] { static_cast<void>(document.dump()); });
    const double write = median_cpu(runs, [&] { write_all(batch->traces, masker, nullptr); });
    report.lines.push_back(line_of("part: model to JSON, against nlohmann's dump", write, dump));

    const std::vector<std::string> messages = serialized(to_chunks(traces));
    jaeger::api_v2::SpansResponseChunk reused;
    const double protobuf = median_cpu(runs, [&] {
        for (const std::string& message : messages) {
            reused.ParseFromString(message);
        }
    });
    report.lines.push_back(line_of(
        "part: wire to model, against protobuf's parse alone",
        median_cpu(runs, [&] { walk(messages); }),
        protobuf
    ));

    const double facts = median_cpu(runs, [&] {
        for (const models::TracePtr& trace : batch->traces) {
            static_cast<void>(business::trace_facts(*trace, *masker));
        }
    });
    report.lines.push_back(line_of("part: span facts of 10 000 spans", facts, std::nullopt));

    std::string body;
    write_all(batch->traces, masker, &body);
    bench_compression(body, runs, report);
}

}  // namespace meshscope::bench
