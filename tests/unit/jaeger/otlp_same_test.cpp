#include "clients/jaeger/http_v3_stream.hpp"
#include "clients/jaeger/otlp/otlp_json_decoder.hpp"
#include "clients/jaeger/otlp/otlp_proto_decoder.hpp"
#include "tests/support/otlp_json.hpp"
#include "tests/support/trace_text.hpp"
#include "tests/unit/jaeger/otlp_messages.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace meshscope;
using namespace meshscope::clients::jaeger;
using namespace meshscope::test;

namespace {

using Random = std::mt19937;

std::string word(Random& random) {
    static const std::vector<std::string> words{
        "",
        "a",
        "curl/8",
        "span.kind",
        "server",
        "error",
        "otel.scope.name",
        "lib",
        "event",
        "@jaeger@warnings",
        "service.name",
        "x\ty\"z\\",
        "\xC3\xA9\xF0\x9F\x98\x80",
        "<b>&"
    };
    return words[random() % words.size()];
}

void fill(otlp::AnyValue& value, Random& random, int depth) {
    switch (random() % (depth > 0 ? 9 : 7)) {
        case 0:
        case 1:
            value.set_string_value(word(random));
            break;
        case 2:
            value.set_bool_value(random() % 2 == 0);
            break;
        case 3:
            value.set_int_value(static_cast<std::int64_t>(random()) << random() % 33);
            break;
        case 4:
            value.set_double_value(static_cast<double>(random()) / 3 - 1e9);
            break;
        case 5:
            value.set_bytes_value(word(random));
            break;
        case 6:
            break;
        case 7:
            for (std::uint32_t i = 0; i < random() % 3; ++i) {
                fill(*value.mutable_array_value()->add_values(), random, depth - 1);
            }
            break;
        default:
            for (std::uint32_t i = 0; i < random() % 3; ++i) {
                otlp::KeyValue& pair = *value.mutable_kvlist_value()->add_values();
                pair.set_key(word(random));
                fill(*pair.mutable_value(), random, depth - 1);
            }
    }
}

template <class Owner>
void fill_attributes(Owner& owner, Random& random) {
    for (std::uint32_t i = 0; i < random() % 4; ++i) {
        fill(add_attribute(owner, word(random)), random, 2);
    }
}

std::string id_of(Random& random, std::size_t size) {
    const std::uint64_t number = random() % 4;
    const std::string bytes = size == 8 ? be64(number) : id16(random() % 2, number);
    switch (random() % 10) {
        case 0:
            return "";
        case 1:
            return bytes + "more";
        default:
            return bytes;
    }
}

otlp::TracesData random_traces(Random& random) {
    otlp::TracesData data;
    for (std::uint32_t r = 0; r < 1 + random() % 3; ++r) {
        otlp::ResourceSpans& resource = *data.add_resource_spans();
        fill_attributes(*resource.mutable_resource(), random);
        for (std::uint32_t s = 0; s < random() % 3; ++s) {
            otlp::ScopeSpans& scope = *resource.add_scope_spans();
            scope.mutable_scope()->set_name(word(random));
            scope.mutable_scope()->set_version(word(random));
            for (std::uint32_t i = 0; i < random() % 4; ++i) {
                otlp::Span& span = *scope.add_spans();
                span.set_trace_id(id_of(random, 16));
                span.set_span_id(id_of(random, 8));
                span.set_parent_span_id(id_of(random, 8));
                span.set_name(word(random));
                span.set_trace_state(word(random));
                span.set_kind(static_cast<otlp::Span::SpanKind>(random() % 8));
                span.set_flags(static_cast<std::uint32_t>(random()));
                span.set_start_time_unix_nano(random());
                span.set_end_time_unix_nano(
                    random() % 9 == 0 ? ~std::uint64_t{0} : std::uint64_t{random()}
                );
                span.mutable_status()->set_code(static_cast<otlp::Status::StatusCode>(random() % 4)
                );
                span.mutable_status()->set_message(word(random));
                fill_attributes(span, random);
                for (std::uint32_t e = 0; e < random() % 3; ++e) {
                    otlp::Span::Event& event = *span.add_events();
                    event.set_time_unix_nano(random() % 3);
                    event.set_name(word(random));
                    fill_attributes(event, random);
                }
                for (std::uint32_t l = 0; l < random() % 3; ++l) {
                    otlp::Span::Link& link = *span.add_links();
                    link.set_trace_id(id_of(random, 16));
                    link.set_span_id(id_of(random, 8));
                    fill_attributes(link, random);
                }
            }
        }
    }
    return data;
}

Result<clients::TraceBatch> stream_of(const std::string& body, std::size_t step) {
    const auto stream = make_v3_trace_stream(1'000'000'000);
    for (std::size_t at = 0; at < body.size(); at += step) {
        std::string piece = body.substr(at, step);
        piece.reserve(piece.size() + 64);
        stream->add(piece);
    }
    return stream->finish(std::nullopt);
}

}  // namespace

TEST_CASE("otlp: random traces are the same from protobuf, from JSON and from pieces of both") {
    for (unsigned seed = 0; seed < 500; ++seed) {
        INFO(seed);
        Random random(seed);
        const otlp::TracesData data = random_traces(random);
        const std::string message = data.SerializeAsString();
        OtlpProtoDecoder whole;
        REQUIRE(whole.add(message));
        OtlpProtoDecoder in_pieces;
        Pieces pieces(message, 1 + seed % 40);
        REQUIRE(in_pieces.add(pieces));
        const auto from_json = decode_otlp_traces(to_otlp_json(data), std::nullopt);
        REQUIRE(from_json.has_value());
        CHECK(whole.dropped() == (from_json->dropped.empty() ? 0 : from_json->dropped[0].count));
        const std::string expected = traces_text(whole.finish(false));
        REQUIRE(traces_text(in_pieces.finish(false)) == expected);
        REQUIRE(traces_text(from_json->traces) == expected);
        const auto streamed = stream_of("{\"result\":" + to_otlp_json(data) + "}", 1 + seed % 90);
        REQUIRE(streamed.has_value());
        REQUIRE(traces_text(streamed->traces) == expected);
    }
}

TEST_CASE("otlp: a span with everything is the same from JSON") {
    OtlpProtoDecoder decoder;
    REQUIRE(decoder.add(full_traces().SerializeAsString()));
    const auto batch =
        decode_otlp_traces("{\"result\":" + to_otlp_json(full_traces()) + "}", std::nullopt);
    REQUIRE(batch.has_value());
    CHECK(traces_text(batch->traces) == traces_text(decoder.finish(false)));
}
