#pragma once

#include "clients/json/json_tokens.hpp"
#include "clients/json/json_walk.hpp"
#include "clients/kubernetes/decode.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace meshscope::clients::kubernetes {

// Parts of objects. Each reads one value: absent, null and values of another type are the default,
// of equal keys the last wins. Errors are those of the JSON itself.

// The token of a value as it stands; "" where a broken document has no value any more.
[[nodiscard]] std::string_view token_of(json::value value);
// The whole text of a value, "" likewise. Consumes it.
simdjson::error_code text_of_value(json::value value, std::string_view& out);
// A string, number or boolean as text; of containers and null "".
[[nodiscard]] std::string text_in(json::value value);
// 0 for what is none; beyond the range its end.
[[nodiscard]] std::int32_t count_in(json::value value);
[[nodiscard]] bool flag_in(json::value value);
[[nodiscard]] bool is_container(json::value value);
// RFC 3339, any offset; the epoch for what is none.
[[nodiscard]] SystemTime time_of(std::string_view text);
// "apps/v1" and "Deployment".
[[nodiscard]] models::Kind kind_of(std::string_view api_version, std::string kind);

simdjson::error_code read_texts(json::value value, std::vector<std::string>& out);  // appends
simdjson::error_code read_labels(json::value value, Interner& interner, models::Labels& out);

// Whether `text` ends as an object does: what is cut off must not be walked.
[[nodiscard]] bool is_closed(std::string_view text);
// parse_json for such texts; of others an error.
template <class Visit>
simdjson::error_code parse_closed(json::parser& parser, std::string_view text, const Visit& visit) {
    return is_closed(text) ? parse_json(parser, text, visit) : simdjson::INCOMPLETE_ARRAY_OR_OBJECT;
}
template <class Visit>
simdjson::error_code parse_closed(std::string_view text, const Visit& visit) {
    return is_closed(text) ? ThreadParser::get().parse(text, visit)
                           : simdjson::INCOMPLETE_ARRAY_OR_OBJECT;
}

struct RawMeta {
    models::ObjectMeta meta;
    bool all_annotations = false;     // wanted; else those that are of use
    std::string_view proxy_status;    // annotation sidecar.istio.io/status, a token of the document
    std::string_view managed_fields;  // as they stand in the document
    bool initial_end = false;         // annotation k8s.io/initial-events-end
};
// Keeps `all_annotations` and sets the rest.
simdjson::error_code read_meta(json::value value, Interner& interner, RawMeta& out);

// An object of which parts come in any order: the visitors are called for each member but
// `metadata`, then `finish`.
class ObjectReader {
 public:
    explicit ObjectReader(Interner& interner) : interner_(interner) {}
    virtual ~ObjectReader() = default;
    virtual simdjson::error_code spec(json::value) { return simdjson::SUCCESS; }
    virtual simdjson::error_code status(json::value) { return simdjson::SUCCESS; }
    virtual simdjson::error_code other(const char* /*key*/, json::value) {
        return simdjson::SUCCESS;
    }
    // Takes what is in `raw`. `text`: the whole object; "" unless keeps_text().
    virtual Decoded finish(RawMeta& raw, std::string_view text) = 0;
    [[nodiscard]] virtual bool keeps_text() const { return false; }

 protected:
    // An object that has its metadata in itself.
    template <class Model>
    static Decoded decoded(Model&& model) {
        auto made = std::make_shared<const std::remove_cvref_t<Model>>(std::forward<Model>(model));
        return {{made, &made->meta}, made};
    }

    Interner& interner_;
};

std::unique_ptr<ObjectReader> make_namespace_reader(Interner& interner);
std::unique_ptr<ObjectReader> make_pod_reader(Interner& interner);
std::unique_ptr<ObjectReader> make_controller_reader(const Resource& resource, Interner& interner);
std::unique_ptr<ObjectReader> make_service_reader(Interner& interner);
std::unique_ptr<ObjectReader> make_endpoints_reader(Interner& interner);
std::unique_ptr<ObjectReader> make_mesh_object_reader(const Resource& resource, Interner& interner);

}  // namespace meshscope::clients::kubernetes
