#include "tests/support/grpc_test_server.hpp"

#include <grpc/grpc.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/slice.h>
#include <openssl/ssl.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace meshscope::test {

namespace {

std::string bytes_of(const grpc::ByteBuffer& buffer) {
    std::vector<grpc::Slice> slices;
    std::string out;
    if (buffer.Valid() && buffer.Dump(&slices).ok()) {
        for (const grpc::Slice& slice : slices) {
            out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
        }
    }
    return out;
}

grpc::ByteBuffer buffer_of(const std::string& bytes) {
    const grpc::Slice slice(bytes);
    return {&slice, 1};
}

// gRPC counts its threads as ended a moment before they are. What OpenSSL keeps for each goes with
// the thread, so the end of the process waits for them (five seconds at most), and OpenSSL, which
// tidies up at the end of what was there before this object, for that.
struct LastThreads {
    LastThreads() { OPENSSL_init_ssl(0, nullptr); }
    LastThreads(const LastThreads&) = delete;
    LastThreads& operator=(const LastThreads&) = delete;
    ~LastThreads() {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (threads() > 1 && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    static std::ptrdiff_t threads() {
        std::error_code error;
        const std::filesystem::directory_iterator tasks("/proc/self/task", error);
        return std::distance(begin(tasks), end(tasks));
    }
};

}  // namespace

struct GrpcTestServer::Impl {
    class Session;
    struct Event {
        Session* session;
        void (Session::*then)(bool);
    };

    explicit Impl(const GrpcTestTls* tls) {
        grpc::ServerBuilder builder;
        builder.AddListeningPort("127.0.0.1:0", credentials(tls), &port);
        builder.RegisterAsyncGenericService(&service);
        builder.SetMaxReceiveMessageSize(-1);
        queue = builder.AddCompletionQueue();
        server = builder.BuildAndStart();
        accept();
        thread = std::thread([this] { run(); });
    }

    ~Impl() {
        {
            const std::scoped_lock lock(mutex);
            stopping = true;
        }
        server->Shutdown(std::chrono::system_clock::now());
        {
            // gRPC aborts when an operation begins on a queue that is shut down.
            std::unique_lock lock(mutex);
            changed.wait(lock, [this] { return sessions == 0; });
        }
        queue->Shutdown();
        thread.join();
    }

    static std::shared_ptr<grpc::ServerCredentials> credentials(const GrpcTestTls* tls) {
        if (tls == nullptr) {
            return grpc::InsecureServerCredentials();
        }
        grpc::SslServerCredentialsOptions options(
            tls->client_ca.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                   : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
        );
        options.pem_root_certs = tls->client_ca;
        options.pem_key_cert_pairs.push_back({tls->key, tls->certificate});
        return grpc::SslServerCredentials(options);
    }

    void accept();
    void run();

    // Destroyed last, so that gRPC's threads end before the process does.
    struct Library {
        Library() {
            static const LastThreads last_threads;
            grpc_init();
        }
        ~Library() { grpc_shutdown_blocking(); }
        Library(const Library&) = delete;
        Library& operator=(const Library&) = delete;
    };

    Library library;
    grpc::AsyncGenericService service;
    std::unique_ptr<grpc::ServerCompletionQueue> queue;
    std::unique_ptr<grpc::Server> server;
    int port = 0;
    std::thread thread;

    mutable std::mutex mutex;
    mutable std::condition_variable changed;
    std::map<std::string, GrpcScript> scripts;
    std::vector<GrpcTestCall> calls;
    std::size_t cancelled = 0;
    std::size_t sessions = 0;
    bool stopping = false;
};

// One call; runs on the server's thread only and deletes itself when no event is outstanding.
class GrpcTestServer::Impl::Session {
 public:
    explicit Session(Impl& impl) : impl_(impl), stream_(&context_) {
        context_.AsyncNotifyWhenDone(&done_);
        ++events_;
        impl_.service.RequestCall(
            &context_, &stream_, impl_.queue.get(), impl_.queue.get(), &accepted_
        );
    }

    void handle(void (Session::*then)(bool), bool ok) {
        --events_;
        (this->*then)(ok);
        if (events_ == 0) {
            Impl& impl = impl_;
            delete this;
            const std::scoped_lock lock(impl.mutex);
            --impl.sessions;
            impl.changed.notify_all();
        }
    }

    void accepted(bool ok) {
        if (!ok) {
            return;  // the server stops; the done event does not come for a call that never was
        }
        ++events_;  // the done event
        impl_.accept();
        ++events_;
        stream_.Read(&request_, &request_read_);
    }

    void request_read(bool) {
        GrpcTestCall call;
        call.method = context_.method();
        for (const auto& [name, value] : context_.client_metadata()) {
            call.metadata.emplace(
                std::string(name.data(), name.size()), std::string(value.data(), value.size())
            );
        }
        call.request = bytes_of(request_);
        call.time_left = std::chrono::duration_cast<std::chrono::milliseconds>(
            context_.deadline() - std::chrono::system_clock::now()
        );
        {
            const std::scoped_lock lock(impl_.mutex);
            const auto found = impl_.scripts.find(call.method);
            if (found == impl_.scripts.end()) {
                script_.status = grpc::StatusCode::UNIMPLEMENTED;
                script_.status_text = "unknown method " + call.method;
            } else {
                script_ = found->second;
                if (found->second.stall && found->second.stall_calls != SIZE_MAX) {
                    script_.stall = found->second.stall_calls > 0;
                    found->second.stall_calls -= script_.stall ? 1 : 0;
                }
            }
            impl_.calls.push_back(std::move(call));
            impl_.changed.notify_all();
        }
        step(true);
    }

    void step(bool ok) {
        if (ok && next_ < script_.messages.size()) {
            ++events_;
            stream_.Write(buffer_of(script_.messages[next_++]), &written_);
        } else if (!ok || !script_.stall) {
            ++events_;
            stream_.Finish(
                grpc::Status(
                    static_cast<grpc::StatusCode>(script_.status),
                    script_.status_text,
                    script_.details
                ),
                &finished_
            );
        } else if (next_ == 0) {
            ++events_;
            stream_.SendInitialMetadata(&headers_sent_);
        }
    }

    void nothing(bool) {}

    void done(bool) {
        if (context_.IsCancelled()) {
            const std::scoped_lock lock(impl_.mutex);
            ++impl_.cancelled;
            impl_.changed.notify_all();
        }
    }

 private:
    Impl& impl_;
    grpc::GenericServerContext context_;
    grpc::GenericServerAsyncReaderWriter stream_;
    grpc::ByteBuffer request_;
    GrpcScript script_;
    std::size_t next_ = 0;
    int events_ = 0;
    Event accepted_{this, &Session::accepted};
    Event request_read_{this, &Session::request_read};
    Event written_{this, &Session::step};
    Event headers_sent_{this, &Session::nothing};
    Event finished_{this, &Session::nothing};
    Event done_{this, &Session::done};
};

void GrpcTestServer::Impl::accept() {
    {
        const std::scoped_lock lock(mutex);
        if (stopping) {
            return;
        }
        ++sessions;
    }
    new Session(*this);
}

void GrpcTestServer::Impl::run() {
    void* tag = nullptr;
    bool ok = false;
    while (queue->Next(&tag, &ok)) {
        const Event* event = static_cast<Event*>(tag);
        event->session->handle(event->then, ok);
    }
}

GrpcTestServer::GrpcTestServer() : impl_(std::make_unique<Impl>(nullptr)) {}
GrpcTestServer::GrpcTestServer(GrpcTestTls tls) : impl_(std::make_unique<Impl>(&tls)) {}
GrpcTestServer::~GrpcTestServer() = default;

void GrpcTestServer::on(const std::string& method, GrpcScript script) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->scripts[method] = std::move(script);
}

std::uint16_t GrpcTestServer::port() const { return static_cast<std::uint16_t>(impl_->port); }

std::vector<GrpcTestCall> GrpcTestServer::calls() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->calls;
}

bool GrpcTestServer::wait_for_cancelled(std::size_t count) const {
    std::unique_lock lock(impl_->mutex);
    return impl_->changed.wait_for(lock, std::chrono::seconds(20), [&] {
        return impl_->cancelled >= count;
    });
}

}  // namespace meshscope::test
