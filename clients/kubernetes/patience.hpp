#pragma once

#include <chrono>
#include <cstddef>

namespace meshscope::clients::kubernetes {

// Times and bounds of list and watch; tests make them short, production takes these.
struct Patience {
    std::chrono::milliseconds watch_for{300'000
    };  // timeoutSeconds: from this to its double, at random
    std::chrono::milliseconds watch_slack{30'000
    };  // the deadline of a watch: timeoutSeconds and this
    std::chrono::milliseconds silence{150'000
    };  // no byte that long: connect again with the same version
    std::chrono::milliseconds call_for{60'000};  // one page of a list, one object
    std::chrono::milliseconds short_watch{1'000
    };  // a watch without events that ends sooner is an error
    std::chrono::milliseconds retry_first{800};  // after an error; doubles
    std::chrono::milliseconds retry_most{30'000
    };  // while the server is unreachable the gate decides
    std::chrono::milliseconds retry_refused{10'000};   // at least, when our credentials are refused
    std::chrono::milliseconds healthy_after{120'000};  // then the next error is a first one again
    std::chrono::milliseconds gate_every{1'500
    };  // unreachable: one probe that often, all wait for it
    std::chrono::milliseconds look_every{30'000};  // reachable: one probe that often
    std::chrono::milliseconds spread{300};         // the watches come back over this, at random
    std::chrono::milliseconds forbidden_again{30'000};
    std::chrono::milliseconds absent_again{120'000};
    std::chrono::milliseconds poll_every{30'000};  // to the double: list allowed, watch forbidden
    std::size_t page = 500;
    std::size_t most_pages = 20'000;  // more: the list has failed
    int list_restarts = 3;            // when pages expire under way; then it has failed
};

}  // namespace meshscope::clients::kubernetes
