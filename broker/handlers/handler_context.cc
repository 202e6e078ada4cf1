#include "broker/handlers/handler_context.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "common/core/access/access_rules.h"

namespace lanemq::broker {
namespace {

// The columns of group_offsets, group_resets and group_pauses.
constexpr std::size_t kMemberIdBytesMax = 255;
constexpr std::size_t kRequestedByBytesMax = 255;
constexpr std::size_t kReasonBytesMax = 1'024;

}  // namespace

void WithTopics(Catalog& catalog, const std::vector<std::string>& topics,
                std::function<void(std::shared_ptr<const CatalogView>)> then) {
  auto view = catalog.View();
  const bool are_known = std::all_of(topics.begin(), topics.end(), [&](const std::string& name) {
    const TopicEntry* entry = view->FindTopic(name);
    return entry != nullptr && entry->topic->state == core::TopicState::kActive;
  });
  if (are_known) {
    then(std::move(view));
    return;
  }
  catalog.Refresh([&catalog, then = std::move(then)] { then(catalog.View()); });
}

Status CheckCluster(const Catalog& catalog, const std::string& cluster_id) {
  const std::string own = catalog.View()->snapshot().cluster_id;
  if (own.empty() || own == cluster_id) return {};
  return Error{
      ErrorCode::kInconsistentClusterId,
      fmt::format("this broker is of cluster {}, the request is for cluster {}", own, cluster_id)};
}

Status CheckPartitionCount(std::size_t count) {
  if (count >= 1 && count <= kPartitionsPerRequestMax) return {};
  return Error{ErrorCode::kInvalidRequest, fmt::format("a request has 1 to {} partitions, not {}",
                                                       kPartitionsPerRequestMax, count)};
}

Status CheckMember(std::int64_t generation, const std::string& member_id) {
  if (generation < 0) return Error{ErrorCode::kInvalidRequest, "a negative generation"};
  if (generation > 0 && member_id.empty()) {
    return Error{ErrorCode::kInvalidRequest, "a generation without member_id"};
  }
  if (member_id.size() > kMemberIdBytesMax) {
    return Error{ErrorCode::kInvalidRequest, fmt::format("member_id has {} bytes; the limit is {}",
                                                         member_id.size(), kMemberIdBytesMax)};
  }
  return {};
}

Status CheckNote(const std::string& requested_by, const std::string& reason) {
  if (requested_by.size() <= kRequestedByBytesMax && reason.size() <= kReasonBytesMax) return {};
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("requested_by has at most {} bytes, reason {}", kRequestedByBytesMax,
                           kReasonBytesMax)};
}

core::OperatorNote NoteOf(const rpc::CallContext* call, std::string_view method,
                          core::AuditObject object, const std::string& requested_by,
                          const std::string& reason) {
  core::AuditNote note;
  note.action = method;
  note.reason = reason;
  if (call != nullptr) {
    if (call->caller() != nullptr) note.actor = core::ToString(call->caller()->principal);
    note.source = call->peer();
    note.request_id = call->request_id();
  }
  return {requested_by, reason, core::OperatorNote::Audit{std::move(note), std::move(object)}};
}

Status CheckGroup(const std::string& group, const core::Limits& limits) {
  const bool is_printable = std::all_of(group.begin(), group.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  });
  if (!group.empty() && group.size() <= limits.group_id_bytes_max && is_printable) return {};
  return Error{ErrorCode::kInvalidGroupId,
               fmt::format("a group id has 1 to {} bytes and no control characters",
                           limits.group_id_bytes_max)};
}

}  // namespace lanemq::broker
