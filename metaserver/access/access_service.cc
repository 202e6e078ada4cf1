#include "metaserver/access/access_service.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"

namespace lanemq::metaserver {

AccessService::AccessService(Options options, core::AccessStore& store, Guard& guard,
                             const Clock& clock, std::function<void()> on_void)
    : options_(options),
      store_(store),
      guard_(guard),
      clock_(clock),
      on_void_(std::move(on_void)),
      expired_until_(clock.WallNow()) {}

Status AccessService::Load() {
  Status loaded = LoadNow();
  is_fresh_ = loaded.ok();
  return loaded;
}

void AccessService::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void AccessService::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

Status AccessService::Reload() {
  Status loaded = LoadNow();
  Note(loaded);
  return loaded;
}

MonotonicTime AccessService::confirmed_at() const {
  MutexLock lock(mutex_);
  return confirmed_at_;
}

void AccessService::Confirm(MonotonicTime asked_at) {
  MutexLock lock(mutex_);
  confirmed_at_ = std::max(confirmed_at_, asked_at);
}

Status AccessService::LoadNow() {
  const MonotonicTime asked_at = clock_.Now();
  LANEMQ_ASSIGN_OR_RETURN(core::AccessRecords records,
                          store_.Load(Deadline::After(clock_, options_.load_timeout)));
  const auto book = std::make_shared<const core::AccessBook>(std::move(records));
  // Two loads may overtake each other: the guard keeps the newer one.
  if (guard_.Publish(book)) {
    LANEMQ_LOG(INFO, "access.book", {"version", book->version()},
               {"services", book->records().services.size()},
               {"tokens", book->records().tokens.size()},
               {"grants", book->records().grants.size()});
    on_void_();
  }
  Confirm(asked_at);
  return {};
}

void AccessService::Note(const Status& status) {
  const bool was_fresh = is_fresh_.exchange(status.ok());
  const auto book = guard_.book();
  const std::int64_t version = book ? book->version() : 0;
  if (was_fresh && !status.ok()) {
    LANEMQ_LOG(WARN, "access.database_lost", {"error", status.error().ToString()},
               {"serving_version", version});
  } else if (!was_fresh && status.ok()) {
    LANEMQ_LOG(INFO, "access.database_back", {"version", version});
  }
}

void AccessService::Look() {
  const MonotonicTime asked_at = clock_.Now();
  const auto version = store_.LoadVersion(Deadline::After(clock_, options_.load_timeout));
  if (!version.ok()) return Note(version.error());
  const auto book = guard_.book();
  if (book == nullptr || book->version() != *version) return Note(LoadNow());
  Confirm(asked_at);
  Note({});
}

void AccessService::CloseExpired() {
  const WallTime now = clock_.WallNow();
  const WallTime since = std::exchange(expired_until_, now);
  const auto book = guard_.book();
  if (book == nullptr) return;
  const auto& tokens = book->records().tokens;
  const bool has_expired = std::ranges::any_of(tokens, [&](const core::Token& token) {
    return token.expires_at && *token.expires_at > since && *token.expires_at <= now;
  });
  if (has_expired) on_void_();
}

void AccessService::Run() {
  while (true) {
    {
      MutexLock lock(mutex_);
      if (!is_stopping_) wake_.WaitFor(mutex_, options_.poll_interval);
      if (is_stopping_) return;
    }
    // First: a database that hangs does not make a token last longer.
    CloseExpired();
    Look();
  }
}

}  // namespace lanemq::metaserver
