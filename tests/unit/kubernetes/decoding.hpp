#pragma once

#include "clients/kubernetes/decode.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace meshscope::test {

// "pods", or "gateways.networking.istio.io" where a name alone is not enough.
inline const clients::kubernetes::Resource& resource(std::string_view name) {
    const auto all = clients::kubernetes::resources();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) {
        return one.plural == name || std::string(one.plural) + '.' + std::string(one.group) == name;
    });
    REQUIRE(found != all.end());
    return *found;
}

inline Result<clients::kubernetes::Decoded> try_decode(std::string_view plural, std::string json) {
    static clients::kubernetes::Interner interner;
    json.reserve(json.size() + 64);
    return clients::kubernetes::decode_object(resource(plural), json, interner);
}

inline clients::kubernetes::Decoded decode(std::string_view plural, const std::string& json) {
    auto decoded = try_decode(plural, json);
    INFO(json.substr(0, 2'000));
    REQUIRE(decoded.has_value());
    return *std::move(decoded);
}

// The object itself: decode_as<models::Pod>("pods", ...).
template <class Model>
Model decode_as(std::string_view plural, const std::string& json) {
    return *std::get<std::shared_ptr<const Model>>(decode(plural, json).object);
}

// {"metadata":{"name":"a","namespace":"shop",META},REST}
inline std::string object(std::string meta, std::string rest = {}) {
    meta.insert(0, meta.empty() ? "" : ",");
    rest.insert(0, rest.empty() ? "" : ",");
    return R"({"metadata":{"name":"a","namespace":"shop","uid":"u")" + meta + '}' + rest + '}';
}

}  // namespace meshscope::test
