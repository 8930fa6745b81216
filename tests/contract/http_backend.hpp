#pragma once

#include "async/governor.hpp"
#include "async/worker_pool.hpp"
#include "clients/http/http_client.hpp"
#include "clients/jaeger/jaeger_store.hpp"
#include "tests/contract/backend.hpp"
#include "tests/support/http_responder.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::contract {

// One version of Jaeger's HTTP API, as its server writes it.
struct HttpDialect {
    std::string traces_path;  // a trace is below it
    std::string services_path;
    std::string operations_path;
    std::string (*traces)(const std::vector<HeldTrace>& traces);  // without the end of the document
    std::string end;
    std::string (*services)(const std::vector<std::string>& names);
    std::string (*operations)(const std::vector<clients::Operation>& operations);
    std::string (*failure)(int status, const std::string& text);
    std::string (*path_id)(TraceId id);
    const char* none_found;  // the text of 404 when a search finds nothing; nullptr: 200
    Wire wire;
    std::shared_ptr<clients::jaeger::Protocol> (*protocol)(
        clients::HttpClientOptions options, const Clock& clock, WorkerPool* workers
    );
};

std::unique_ptr<Backend> make_http_backend(
    HttpDialect dialect, std::chrono::milliseconds query_timeout
);

}  // namespace meshscope::contract
