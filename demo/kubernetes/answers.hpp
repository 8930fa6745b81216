#pragma once

#include "demo/kubernetes/object.hpp"
#include "demo/net/http_message.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// How objects are written for who asks: whole, their metadata only, or as a table.
namespace meshscope::demo {

enum class Answer : std::uint8_t { kObjects, kMetadata, kTable, kNotAcceptable };

// What an Accept header asks for. Metadata of a list has another name than that of one object or of
// a watch; the wrong one is not acceptable.
Answer answer_of(std::string_view accept, bool is_list);

struct ListInfo {
    std::int64_t version = 0;
    std::string next;            // the continue token; "" the end
    std::int64_t remaining = 0;  // 0: not said
};

std::string list_text(
    const Resource& resource,
    const std::vector<ObjectPtr>& objects,
    const ListInfo& info,
    Answer answer,
    SystemTime now
);
std::string object_text(const Object& object, Answer answer, SystemTime now);

// One line of a watch. `first`: the table says its columns.
std::string event_text(
    std::string_view type, const Object& object, Answer answer, SystemTime now, bool first
);
std::string bookmark_text(const Resource& resource, std::int64_t version, Answer answer);
std::string error_event_text(const std::string& status);

// "3d", "5h12m", "45s": as kubectl shows an age.
std::string age_text(SystemTime since, SystemTime now);

}  // namespace meshscope::demo
