#include "business/attributes.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using models::Tag;

namespace {

models::Slice<Tag> slice(const std::vector<Tag>& tags) {
    return {tags.data(), static_cast<std::uint32_t>(tags.size())};
}

// Points into `tags`.
AttributeSet read(const std::vector<Tag>& tags) {
    AttributeSet set;
    set.read(slice(tags));
    return set;
}

}  // namespace

TEST_CASE("every name means one thing", "[attributes]") {
    std::set<std::string_view> seen;
    for (const ConceptNames& row : concept_names()) {
        CHECK_FALSE(row.names.empty());
        for (const std::string_view name : row.names) {
            CAPTURE(name);
            CHECK(seen.insert(name).second);
        }
    }
}

TEST_CASE("the best name wins, whatever the order of the tags", "[attributes]") {
    for (const ConceptNames& row : concept_names()) {
        std::vector<Tag> tags;
        for (std::size_t i = row.names.size(); i > 0; --i) {
            tags.push_back(Tag::string(row.names[i - 1], row.names[i - 1]));
        }
        while (!tags.empty()) {
            CAPTURE(tags.back().key());
            CHECK(read(tags).text(row.meaning) == tags.back().key());
            std::vector<Tag> turned(tags.rbegin(), tags.rend());
            CHECK(read(turned).text(row.meaning) == tags.back().key());
            tags.pop_back();
        }
    }
}

TEST_CASE("what only looks like a name means nothing", "[attributes]") {
    std::set<std::string_view> names;
    for (const ConceptNames& row : concept_names()) {
        names.insert(row.names.begin(), row.names.end());
    }
    for (const ConceptNames& row : concept_names()) {
        for (const std::string_view name : row.names) {
            CAPTURE(name);
            std::vector<std::string> others{std::string(name) + "s", std::string(name.substr(1))};
            for (std::size_t i = 0; i < name.size(); ++i) {
                others.emplace_back(name);
                others.back()[i] = '~';
            }
            for (const std::string& other : others) {
                const bool is_one = names.contains(other);  // rpc.status_code
                CHECK((is_one || read({Tag::string(other, "x")}).tag(row.meaning) == nullptr));
            }
        }
    }
}

TEST_CASE("a prefix tells the protocol, whether or not the name is known", "[attributes]") {
    struct Row {
        std::string_view key;
        int families;
    };
    const Row rows[] = {
        {"http.method", kHttpFamily},
        {"http.unheard-of", kHttpFamily},
        {"grpc.status_code", kGrpcFamily},
        {"rpc.x", kRpcFamily},
        {"peer.", kPeerFamily},
        {"db.system", kDbFamily},
        {"messaging.system", kMessagingFamily},
        {"message_bus.destination", kMessagingFamily},
        {"http", 0},
        {"guid:x-request-id", 0},
        {"", 0},
    };
    for (const Row& row : rows) {
        CAPTURE(row.key);
        const AttributeSet set = read({Tag::string(row.key, "x")});
        int families = 0;
        for (const Family family :
             {kGrpcFamily, kHttpFamily, kPeerFamily, kDbFamily, kMessagingFamily, kRpcFamily}) {
            families |= set.has(family) ? family : 0;
        }
        CHECK(families == row.families);
    }
}

TEST_CASE("a set forgets what it has read before", "[attributes]") {
    std::vector<Tag> all;
    for (const ConceptNames& row : concept_names()) {
        for (const std::string_view name : row.names) {
            all.insert(all.begin(), Tag::string(name, "x"));  // better ones come behind
        }
    }
    AttributeSet set;
    for (const std::vector<Tag>& tags : {all, std::vector<Tag>{}, all}) {
        set.read(slice(tags));
        for (const ConceptNames& row : concept_names()) {
            CHECK((set.tag(row.meaning) != nullptr) == !tags.empty());
        }
        CHECK(set.has(kHttpFamily) == !tags.empty());
    }
}

TEST_CASE("of two tags of one name the first counts, empty ones do not", "[attributes]") {
    const std::vector<Tag> tags{
        Tag::string("peer.service", ""),
        Tag::string("peer.service", "a"),
        Tag::string("peer.service", "b"),
        Tag::string("http.request.method", ""),
        Tag::string("http.method", "GET"),
        Tag::string("error", ""),
        Tag::boolean("error", true),
    };
    const AttributeSet set = read(tags);
    CHECK(set.text(Concept::kPeerService) == "a");
    CHECK(set.text(Concept::kHttpMethod) == "GET");
    REQUIRE(set.tag(Concept::kError) != nullptr);
    CHECK(set.tag(Concept::kError)->type() == models::ValueType::kString);
}

TEST_CASE("numbers in every form", "[attributes]") {
    struct Row {
        Tag tag;
        std::optional<std::int64_t> value;
    };
    const std::string_view key = "http.status_code";
    const std::vector<Row> rows{
        {Tag::integer(key, 200), 200},
        {Tag::string(key, "200"), 200},
        {Tag::string(key, " 200 "), 200},
        {Tag::string(key, "-1"), -1},
        {Tag::number(key, 200.0), 200},
        {Tag::number(key, 200.5), std::nullopt},
        {Tag::number(key, 1e300), std::nullopt},
        {Tag::string(key, "200 OK"), std::nullopt},
        {Tag::string(key, "0x1F"), std::nullopt},
        {Tag::string(key, "99999999999999999999"), std::nullopt},
        {Tag::boolean(key, true), std::nullopt},
        {Tag::binary(key, "200"), std::nullopt},
    };
    for (const Row& row : rows) {
        CHECK(read({row.tag}).integer(Concept::kHttpStatus) == row.value);
    }
    CHECK_FALSE(read({}).integer(Concept::kHttpStatus));
}

TEST_CASE("a process speaks only for what is its own", "[attributes]") {
    const std::vector<Tag> process_tags{
        Tag::string("k8s.namespace.name", "shop"),
        Tag::string("http.method", "GET"),
        Tag::string("hostname", "cart-1"),
    };
    const AttributeSet process = read(process_tags);
    const AttributeSet empty;
    const std::vector<Tag> span_tags{
        Tag::string("k8s.namespace.name", "own"), Tag::string("hostname", "x")
    };
    const AttributeSet span = read(span_tags);
    CHECK(Attributes(empty, process).text(Concept::kNamespace) == "shop");
    CHECK(Attributes(empty, process).name(Concept::kNamespace) == "k8s.namespace.name");
    CHECK(Attributes(span, process).text(Concept::kNamespace) == "own");
    CHECK(Attributes(empty, process).text(Concept::kHttpMethod).empty());
    CHECK(Attributes(span, process).text(Concept::kHostname) == "cart-1");
    CHECK(Attributes(empty, empty).name(Concept::kNamespace).empty());
}

TEST_CASE(
    "the keys that tell an owner in a span's own tags are marked on the tags", "[attributes]"
) {
    std::set<std::string_view> marked;
    for (const std::string_view key : models::owner_keys()) {
        marked.insert(key);
    }
    for (const ConceptNames& row : concept_names()) {
        const bool tells_owner =
            row.meaning == Concept::kNodeId || row.meaning >= Concept::kSourceWorkload;
        for (const std::string_view name : row.names) {
            INFO(name);
            CHECK(marked.contains(name) == (tells_owner && row.scope != Scope::kProcess));
        }
    }
}
