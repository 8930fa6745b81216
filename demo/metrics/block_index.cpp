#include "demo/metrics/block_writer.hpp"
#include "demo/metrics/wire.hpp"

namespace meshscope::demo {
namespace {

constexpr std::uint32_t kIndexMagic = 0xBAAAD700;
constexpr std::size_t kSeriesGrain = 16;  // a series is named by its place in these
constexpr std::size_t kWord = 4;

// A section: its length, what it holds, and a checksum of that.
void put_section(std::string& out, std::string_view content) {
    put_u32(out, static_cast<std::uint32_t>(content.size()));
    out += content;
    put_u32(out, checksum_of(content));
}

void put_text(std::string& out, std::string_view text) {
    put_varint(out, text.size());
    out += text;
}

void pad_to(std::string& out, std::size_t grain) {
    out.append((grain - out.size() % grain) % grain, '\0');
}

// Where each part of the index begins.
struct Contents {
    std::uint64_t symbols = 0;
    std::uint64_t series = 0;
    std::uint64_t label_values = 0;
    std::uint64_t label_table = 0;
    std::uint64_t postings = 0;
    std::uint64_t postings_table = 0;
};

// Which series have a label: a list for each, and a table of the lists.
class Postings {
 public:
    explicit Postings(std::string& out) : out_(out) {}

    void add(std::string_view name, std::string_view value, std::span<const std::uint32_t> series) {
        pad_to(out_, kWord);
        put_varint(table_, 2);
        put_text(table_, name);
        put_text(table_, value);
        put_varint(table_, out_.size());
        ++lists_;
        std::string list;
        put_u32(list, static_cast<std::uint32_t>(series.size()));
        for (const std::uint32_t one : series) {
            put_u32(list, one);
        }
        put_section(out_, list);
    }

    [[nodiscard]] std::string table() const {
        std::string out;
        put_u32(out, lists_);
        return out + table_;
    }

 private:
    std::string& out_;
    std::string table_;
    std::uint32_t lists_ = 0;
};

}  // namespace

// The first in full, the others by how they differ from the one before.
void BlockWriter::list_chunks(std::string& out, const Series& series) {
    put_varint(out, series.chunks.size());
    const Chunk* before = nullptr;
    for (const Chunk& chunk : series.chunks) {
        const auto length = static_cast<std::uint64_t>(chunk.last_ms - chunk.first_ms);
        if (before == nullptr) {
            put_signed_varint(out, chunk.first_ms);
            put_varint(out, length);
            put_varint(out, chunk.place);
        } else {
            put_varint(out, static_cast<std::uint64_t>(chunk.first_ms - before->last_ms));
            put_varint(out, length);
            put_signed_varint(out, static_cast<std::int64_t>(chunk.place - before->place));
        }
        before = &chunk;
    }
}

std::string BlockWriter::lay_out_index(std::span<const std::uint32_t> order) const {
    Contents at;
    std::string out;
    put_u32(out, kIndexMagic);
    out.push_back('\x02');

    // Symbols in the order of their texts, which is the map's.
    at.symbols = out.size();
    std::vector<std::uint32_t> sorted(texts_.size());
    std::string symbols;
    put_u32(symbols, static_cast<std::uint32_t>(texts_.size()));
    std::uint32_t next = 0;
    for (const auto& [text, symbol] : symbols_) {
        sorted[symbol] = next++;
        put_text(symbols, text);
    }
    put_section(out, symbols);

    at.series = out.size();
    std::vector<std::uint32_t> all;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::uint32_t>> having;
    for (const std::uint32_t i : order) {
        const Series& series = series_[i];
        pad_to(out, kSeriesGrain);
        const auto ref = static_cast<std::uint32_t>(out.size() / kSeriesGrain);
        all.push_back(ref);
        std::string entry;
        put_varint(entry, series.labels.size());
        for (const auto& [name, value] : series.labels) {
            put_varint(entry, sorted[name]);
            put_varint(entry, sorted[value]);
            having[{sorted[name], sorted[value]}].push_back(ref);
        }
        list_chunks(entry, series);
        put_varint(out, entry.size());
        out += entry;
        put_u32(out, checksum_of(entry));
    }

    std::vector<std::string_view> by_text;
    by_text.reserve(symbols_.size());
    for (const auto& entry : symbols_) {
        by_text.emplace_back(entry.first);
    }
    at.label_values = out.size();
    pad_to(out, kWord);
    at.postings = out.size();
    Postings postings(out);
    postings.add("", "", all);
    for (const auto& [label, series] : having) {
        postings.add(by_text[label.first], by_text[label.second], series);
    }
    at.label_table = out.size();
    put_section(out, std::string(kWord, '\0'));  // of an older format: empty
    at.postings_table = out.size();
    put_section(out, postings.table());

    std::string contents;
    for (const std::uint64_t place :
         {at.symbols, at.series, at.label_values, at.label_table, at.postings, at.postings_table}) {
        put_u64(contents, place);
    }
    put_u32(contents, checksum_of(contents));
    return out + contents;
}

}  // namespace meshscope::demo
