#pragma once

#include <memory>
#include <utility>

namespace meshscope {

// The handler of a waiting coroutine, without its type. Move-only; called at most once, on the
// coroutine's thread, and never inside the function that started the wait. Unlike Boost 1.81's
// any_completion_handler it can be assigned and leaves the handler's cancellation slot to its
// owner.
template <class... Args>
class Resumption {
 public:
    Resumption() = default;
    template <class Handler>
    explicit Resumption(Handler handler)
        : holder_(std::make_unique<Holder<Handler>>(std::move(handler))) {}

    void operator()(Args... args) {
        const std::unique_ptr<Base> holder = std::move(holder_);
        holder->resume(std::move(args)...);
    }
    explicit operator bool() const { return holder_ != nullptr; }

 private:
    struct Base {
        Base() = default;
        Base(const Base&) = delete;
        Base& operator=(const Base&) = delete;
        virtual ~Base() = default;
        virtual void resume(Args... args) = 0;
    };
    template <class Handler>
    struct Holder final : Base {
        explicit Holder(Handler handler_in) : handler(std::move(handler_in)) {}
        void resume(Args... args) override { std::move(handler)(std::move(args)...); }
        Handler handler;
    };
    std::unique_ptr<Base> holder_;
};

}  // namespace meshscope
