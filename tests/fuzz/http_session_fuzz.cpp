// A connection of the server: whatever a client sends, in whatever pieces, the session ends with
// the connection, its answers are the same, each is a well-formed response, and there is one for
// each request at most. The answers are read by the client's reader, which knows nothing of the
// server's.
#include "clients/http/response_reader.hpp"
#include "server/request_reader.hpp"
#include "server/worker.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace meshscope;
using namespace meshscope::server;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

class StillClock final : public Clock {
 public:
    [[nodiscard]] SystemTime now() const override { return from_micros(1'763'683'200'000'000); }
    [[nodiscard]] SteadyTime steady_now() const override { return SteadyTime{}; }
};

Awaitable<Response> echo(RequestContext, const Request& request) {
    co_return Response::text(request.path + "\n" + request.body);
}

Awaitable<Response> long_answer(RequestContext, const Request&) {
    int pieces = 0;
    BodySource source = [pieces](std::string& out) mutable {
        out.append(40'000, 'x');
        return ++pieces < 4;
    };
    co_return Response::stream(std::move(source));
}

// One server without threads, whose io_context runs where it is asked to.
struct House {
    House() : shared(options(), parts()), worker(shared) {}

    static ServerOptions options() {
        ServerOptions made;
        made.compression = false;
        made.limits.max_target_bytes = 256;
        made.limits.max_header_bytes = 1024;
        made.limits.max_header_fields = 16;
        made.limits.max_body_bytes = 512;
        return made;
    }
    ServerParts parts() {
        auto router = std::make_shared<Router>();
        router->add(Method::kGet, "/long", long_answer);
        router->add(Method::kPost, "/echo", echo);
        router->add(Method::kGet, "/echo/{path...}", echo);
        ServerParts made;
        made.router = std::move(router);
        made.clock = &clock;
        return made;
    }
    boost::asio::io_context& io() {
        return static_cast<boost::asio::io_context&>(worker.executor().context());
    }

    StillClock clock;
    Shared shared;
    Worker worker;
};

// The client's end of a connection.
class Client {
 public:
    explicit Client(House& house) : house_(house) {
        std::array<int, 2> ends{};
        require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
        TcpSocket socket(house.worker.executor());
        socket.assign(boost::asio::ip::tcp::v4(), ends[0]);
        descriptor_ = ends[1];
        house.shared.connections.fetch_add(1);
        start_plain_session(house.worker, std::move(socket), ConnectionTicket(house.shared));
    }
    ~Client() { ::close(descriptor_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent > 0) {
                bytes.remove_prefix(static_cast<std::size_t>(sent));
            } else if (errno != EAGAIN) {
                return;  // the server has closed
            }
            if (!settle() && sent <= 0) {
                return;  // the server reads no more
            }
        }
        settle();
    }

    // Everything it says until it closes, which it must when the client has.
    std::string finish() {
        ::shutdown(descriptor_, SHUT_WR);
        for (int idle = 0; house_.shared.connections.load() > 0;) {
            idle = settle() ? 0 : idle + 1;
            require(idle < 1000);
        }
        receive();
        return std::move(received_);
    }

 private:
    // Lets the server do what it can; false when that was nothing.
    bool settle() {
        bool any = false;
        for (bool more = true; more; any = any || more) {
            house_.io().restart();
            more = house_.io().poll() > 0;
            more = receive() || more;
        }
        return any;
    }
    bool receive() {
        std::array<char, 65536> buffer{};
        const auto got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
        if (got > 0) {
            received_.append(buffer.data(), static_cast<std::size_t>(got));
        }
        return got > 0;
    }

    House& house_;
    int descriptor_ = -1;
    std::string received_;
};

std::string talk(std::string_view bytes, std::size_t step) {
    static House house;
    Client client(house);
    for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
        client.send(bytes.substr(0, step));
    }
    return client.finish();
}

// What is wrong in several ways may be refused for another one when it comes in pieces.
void forget_why_refused(std::string& text) {
    const std::size_t last = text.rfind("HTTP/1.1 ");
    if (last == std::string::npos || last + 9 >= text.size()) {
        return;
    }
    const bool failed = text[last + 9] == '4' || text[last + 9] == '5';
    if (failed && text.find("Connection: close\r\n", last) != std::string::npos) {
        text.replace(last, std::string::npos, "refused");
    }
}

// Ids that the server made up differ from run to run; their length does not. A client is asked to
// go on only when its body is not there yet.
std::string comparable(std::string text) {
    forget_why_refused(text);
    constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
    for (std::size_t at = 0; (at = text.find(kGoOn, at)) != std::string::npos;) {
        text.erase(at, kGoOn.size());
    }
    constexpr std::string_view kName = "X-Request-Id: ";
    for (std::size_t at = 0; (at = text.find(kName, at)) != std::string::npos;) {
        at += kName.size();
        const std::string id = text.substr(at, text.find('\r', at) - at);
        for (std::size_t same = at;
             !id.empty() && (same = text.find(id, same)) != std::string::npos;) {
            text.replace(same, id.size(), id.size(), '-');
        }
    }
    return text;
}

// The methods of the requests whose heads are whole.
std::vector<Method> methods_of(std::string_view bytes) {
    static const Limits kLimits = House::options().limits;
    RequestReader reader(kLimits);
    std::vector<Method> methods;
    Request request;
    for (;;) {
        const RequestReader::Step step = reader.advance(bytes, request);
        bytes.remove_prefix(reader.consumed());
        if (step == RequestReader::Step::kHead) {
            methods.push_back(request.method);
        } else if (step == RequestReader::Step::kComplete) {
            request = {};
            reader.reset();
        } else {
            return methods;
        }
    }
}

// The bytes of one response, 0 when there is none at the beginning of `text`.
std::size_t size_of_response(std::string_view text, bool to_head) {
    clients::ResponseExpectation expectation;
    expectation.no_body = to_head;
    clients::ResponseReader reader(clients::HttpLimits{}, expectation);
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (reader.feed(text.substr(at, 1))) {
            return 0;
        }
        if (reader.done()) {
            return at + 1;
        }
    }
    return reader.end(true, clients::Fault{}) || reader.cut() ? 0 : text.size();
}

void check_answers(std::string_view text, const std::vector<Method>& methods) {
    for (std::size_t count = 0; !text.empty(); ++count) {
        require(count <= methods.size());  // one more than requests: the refusal of a broken one
        const bool known = count < methods.size();
        std::size_t size = size_of_response(text, known && methods[count] == Method::kHead);
        if (size == 0 && !known) {
            size = size_of_response(text, true);
        }
        require(size > 0);
        text.remove_prefix(size);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::string whole = talk(bytes, size + 1);
    check_answers(whole, methods_of(bytes));
    const std::string expected = comparable(whole);
    require(comparable(talk(bytes, 1)) == expected);
    require(comparable(talk(bytes, 7)) == expected);
    return 0;
}
