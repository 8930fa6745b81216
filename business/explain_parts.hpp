#pragma once

#include "business/explain_facts.hpp"

#include <cstdint>
#include <string>
#include <string_view>

// What the rules about errors of the store share.
namespace meshscope::business {

inline const std::string kTracing = "external_services.tracing.";

inline constexpr std::uint16_t kJaegerGrpcPort = 16685;
inline constexpr std::uint16_t kJaegerHttpPort = 16686;

// The setting that holds the URL.
std::string url_setting(const StoreSetup& setup);
// As use_grpc is written; "" left out.
std::string word_of(clients::StoreTarget::Transport transport);
// Which way the path is wrong, out of the right URL: "path_prefix_missing", "..._extra",
// "..._wrong".
std::string prefix_code(const StoreSetup& setup, const std::string& right);

}  // namespace meshscope::business
