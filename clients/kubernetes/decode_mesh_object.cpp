#include "clients/kubernetes/decode_parts.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

namespace meshscope::clients::kubernetes {

using simdjson::error_code;
using simdjson::SUCCESS;

namespace {

bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

std::string_view trim_end(std::string_view text) {
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

// `text` without the member whose value is `value`, a slice of it, and without one comma beside it.
std::string without_member(std::string_view text, std::string_view value, std::string_view key) {
    std::size_t begin = static_cast<std::size_t>(value.data() - text.data());
    std::size_t end = begin + value.size();
    begin = text.rfind('"' + std::string(key) + '"', begin);
    while (end < text.size() && is_blank(text[end])) {
        ++end;
    }
    if (text[end] == ',') {
        ++end;
    } else {
        const std::size_t before = text.find_last_not_of(" \t\r\n", begin - 1);
        begin = text[before] == ',' ? before : begin;
    }
    return std::string(text.substr(0, begin)) + std::string(text.substr(end));
}

// The visitor of one member: `visit` when its key is `name`, else it is passed over.
template <std::size_t N, class Visit>
auto member(const char (&name)[N], const Visit& visit) {
    return [&name, visit](const char* key, json::value field) -> error_code {
        return is_key(key, name) ? visit(field) : SUCCESS;
    };
}

class MeshObjectReader final : public ObjectReader {
 public:
    MeshObjectReader(const Resource& resource, Interner& interner)
        : ObjectReader(interner), resource_(resource) {
        object_.kind = {
            .group = std::string(resource.group),
            .version = std::string(resource.version),
            .kind = std::string(resource.kind)
        };
    }

    [[nodiscard]] bool keeps_text() const override { return true; }

    error_code spec(json::value value) override {
        return for_each_field(value, [&](const char* key, json::value field) {
            return resource_.group == "networking.istio.io" ? istio_member(key, field)
                                                            : gateway_member(key, field);
        });
    }

    error_code other(const char* key, json::value value) override {
        if (is_key(key, "apiVersion")) {
            object_.kind.version = kind_of(text_in(value), {}).version;
            has_version_ = true;
        } else if (is_key(key, "kind")) {
            has_kind_ = true;
        }
        return SUCCESS;
    }

    Decoded finish(RawMeta& raw, std::string_view text) override {
        if (object_.kind.kind == "WorkloadEntry" && !raw.meta.labels->empty()) {
            // The object's own labels go before those of its spec.
            std::map<std::string, std::string> labels(
                raw.meta.labels->begin(), raw.meta.labels->end()
            );
            labels.insert(object_.selector->begin(), object_.selector->end());
            object_.selector = interner_.labels(models::LabelSet(labels.begin(), labels.end()));
        }
        for (auto* texts :
             {&object_.hosts, &object_.gateways, &object_.backends, &object_.addresses}) {
            std::sort(texts->begin(), texts->end());
            texts->erase(std::unique(texts->begin(), texts->end()), texts->end());
        }
        object_.meta = std::move(raw.meta);
        object_.json =
            std::make_shared<const std::string>(whole(trim_end(text), raw.managed_fields));
        return decoded(std::move(object_));
    }

 private:
    // Members of all kinds: a name means the same wherever it stands.
    error_code istio_member(const char* key, json::value field) {
        if (is_key(key, "hosts")) {
            return read_texts(field, object_.hosts);
        }
        if (is_key(key, "host")) {
            return add_text(field, object_.hosts);
        }
        if (is_key(key, "gateways")) {
            return read_texts(field, object_.gateways);
        }
        if (is_key(key, "address")) {
            return add_text(field, object_.addresses);
        }
        if (is_key(key, "endpoints")) {
            return each(field, member("address", [&](json::value address) {
                            return add_text(address, object_.addresses);
                        }));
        }
        if (is_key(key, "servers")) {
            return each(field, member("hosts", [&](json::value hosts) {
                            return read_texts(hosts, object_.hosts);
                        }));
        }
        if (is_key(key, "serviceAccount")) {
            object_.service_account = text_in(field);
            return SUCCESS;
        }
        if (is_key(key, "http") || is_key(key, "tcp") || is_key(key, "tls")) {
            const auto shifting = is_key(key, "http")  ? models::kTrafficShifting
                                  : is_key(key, "tcp") ? models::kTcpTrafficShifting
                                                       : models::MeshTrait();
            return for_each_item(field, [&](json::value route) {
                return read_route(route, shifting);
            });
        }
        return rule_member(key, field);
    }

    // What says how traffic is treated, and who sees that.
    error_code rule_member(const char* key, json::value field) {
        if (is_key(key, "location")) {
            object_.location = text_in(field);
            return SUCCESS;
        }
        if (is_key(key, "exportTo")) {
            return read_texts(field, object_.export_to);
        }
        if (is_key(key, "trafficPolicy")) {
            return read_policy(field);
        }
        if (is_key(key, "subsets")) {
            return each(field, member("trafficPolicy", [&](json::value policy) {
                            return read_policy(policy);
                        }));
        }
        return selector_member(key, field);
    }

    error_code read_policy(json::value value) {
        return for_each_field(value, [&](const char* key, json::value field) {
            if ((is_key(key, "connectionPool") || is_key(key, "outlierDetection")) &&
                is_container(field)) {
                object_.traits |= models::kCircuitBreaker;
            }
            return SUCCESS;
        });
    }

    error_code selector_member(const char* key, json::value field) {
        if (is_key(key, "labels") || is_key(key, "selector")) {
            return read_labels(field, interner_, object_.selector);
        }
        if (is_key(key, "workloadSelector")) {
            return for_each_field(field, [&](const char* name, json::value part) {
                return is_key(name, "labels") || is_key(name, "matchLabels")
                           ? read_labels(part, interner_, object_.selector)
                           : SUCCESS;
            });
        }
        if (is_key(key, "metadata")) {  // of a WorkloadGroup: what its entries get
            return for_each_field(field, member("labels", [&](json::value part) {
                                      return read_labels(part, interner_, object_.selector);
                                  }));
        }
        if (is_key(key, "template")) {
            return for_each_field(field, member("serviceAccount", [&](json::value part) {
                                      object_.service_account = text_in(part);
                                      return SUCCESS;
                                  }));
        }
        return SUCCESS;
    }

    // `shifting`: what a route with several destinations is.
    error_code read_route(json::value value, models::MeshTrait shifting) {
        std::size_t destinations = 0;
        const auto add_host =
            member("host", [&](json::value host) { return add_text(host, object_.backends); });
        const auto add_destination = [&](const char* key, json::value field) {
            const bool is_it = is_key(key, "destination");
            destinations += is_it ? 1 : 0;
            return is_it ? for_each_field(field, add_host) : SUCCESS;
        };
        const auto error = for_each_field(value, [&](const char* key, json::value field) {
            if (is_key(key, "route")) {
                const auto in_route = each(field, add_destination);
                object_.traits |= destinations > 1 ? shifting : models::MeshTrait();
                return in_route;
            }
            if (is_key(key, "mirrors")) {
                object_.traits |= models::kMirroring;
                return each(field, add_destination);
            }
            if (is_key(key, "mirror")) {
                object_.traits |= is_container(field) ? models::kMirroring : models::MeshTrait();
                return for_each_field(field, add_host);
            }
            if (shifting == models::kTrafficShifting) {
                read_treatment(key, field);
            }
            return SUCCESS;
        });
        return error;
    }

    // Of an HTTP route.
    void read_treatment(const char* key, json::value field) {
        if (is_key(key, "fault") && is_container(field)) {
            object_.traits |= models::kFaultInjection;
        } else if (is_key(key, "match") && is_container(field)) {
            object_.traits |= models::kRequestRouting;
        } else if (is_key(key, "timeout")) {
            object_.traits |= models::kRequestTimeout;
        }
    }

    error_code gateway_member(const char* key, json::value field) {
        if (is_key(key, "hostnames")) {
            return read_texts(field, object_.hosts);
        }
        if (is_key(key, "listeners")) {
            return each(field, member("hostname", [&](json::value name) {
                            return add_text(name, object_.hosts);
                        }));
        }
        if (is_key(key, "parentRefs")) {
            return for_each_item(field, [&](json::value item) { return read_parent(item); });
        }
        if (is_key(key, "rules")) {
            return each(field, member("backendRefs", [&](json::value backends) {
                            return for_each_item(backends, [&](json::value item) {
                                Reference reference;
                                const auto error = read_reference(item, reference);
                                add(reference.as_host(), object_.backends);
                                return error;
                            });
                        }));
        }
        return SUCCESS;
    }

    struct Reference {
        std::string kind, ns, name;
        [[nodiscard]] std::string as_host() const { return ns.empty() ? name : name + '.' + ns; }
        [[nodiscard]] std::string as_gateway() const { return ns.empty() ? name : ns + '/' + name; }
    };

    static error_code read_reference(json::value value, Reference& out) {
        return for_each_field(value, [&](const char* key, json::value field) {
            if (is_key(key, "name")) {
                out.name = text_in(field);
            } else if (is_key(key, "namespace")) {
                out.ns = text_in(field);
            } else if (is_key(key, "kind")) {
                out.kind = text_in(field);
            }
            return SUCCESS;
        });
    }

    // A route belongs to gateways, or inside the mesh to services.
    error_code read_parent(json::value value) {
        Reference reference;
        const auto error = read_reference(value, reference);
        if (reference.kind.empty() || reference.kind == "Gateway") {
            add(reference.as_gateway(), object_.gateways);
        } else {
            add(reference.as_host(), object_.hosts);
        }
        return error;
    }

    template <class Visit>
    static error_code each(json::value list, const Visit& visit) {
        return for_each_item(list, [&](json::value item) { return for_each_field(item, visit); });
    }

    static void add(std::string text, std::vector<std::string>& out) {
        if (!text.empty()) {
            out.push_back(std::move(text));
        }
    }
    static error_code add_text(json::value value, std::vector<std::string>& out) {
        add(text_in(value), out);
        return SUCCESS;
    }

    // Items of lists may come without their kind.
    [[nodiscard]] std::string whole(std::string_view text, std::string_view managed_fields) const {
        std::string json = managed_fields.empty()
                               ? std::string(text)
                               : without_member(text, managed_fields, "managedFields");
        std::string head;
        if (!has_version_) {
            head += R"("apiVersion":")" + object_.kind.group + '/' + object_.kind.version + R"(",)";
        }
        if (!has_kind_) {
            head += R"("kind":")" + object_.kind.kind + R"(",)";
        }
        return json.insert(1, head);  // `metadata` follows
    }

    const Resource& resource_;
    models::MeshObject object_;
    bool has_version_ = false;
    bool has_kind_ = false;
};

}  // namespace

std::unique_ptr<ObjectReader> make_mesh_object_reader(
    const Resource& resource, Interner& interner
) {
    return std::make_unique<MeshObjectReader>(resource, interner);
}

}  // namespace meshscope::clients::kubernetes
