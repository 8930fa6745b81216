#include "clients/credentials/secret.hpp"

#include "clients/credentials/watched_file.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

namespace meshscope::clients {

struct Secret::State {
    std::string literal;
    std::optional<WatchedFile> file;
    std::shared_ptr<SecretSource> source;

    std::mutex mutex;
    std::optional<std::string> value;  // of the file, trimmed
};

Secret Secret::none() { return literal({}); }

Secret Secret::literal(std::string value) {
    Secret secret;
    secret.state_ = std::make_shared<State>();
    secret.state_->literal = std::move(value);
    return secret;
}

Secret Secret::file(std::string path, const Clock& clock) {
    Secret secret;
    secret.state_ = std::make_shared<State>();
    secret.state_->file.emplace(std::move(path), clock);
    return secret;
}

Secret Secret::from(std::shared_ptr<SecretSource> source) {
    Secret secret;
    secret.state_ = std::make_shared<State>();
    secret.state_->source = std::move(source);
    return secret;
}

Result<std::string> Secret::current() const {
    if (state_->source) {
        return state_->source->current();
    }
    if (!state_->file) {
        return state_->literal;
    }
    const std::scoped_lock lock(state_->mutex);
    if (state_->file->look_again()) {
        const Result<std::string> content = state_->file->read();
        const std::string_view text = content ? trim(*content) : std::string_view();
        if (content && (!text.empty() || !state_->value)) {
            state_->value = std::string(text);
        }
        if (!content && !state_->value) {
            return content.error();
        }
    }
    if (!state_->value) {
        return Error(ErrorKind::kUpstreamAuth, "cannot read " + state_->file->path());
    }
    return *state_->value;
}

void Secret::recheck() const {
    if (state_->source) {
        state_->source->recheck();
    }
    if (state_->file) {
        const std::scoped_lock lock(state_->mutex);
        state_->file->expire();
    }
}

bool Secret::is_set() const {
    return state_->file.has_value() || state_->source || !state_->literal.empty();
}

namespace {

bool fits_in_header(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
}

}  // namespace

Result<std::string> Credentials::authorization() const {
    if (type == AuthType::kNone) {
        return std::string();
    }
    if (type == AuthType::kBearer) {
        const Result<std::string> text = token.current();
        if (!text || text->empty()) {
            return text;
        }
        if (!fits_in_header(*text)) {
            return Error(
                ErrorKind::kUpstreamAuth,
                "the bearer token has a line break or control character inside"
            );
        }
        return "Bearer " + *text;
    }
    const Result<std::string> name = username.current();
    if (!name) {
        return name;
    }
    const Result<std::string> secret = password.current();
    if (!secret) {
        return secret;
    }
    return "Basic " + base64_encode(*name + ":" + *secret);
}

void Credentials::recheck() const {
    username.recheck();
    password.recheck();
    token.recheck();
}

}  // namespace meshscope::clients
