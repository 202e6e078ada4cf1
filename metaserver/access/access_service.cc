#include "metaserver/access/access_service.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "common/base/log.h"

namespace lanemq::metaserver {
namespace {

Error OlderThan(const core::AccessBook& book, std::int64_t version) {
  return {ErrorCode::kMetadataUnavailable,
          fmt::format("the metadata database has version {} of who may do what, older than {}, "
                      "which stays in force",
                      version, book.version())};
}

}  // namespace

AccessService::AccessService(Options options, core::AccessStore& store, Guard& guard,
                             const Clock& clock, std::function<void()> on_void)
    : options_(options),
      store_(store),
      guard_(guard),
      clock_(clock),
      on_void_(std::move(on_void)),
      expired_until_(clock.WallNow()) {
  // Another metaserver may have issued a token since the last look; the next one is not far.
  guard_.ExpectNewTokens(std::chrono::milliseconds{0}, {});
}

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
  const Status loaded = LoadNow();
  Note(loaded);
  if (loaded.ok()) return {};
  const std::string_view but =
      went_back_to() ? "it is not in force" : "this server could not read it back";
  return Error{ErrorCode::kOutcomeUnknown,
               fmt::format("it is done, but {}: {}", but, loaded.error().message)};
}

MonotonicTime AccessService::confirmed_at() const {
  MutexLock lock(mutex_);
  return confirmed_at_;
}

void AccessService::Confirm(MonotonicTime asked_at) {
  guard_.Confirm(asked_at);
  MutexLock lock(mutex_);
  confirmed_at_ = std::max(confirmed_at_, asked_at);
  went_back_to_.reset();
}

std::optional<std::int64_t> AccessService::went_back_to() const {
  MutexLock lock(mutex_);
  return went_back_to_;
}

Error AccessService::WentBack(std::int64_t version, const core::AccessBook& book) {
  bool is_news = false;
  {
    MutexLock lock(mutex_);
    is_news = went_back_to_ != version;
    went_back_to_ = version;
  }
  if (is_news) {
    LANEMQ_LOG(
        ERROR, "access.book_went_back", {"database_version", version},
        {"serving_version", book.version()},
        {"because", "the metadata database was restored, or failed over and lost changes"},
        {"to_do", "make the lost changes again: any change puts the database's book in force"});
  }
  return OlderThan(book, version);
}

Result<core::AccessRecords> AccessService::LoadRecords(const core::AccessBook* known) {
  const Deadline deadline = Deadline::After(clock_, options_.load_timeout);
  if (known != nullptr && known->records().rights_version > 0) {
    LANEMQ_ASSIGN_OR_RETURN(auto people,
                            store_.LoadPeopleTokens(known->records().rights_version, deadline));
    if (people && people->cluster_id == known->records().cluster_id) {
      return core::WithPeopleTokens(known->records(), *std::move(people));
    }
  }
  return store_.Load(deadline);
}

Status AccessService::LoadNow() {
  const MonotonicTime asked_at = clock_.Now();
  // From before the load: one that is published meanwhile may well be newer.
  const auto known = guard_.book();
  LANEMQ_ASSIGN_OR_RETURN(core::AccessRecords records, LoadRecords(known.get()));
  const auto book = std::make_shared<const core::AccessBook>(std::move(records));
  if (known != nullptr && book->version() < known->version() &&
      book->records().cluster_id == known->records().cluster_id) {
    return WentBack(book->version(), *known);
  }
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
  if (was_fresh && !status.ok() && !went_back_to()) {
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
  if (book != nullptr && book->version() == *version) {
    Confirm(asked_at);
    return Note({});
  }
  // What is in an older book was looked at before.
  if (book != nullptr && went_back_to() == *version) return Note(OlderThan(*book, *version));
  Note(LoadNow());
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
