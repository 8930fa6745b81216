#pragma once

#include "business/explain_facts.hpp"
#include "business/sureness.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Why a page has no traces: facts in, verdict out. Pure.
namespace meshscope::business {

enum class Rung : std::uint8_t {
    kReachable,
    kProtocol,
    kPath,
    kCredentials,
    kTenant,
    kStorage,
    kNames,
    kWindow,
    kSampling,
    kRights,
};
inline constexpr std::size_t kRungs = 10;

enum class RungState : std::uint8_t { kNotTried, kOk, kFailed, kUnknown };

struct RungFinding {
    Rung rung = Rung::kReachable;
    RungState state = RungState::kNotTried;
    std::string evidence;  // one sentence; "" none
    std::optional<std::chrono::microseconds> took;
};

struct Verdict {
    std::string code;  // a stable word, "path_prefix_missing"
    Sureness certainty = Sureness::kPossible;
    std::string summary;  // one or two sentences
    std::optional<SettingChange> change;
};

struct Explanation {
    Verdict verdict;
    std::array<RungFinding, kRungs> ladder;  // in order; behind the first that failed: not tried
};

std::string_view to_string(Rung rung);
std::string_view to_string(RungState state);

[[nodiscard]] Explanation explain(const ExplainFacts& facts);

// What an error of the store means; one rung of the first six.
struct StoreVerdict {
    Rung rung = Rung::kReachable;
    Verdict verdict;
};
[[nodiscard]] StoreVerdict judge_store_error(
    const StoreSetup& setup, const Error& error, const std::vector<Attempt>& attempts
);

// Other settings that may work after this error, best first, at most three. At the configured
// scheme, host and port with the configured credentials, elsewhere without.
[[nodiscard]] std::vector<Proposal> proposals_after(const StoreSetup& setup, const Error& error);

// Whether a verdict about names, window, tags or sampling is wanted: the store answers.
[[nodiscard]] Verdict judge_emptiness(const ExplainFacts& facts, Rung& failed);

}  // namespace meshscope::business
