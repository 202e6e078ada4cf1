#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/access_store.h"
#include "common/guard/guard.h"

namespace lanemq::metaserver {

/// Keeps the guard's book as new as the metadata database.
///
/// One thread looks at the version every `poll_interval`; this server's own changes are loaded by
/// Reload() before they are answered. While the database does not answer, the last book holds; so
/// it does while the database has an older one (restored, or failed over with changes lost): what
/// was revoked does not come back by itself. The next change is newer and puts an end to that.
/// Thread safety: every method from any thread; Start() and Stop() from one owner.
class AccessService {
 public:
  struct Options {
    std::chrono::milliseconds poll_interval{300};
    std::chrono::milliseconds load_timeout{5'000};
  };

  /// `on_void` is called when callers may have become void: a new book is in force, or a token has
  /// expired. On any thread; must not block.
  AccessService(Options options, core::AccessStore& store, Guard& guard, const Clock& clock,
                std::function<void()> on_void);
  ~AccessService() { Stop(); }

  /// Loads the first book. The errors of AccessStore::Load().
  Status Load();
  /// Begins to poll.
  void Start();
  void Stop();

  /// After a change was committed: loads the book now, and the change is in force. Otherwise
  /// kOutcomeUnknown, which says that it is done, but not in force here; the poll may catch up.
  Status Reload();

  /// Whether the last look at the database confirmed the book.
  [[nodiscard]] bool is_fresh() const { return is_fresh_; }
  /// When the book last agreed with the database.
  [[nodiscard]] MonotonicTime confirmed_at() const;

 private:
  void Run();
  Status LoadNow();
  /// Of the database: only what changes with each signing in, when `known` has the rest.
  Result<core::AccessRecords> LoadRecords(const core::AccessBook* known);
  void Look();
  void Note(const Status& status);
  void Confirm(MonotonicTime asked_at);
  /// The database has `version`, older than `book`. Logs it.
  Error WentBack(std::int64_t version, const core::AccessBook& book);
  [[nodiscard]] std::optional<std::int64_t> went_back_to() const;
  /// Closes the connections of tokens that have expired since the last call.
  void CloseExpired();

  const Options options_;
  core::AccessStore& store_;
  Guard& guard_;
  const Clock& clock_;
  const std::function<void()> on_void_;
  std::atomic<bool> is_fresh_{false};
  WallTime expired_until_;  // The thread's own.

  mutable Mutex mutex_;
  CondVar wake_;
  MonotonicTime confirmed_at_ LANEMQ_GUARDED_BY(mutex_);
  /// The database's version while it is older than the book.
  std::optional<std::int64_t> went_back_to_ LANEMQ_GUARDED_BY(mutex_);
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
