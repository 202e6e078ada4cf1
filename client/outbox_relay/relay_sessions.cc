// Leases, the sharing of buckets, and the plans of dead relays.
#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "client/outbox_relay/relay.h"
#include "common/base/log.h"
#include "common/base/random.h"

namespace lanemq::client {
namespace {

// Of a part of the buckets. Relays make at most 10,000 each.
constexpr std::size_t kHoldsMax = 50'000;
constexpr std::size_t kBucketsAtOnce = 64;
constexpr std::chrono::milliseconds kRenewalPause{100};

core::LeaseTrust::Options TrustOptions(const RelayOptions& options) {
  const std::chrono::nanoseconds ttl = options.lease_ttl;
  return {ttl, ttl / 5};
}

// An adopted session lives as long as its plan; nobody reads for it.
bool IsWorking(const core::OutboxPeer& peer) {
  return peer.is_alive && peer.session.epoch.value == 1;
}

std::chrono::nanoseconds RenewalInterval(const RelayOptions& options) {
  return std::chrono::nanoseconds(options.lease_ttl) / 3;
}

}  // namespace

void OutboxRelay::KeepSessions() {
  const MonotonicTime now = clock_.Now();
  if (!own_) {
    if (now >= next_open_) OpenSession();
    return;
  }
  if (now >= own_->renew_at) RenewOwn();
}

void OutboxRelay::OpenSession() {
  const MonotonicTime started = clock_.Now();
  next_open_ = started + options_.poll_max;
  const auto session =
      store_.Open(options_.name, options_.wake_address, options_.lease_ttl, DatabaseDeadline());
  NoteStore(session.ok() ? Status{} : Status{session.error()});
  if (!session.ok()) return;
  own_.emplace(*session,
               core::RelayPlanner(
                   options_.planner,
                   [this](const std::string& topic) { return publisher_.PartitionsOf(topic); },
                   Random::FromSystem()),
               TrustOptions(options_));
  own_->trust.OnHeld(session->epoch, started);
  LANEMQ_LOG(INFO, "outbox.session_opened", {"session", session->id});
  RenewOwn();
}

void OutboxRelay::RenewOwn() {
  const MonotonicTime started = clock_.Now();
  const auto view = store_.Renew(own_->session, options_.lease_ttl, DatabaseDeadline());
  NoteStore(view.ok() ? Status{} : Status{view.error()});
  if (!view.ok()) {
    own_->renew_at = clock_.Now() + kRenewalPause;
    if (view.error().code == ErrorCode::kFenced) LoseSession(view.error());
    return;
  }
  own_->trust.OnHeld(own_->session.epoch, started);
  own_->renew_at = started + RenewalInterval(options_);
  now_.peers = static_cast<std::int32_t>(
      std::count_if(view->peers.begin(), view->peers.end(),
                    [](const core::OutboxPeer& peer) { return IsWorking(peer); }));
  now_.is_first =
      std::none_of(view->peers.begin(), view->peers.end(), [this](const core::OutboxPeer& peer) {
        return IsWorking(peer) && peer.session.id < own_->session.id;
      });
  Share(*view);
}

void OutboxRelay::Share(const core::OutboxView& view) {
  const core::BucketMove move = core::PlanBuckets(view, own_->session.id);
  for (const std::int64_t dead : move.adopt) {
    if (!adopted_.contains(dead)) AdoptOne(dead);
  }
  std::vector<std::int32_t> owned = view.own_buckets;
  if (!move.take.empty()) {
    auto taken = store_.Take(own_->session, move.take, DatabaseDeadline());
    NoteStore(taken.ok() ? Status{} : Status{taken.error()});
    if (!taken.ok()) {
      if (taken.error().code == ErrorCode::kFenced) LoseSession(taken.error());
      return;
    }
    owned = *std::move(taken);
  }
  const bool has_adopted =
      std::any_of(view.peers.begin(), view.peers.end(),
                  [](const core::OutboxPeer& peer) { return peer.session.epoch.value > 1; });
  std::vector<core::OutboxMessage> adopted;
  if (has_adopted || !adopted_.empty()) {
    auto rows = store_.ReadAdopted(own_->session, DatabaseDeadline());
    NoteStore(rows.ok() ? Status{} : Status{rows.error()});
    if (!rows.ok()) {
      // Nothing new before it is known what of it may have been sent.
      own_->renew_at = clock_.Now() + kRenewalPause;
      return;
    }
    adopted = *std::move(rows);
  }
  own_->planner.SetAdopted(adopted);
  to_release_ = move.release;
  // What cannot be sent cannot be handed over; until it can, the bucket's other rows go on here.
  std::erase_if(to_release_, [this](std::int32_t bucket) {
    return own_->planner.streams().HasFailingRowsOf(bucket);
  });
  std::erase_if(owned, [this](std::int32_t bucket) {
    return std::binary_search(to_release_.begin(), to_release_.end(), bucket);
  });
  ReadFrom(owned);
}

void OutboxRelay::ReadFrom(const std::vector<std::int32_t>& buckets) {
  std::vector<std::int32_t> readable;
  for (std::size_t at = 0; at < buckets.size(); at += kBucketsAtOnce) {
    const auto part = std::span(buckets).subspan(at, std::min(kBucketsAtOnce, buckets.size() - at));
    // Also of those it has: people may have asked for a hold to be tried again.
    auto holds = store_.ReadHolds(part, kHoldsMax, DatabaseDeadline());
    NoteStore(holds.ok() ? Status{} : Status{holds.error()});
    const bool is_whole = holds.ok() && holds->size() < kHoldsMax;
    if (holds.ok() && !is_whole) {
      LANEMQ_LOG(ERROR, "outbox.too_many_holds", {"first_bucket", part.front()});
    }
    if (is_whole) own_->planner.holds().Load(part, *std::move(holds), clock_.Now());
    // A new bucket must not be read without its holds: its held rows come first.
    std::copy_if(part.begin(), part.end(), std::back_inserter(readable), [&](std::int32_t bucket) {
      return is_whole || std::binary_search(buckets_.begin(), buckets_.end(), bucket);
    });
  }
  if (buckets_ != readable || !to_release_.empty()) next_look_ = MonotonicTime{};
  buckets_ = std::move(readable);
}

std::vector<std::int32_t> OutboxRelay::ReleasableNow() const {
  std::vector<std::int32_t> released;
  std::copy_if(to_release_.begin(), to_release_.end(), std::back_inserter(released),
               [this](std::int32_t bucket) { return !own_->planner.streams().HasRowsOf(bucket); });
  return released;
}

void OutboxRelay::AdoptOne(std::int64_t dead_session) {
  const MonotonicTime started = clock_.Now();
  auto adoption = store_.Adopt(dead_session, options_.lease_ttl, DatabaseDeadline());
  NoteStore(adoption.ok() ? Status{} : Status{adoption.error()});
  if (!adoption.ok() || !*adoption) return;
  core::OutboxAdoption& taken = **adoption;
  core::RelayPlanner::Options options = options_.planner;
  options.is_resuming = true;
  const auto [at, is_new] = adopted_.try_emplace(
      dead_session, taken.session,
      core::RelayPlanner(
          options, [this](const std::string& topic) { return publisher_.PartitionsOf(topic); },
          Random::FromSystem()),
      TrustOptions(options_));
  SessionWork& work = at->second;
  work.trust.OnHeld(taken.session.epoch, started);
  work.renew_at = started + RenewalInterval(options_);
  work.adopted_at = started;
  LANEMQ_LOG(INFO, "outbox.adopted", {"session", dead_session},
             {"batches", taken.plan.groups.size()}, {"messages", taken.messages.size()});
  work.planner.Resume(std::move(taken.plan), std::move(taken.messages), started);
  ++now_.adopted;
}

bool OutboxRelay::FreeBucketsOf(SessionWork& work) {
  // A partition that does not work must not stop everything else in them. Whoever takes them leaves
  // alone what the plan has: OutboxStore::ReadAdopted().
  core::OutboxChange change;
  for (std::int32_t bucket = 0; bucket < core::kOutboxBuckets; ++bucket) {
    change.released_buckets.push_back(bucket);
  }
  if (!CommitWork(work, change)) return false;
  work.has_freed_buckets = true;
  if (own_) RenewOwn();
  return true;
}

void OutboxRelay::WorkOnAdopted() {
  for (auto it = adopted_.begin(); it != adopted_.end();) {
    SessionWork& work = it->second;
    const MonotonicTime now = clock_.Now();
    bool is_over = false;
    if (now >= work.renew_at) {
      const auto view = store_.Renew(work.session, options_.lease_ttl, DatabaseDeadline());
      if (view.ok()) work.trust.OnHeld(work.session.epoch, now);
      work.renew_at = view.ok() ? now + RenewalInterval(options_) : clock_.Now() + kRenewalPause;
      is_over = !view.ok() && view.error().code == ErrorCode::kFenced;
    }
    const core::OutboxChange change = work.planner.TakeChange(now);
    if (!is_over && !change.IsEmpty()) is_over = !CommitWork(work, change);
    if (!is_over && !work.has_freed_buckets && work.planner.streams().outstanding() > 0 &&
        now - work.adopted_at > options_.planner.hold_after) {
      is_over = !FreeBucketsOf(work);
    }
    if (!is_over && work.planner.streams().outstanding() == 0) {
      const Status closed = store_.Close(work.session, DatabaseDeadline());
      is_over = closed.ok() || closed.error().code == ErrorCode::kFenced;
      // Its buckets are free now: take them without waiting for the next renewal.
      if (closed.ok() && own_) RenewOwn();
    }
    if (is_over) {
      past_ += work.planner.counts();
      it = adopted_.erase(it);
      continue;
    }
    Send(work);
    ++it;
  }
}

}  // namespace lanemq::client
