#include "broker/access/access_feed.h"

#include <algorithm>
#include <memory>
#include <pthread.h>
#include <utility>

#include <fmt/format.h>

#include "broker/access/access_file.h"
#include "common/base/log.h"

namespace lanemq::broker {
namespace {

constexpr std::chrono::minutes kNotSavedLogEvery{1};

/// The first end after `now` of what the book has.
std::optional<WallTime> NextEnd(const core::AccessRecords& records, WallTime now) {
  std::optional<WallTime> next;
  const auto look = [&](const auto& rows) {
    for (const auto& row : rows) {
      if (row.expires_at && *row.expires_at > now && (!next || *row.expires_at < *next)) {
        next = row.expires_at;
      }
    }
  };
  look(records.tokens);
  look(records.grants);
  return next;
}

}  // namespace

AccessFeed::AccessFeed(AccessFeedOptions options, MetaClient& meta, Guard& guard,
                       const Clock& clock, Hooks hooks)
    : options_(std::move(options)),
      meta_(meta),
      guard_(guard),
      clock_(clock),
      hooks_(std::move(hooks)),
      made_at_(clock.Now()) {
  guard_.ExpectNewTokens(options_.metaserver_delay, [this] { Poke(); });
}

void AccessFeed::Load() {
  if (!guard_.asks() || options_.file.empty()) return;
  auto loaded = LoadAccess(options_.file);
  if (!loaded.ok()) {
    if (loaded.error().code == ErrorCode::kNotFound) return;
    LANEMQ_LOG(WARN, "access.file_unusable", {"error", loaded.error().ToString()});
    return;
  }
  core::AccessRecords& records = loaded->records;
  LANEMQ_LOG(INFO, "access.loaded", {"version", records.version}, {"tokens", records.tokens.size()},
             {"grants", records.grants.size()});
  Take(std::move(records), loaded->is_whole);
}

void AccessFeed::Start(std::chrono::nanoseconds patience) {
  if (!guard_.asks()) return;
  thread_ = std::jthread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "access");
  const Deadline deadline = Deadline::After(clock_, patience);
  MutexLock lock(mutex_);
  while (!confirmed_at_ && !is_stopping_ && !deadline.HasPassed(clock_)) {
    wake_.WaitFor(mutex_, deadline.Left(clock_));
  }
}

void AccessFeed::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  wake_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

void AccessFeed::Poke() {
  {
    MutexLock lock(mutex_);
    if (std::exchange(is_poked_, true)) return;
  }
  wake_.NotifyAll();
}

void AccessFeed::Run() {
  for (;;) {
    {
      MutexLock lock(mutex_);
      is_poked_ = false;  // Who pokes from here on is not answered by this round.
    }
    const MonotonicTime begun = clock_.Now();
    Round();
    MutexLock lock(mutex_);
    for (;;) {
      if (is_stopping_) return;
      const auto pause =
          is_poked_ ? std::min(options_.poke_interval, options_.interval) : options_.interval;
      const std::chrono::nanoseconds wait = begun + pause - clock_.Now();
      if (wait.count() <= 0) break;
      wake_.WaitFor(mutex_, wait);
    }
  }
}

void AccessFeed::Round() {
  TellOfEnds();
  const bool was_unsaved = is_unsaved_;
  std::vector<core::Endpoint> servers = hooks_.metaservers();
  if (preferred_) {
    std::erase(servers, *preferred_);
    servers.insert(servers.begin(), *preferred_);
  }
  Status told = Error{ErrorCode::kBrokerNotAvailable, "there is no metaserver to ask"};
  preferred_.reset();
  for (const core::Endpoint& server : servers) {
    told = AskFrom(server);
    TellOfEnds();
    if (told.ok()) {
      preferred_ = server;
      break;
    }
    told = told.error().Wrap(fmt::format("{}:{}", server.host, server.port));
  }
  Log(told);
  if (was_unsaved && is_unsaved_) Save();
}

void AccessFeed::Log(const Status& told) {
  const std::string problem = told.ok() ? "" : told.error().ToString();
  if (std::exchange(last_problem_, problem) == problem) return;
  const std::string_view serving = guard_.book() ? "by the last book" : "nobody";
  if (told.ok()) {
    LANEMQ_LOG(INFO, "access.metaserver_is_back", {"port", preferred_->port});
  } else if (RetryOf(told.error().code) == Retry::kNever) {
    // Its own token, most often.
    LANEMQ_LOG(ERROR, "access.refused", {"error", problem}, {"serving", serving});
  } else {
    LANEMQ_LOG(WARN, "access.no_metaserver", {"error", problem}, {"serving", serving});
  }
}

Status AccessFeed::AskFrom(const core::Endpoint& server) {
  const auto known = guard_.book();
  const auto version = known ? std::optional(known->version()) : std::nullopt;
  const MonotonicTime asked_at = clock_.Now();
  // A newer metaserver would say that nothing has changed.
  const auto asked = is_whole_ ? version : std::nullopt;
  const KnownAccess have{asked, asked ? known->records().rights_version : 0};
  auto reply = meta_.Access(server, have, Deadline::After(clock_, options_.call_timeout));
  if (!reply.ok()) return reply.error();
  const std::string cluster = known ? known->records().cluster_id : hooks_.cluster_id();
  if (!cluster.empty() && reply->cluster_id != cluster) {
    return Error{ErrorCode::kInconsistentClusterId,
                 fmt::format("it is of cluster {}, not of {}: if the cluster was made anew, remove "
                             "this broker's data",
                             reply->cluster_id, cluster)};
  }
  if (version && reply->version < *version) {
    return Error{ErrorCode::kMetadataUnavailable,
                 fmt::format("it has version {} of who may do what, older than {}", reply->version,
                             *version)};
  }
  const std::int64_t rights = known ? known->records().rights_version : 0;
  if (reply->people_tokens && reply->people_tokens->rights_version != rights) {
    return Error{ErrorCode::kUnknownServerError, "it told a part of a book that is not here"};
  }
  const bool is_news = reply->version != version || (reply->is_whole && !is_whole_);
  if (reply->people_tokens) {
    TakePeopleTokens(known->records(), *std::move(reply->people_tokens));
  } else if (reply->records && is_news) {
    Take(*std::move(reply->records), reply->is_whole);
    hooks_.on_change();
    Save();
  }
  {
    MutexLock lock(mutex_);
    confirmed_at_ = clock_.Now();
  }
  guard_.Confirm(asked_at);
  wake_.NotifyAll();
  return {};
}

void AccessFeed::Take(core::AccessRecords records, bool is_whole) {
  const bool was_whole = std::exchange(is_whole_, is_whole);
  const bool is_more_complete = is_whole && !was_whole;
  auto book = std::make_shared<const core::AccessBook>(std::move(records));
  next_end_ = NextEnd(book->records(), clock_.WallNow());
  guard_.Publish(std::move(book), is_more_complete);
}

void AccessFeed::TakePeopleTokens(const core::AccessRecords& records, core::PeopleTokens people) {
  // Who has signed in since a restart is known to metaservers; who has signed out must not be let
  // in by the file.
  const bool has_lost = core::LosesToken(records, people);
  Take(core::WithPeopleTokens(records, std::move(people)), is_whole_);
  hooks_.on_change();
  if (has_lost) Save();
}

void AccessFeed::Save() {
  if (options_.file.empty()) return;
  const Status saved = SaveAccess(options_.file, guard_.book()->records(), is_whole_);
  is_unsaved_ = !saved.ok();
  if (saved.ok()) return;
  const MonotonicTime now = clock_.Now();
  if (not_saved_logged_at_ && now - *not_saved_logged_at_ < kNotSavedLogEvery) return;
  not_saved_logged_at_ = now;
  LANEMQ_LOG(WARN, "access.not_saved", {"error", saved.error().ToString()});
}

void AccessFeed::TellOfEnds() {
  const WallTime now = clock_.WallNow();
  if (!next_end_ || now < *next_end_) return;
  next_end_ = NextEnd(guard_.book()->records(), now);
  hooks_.on_change();
}

std::optional<MonotonicTime> AccessFeed::confirmed_at() const {
  MutexLock lock(mutex_);
  return confirmed_at_;
}

std::chrono::nanoseconds AccessFeed::age() const {
  return clock_.Now() - confirmed_at().value_or(made_at_);
}

}  // namespace lanemq::broker
