#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "broker/catalog/meta_client.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/guard/guard.h"

namespace lanemq::broker {

struct AccessFeedOptions {
  std::filesystem::path file;  ///< Where the last book is remembered. Empty: nowhere.
  /// How often metaservers are asked; so late, at most, is what they know. Requests do not wait.
  std::chrono::milliseconds interval{1'000};
  std::chrono::milliseconds call_timeout{2'000};
  /// From one question to the next, when it is asked early.
  std::chrono::milliseconds poke_interval{200};
  /// A metaserver that did not make a change itself knows it so much later.
  std::chrono::milliseconds metaserver_delay{500};
};

/// Keeps the guard's book up to date: asks metaservers for what is newer than the one at hand, and
/// remembers it on disk, so that a restart needs none of them. With the guard off it does nothing.
///
/// Never believed: a book of another cluster, or one older than that at hand. A book of a
/// metaserver too old to know of people and quotas is used, and the whole one asked for again and
/// again. Thread safety: Poke(), confirmed_at() and age() from any thread; the rest has one owner.
/// One thread of its own: revocation does not wait for the catalogue.
class AccessFeed {
 public:
  /// What it cannot know by itself. Called on this object's thread.
  struct Hooks {
    std::function<std::vector<core::Endpoint>()> metaservers;  ///< Whom to ask.
    std::function<std::string()> cluster_id;  ///< As the catalogue says; empty: not known.
    /// Some may do less than before: there is a new book, or a token or grant in it has ended.
    std::function<void()> on_change;
  };
  /// `meta`, `guard` and `clock` outlive it.
  AccessFeed(AccessFeedOptions options, MetaClient& meta, Guard& guard, const Clock& clock,
             Hooks hooks);
  ~AccessFeed() { Stop(); }
  AccessFeed(const AccessFeed&) = delete;
  AccessFeed& operator=(const AccessFeed&) = delete;

  /// Publishes the book on disk, if there is one that can be read. Before anybody is connected.
  void Load();
  /// Starts to ask. Returns once there is a book, or after `patience`.
  void Start(std::chrono::nanoseconds patience);
  void Stop();
  /// Somebody may be known to metaservers who is not in the book: they are asked at once, five
  /// times a second at most. Does not block.
  void Poke();
  /// Asks once: what the thread does again and again. Without a thread, for tests.
  void Round();

  /// When a metaserver last said that the book is the newest, or told a newer one.
  [[nodiscard]] std::optional<MonotonicTime> confirmed_at() const;
  /// Since then; without: since this object was made.
  [[nodiscard]] std::chrono::nanoseconds age() const;

 private:
  void Run();
  /// OK when `server` has confirmed the book, or told a newer one.
  Status AskFrom(const core::Endpoint& server);
  void Take(core::AccessRecords records, bool is_whole);
  /// Of a reply to who has `records`.
  void TakePeopleTokens(const core::AccessRecords& records, core::PeopleTokens people);
  /// Remembers the book on disk. When that fails it is tried again with each round: who has been
  /// taken out of the book must not be let in after a restart.
  void Save();
  void Log(const Status& told);
  /// Tells when something in the book has ended since it was last looked at. Called before and
  /// after each call of a metaserver: an end is not told later because some of them hang.
  void TellOfEnds();

  const AccessFeedOptions options_;
  MetaClient& meta_;
  Guard& guard_;
  const Clock& clock_;
  const Hooks hooks_;
  const MonotonicTime made_at_;
  // The thread's own.
  std::optional<core::Endpoint> preferred_;  ///< The server that answered last.
  std::string last_problem_;                 ///< As logged.
  std::optional<WallTime> next_end_;         ///< Of a token or grant.
  bool is_whole_ = true;                     ///< The book at hand has people and quotas.
  bool is_unsaved_ = false;                  ///< The last Save() has failed.
  std::optional<MonotonicTime> not_saved_logged_at_;

  mutable Mutex mutex_;
  CondVar wake_;
  std::optional<MonotonicTime> confirmed_at_ LANEMQ_GUARDED_BY(mutex_);
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_poked_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq::broker
