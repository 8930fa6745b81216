#pragma once

#include "core/clock.hpp"

namespace meshscope::clients {

// Every WatchedFile of the process reads its file when it is asked for it next, whether that has
// changed or not: for file systems that hide changes. `clock` is theirs. From any thread.
void read_files_again(const Clock& clock);

}  // namespace meshscope::clients
