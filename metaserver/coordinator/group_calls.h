#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/core/group/group_machine.h"

namespace lanemq::metaserver {

// Called once, on any thread, never under a lock of the coordinator. Must not block.
using OnJoined = std::function<void(const Result<core::JoinReply>&)>;
using OnSynced = std::function<void(const Result<core::SyncReply>&)>;
using OnMemberDone = std::function<void(const Status&)>;

/// To give up a call that waits.
struct CallTicket {
  std::string group;
  core::GroupCallId call = 0;
};

/// Answers that are due, to be sent when no lock is held: declare it before the lock.
class Replies {
 public:
  Replies() = default;
  ~Replies() {
    for (const auto& send : due_) send();
  }
  Replies(const Replies&) = delete;
  Replies& operator=(const Replies&) = delete;
  void Add(std::function<void()> send) { due_.push_back(std::move(send)); }

 private:
  std::vector<std::function<void()>> due_;
};

/// The calls of one slot that have no answer yet. Not thread-safe; one owner.
class GroupCalls {
 public:
  using Callback = std::variant<OnJoined, OnSynced, OnMemberDone>;

  core::GroupCallId Add(Callback callback) {
    calls_.emplace(++last_, std::move(callback));
    return last_;
  }
  /// What is to be destroyed when no lock is held.
  [[nodiscard]] std::optional<Callback> Forget(core::GroupCallId call) {
    auto node = calls_.extract(call);
    if (node.empty()) return std::nullopt;
    return std::move(node.mapped());
  }
  [[nodiscard]] std::size_t size() const { return calls_.size(); }

  void Reply(core::ReplyToJoin&& effect, Replies& out) {
    Take<OnJoined>(effect.call, std::move(effect.reply), out);
  }
  void Reply(core::ReplyToSync&& effect, Replies& out) {
    Take<OnSynced>(effect.call, std::move(effect.reply), out);
  }
  void Reply(core::ReplyToMember&& effect, Replies& out) {
    Take<OnMemberDone>(effect.call, std::move(effect.reply), out);
  }

 private:
  template <typename Kind, typename Value>
  void Take(core::GroupCallId call, Value value, Replies& out) {
    const auto found = calls_.find(call);
    if (found == calls_.end()) return;  // Given up.
    out.Add([callback = std::get<Kind>(std::move(found->second)), value = std::move(value)] {
      callback(value);
    });
    calls_.erase(found);
  }

  std::unordered_map<core::GroupCallId, Callback> calls_;
  core::GroupCallId last_ = 0;
};

}  // namespace lanemq::metaserver
