#include "clients/kubernetes/decode_parts.hpp"

#include <utility>

namespace meshscope::clients::kubernetes {

using simdjson::error_code;
using simdjson::SUCCESS;

namespace {

error_code read_ports(json::value value, std::vector<models::ServicePort>& out) {
    out.clear();
    return for_each_item(value, [&](json::value item) {
        models::ServicePort port;
        port.protocol = "TCP";
        const auto error = for_each_field(item, [&](const char* key, json::value field) {
            if (is_key(key, "name")) {
                port.name = text_in(field);
            } else if (is_key(key, "protocol")) {
                port.protocol = text_in(field);
            } else if (is_key(key, "port")) {
                port.port = count_in(field);
            }
            return SUCCESS;
        });
        out.push_back(std::move(port));
        return error;
    });
}

class ServiceReader final : public ObjectReader {
 public:
    using ObjectReader::ObjectReader;

    error_code spec(json::value value) override {
        return for_each_field(value, [&](const char* key, json::value field) {
            if (is_key(key, "type")) {
                service_.type = text_in(field);
            } else if (is_key(key, "externalName")) {
                service_.external_name = text_in(field);
            } else if (is_key(key, "clusterIP")) {
                ip_ = text_in(field);
            } else if (is_key(key, "clusterIPs")) {
                service_.ips.clear();
                return read_texts(field, service_.ips);
            } else if (is_key(key, "ipFamilies")) {
                service_.ip_families.clear();
                return read_texts(field, service_.ip_families);
            } else if (is_key(key, "ports")) {
                return read_ports(field, service_.ports);
            } else if (is_key(key, "selector")) {
                return read_labels(field, interner_, service_.selector);
            }
            return SUCCESS;
        });
    }

    Decoded finish(RawMeta& raw, std::string_view /*text*/) override {
        if (service_.ips.empty() && !ip_.empty()) {
            service_.ips.push_back(std::move(ip_));
        }
        service_.meta = std::move(raw.meta);
        service_.ips.shrink_to_fit();
        service_.ip_families.shrink_to_fit();
        service_.ports.shrink_to_fit();
        return decoded(std::move(service_));
    }

 private:
    models::Service service_;
    std::string ip_;
};

error_code read_address(json::value value, models::EndpointAddress& out) {
    return for_each_field(value, [&](const char* key, json::value field) {
        if (is_key(key, "ip")) {
            out.ip = text_in(field);
        } else if (is_key(key, "targetRef")) {
            return for_each_field(field, [&](const char* name, json::value part) {
                if (is_key(name, "kind")) {
                    out.kind = text_in(part);
                } else if (is_key(name, "name")) {
                    out.name = text_in(part);
                }
                return SUCCESS;
            });
        }
        return SUCCESS;
    });
}

class EndpointsReader final : public ObjectReader {
 public:
    using ObjectReader::ObjectReader;

    error_code other(const char* key, json::value value) override {
        if (!is_key(key, "subsets")) {
            return SUCCESS;
        }
        subsets_.clear();
        return for_each_item(value, [&](json::value item) {
            return read_subset(item, subsets_.emplace_back());
        });
    }

    // Of what is kept the metadata is no part.
    Decoded finish(RawMeta& raw, std::string_view /*text*/) override {
        auto made = std::make_shared<models::Endpoints>();
        made->service = raw.meta.name;
        made->subsets = std::move(subsets_);
        made->subsets.shrink_to_fit();
        for (models::EndpointSubset& subset : made->subsets) {
            subset.addresses.shrink_to_fit();
            subset.ports.shrink_to_fit();
        }
        return {
            std::make_shared<const models::ObjectMeta>(std::move(raw.meta)),
            models::EndpointsPtr(std::move(made))
        };
    }

 private:
    static error_code read_subset(json::value value, models::EndpointSubset& out) {
        return for_each_field(value, [&](const char* key, json::value field) {
            if (is_key(key, "ports")) {
                return read_ports(field, out.ports);
            }
            if (!is_key(key, "addresses")) {
                return SUCCESS;
            }
            out.addresses.clear();
            return for_each_item(field, [&](json::value item) {
                return read_address(item, out.addresses.emplace_back());
            });
        });
    }

    std::vector<models::EndpointSubset> subsets_;
};

class NamespaceReader final : public ObjectReader {
 public:
    using ObjectReader::ObjectReader;

    Decoded finish(RawMeta& raw, std::string_view /*text*/) override {
        return decoded(models::Namespace{std::move(raw.meta)});
    }
};

}  // namespace

std::unique_ptr<ObjectReader> make_service_reader(Interner& interner) {
    return std::make_unique<ServiceReader>(interner);
}

std::unique_ptr<ObjectReader> make_endpoints_reader(Interner& interner) {
    return std::make_unique<EndpointsReader>(interner);
}

std::unique_ptr<ObjectReader> make_namespace_reader(Interner& interner) {
    return std::make_unique<NamespaceReader>(interner);
}

}  // namespace meshscope::clients::kubernetes
