// Opening a spool: what earlier processes left to do.
#include <algorithm>
#include <utility>

#include "client/src/spool/spool_replayer.h"
#include "common/base/log.h"

namespace lanemq::client {

Result<std::unique_ptr<SpoolReplayer>> SpoolReplayer::Open(Options options, SpoolFiles& files,
                                                           BatchPublisher& publisher,
                                                           const Clock& clock, Random random) {
  auto replayer = std::unique_ptr<SpoolReplayer>(
      new SpoolReplayer(std::move(options), files, publisher, clock, random));
  LANEMQ_RETURN_IF_ERROR(replayer->Recover());
  return replayer;
}

Status SpoolReplayer::VisitFrame(const JournalFrame& frame) {
  switch (static_cast<SpoolFrame>(frame.type)) {
    case SpoolFrame::kState: {
      LANEMQ_ASSIGN_OR_RETURN(SpoolState state, DecodeState(frame.payload));
      next_id_ = std::max(next_id_, state.next_id);
      plan_ = std::move(state.plan);
      return {};
    }
    case SpoolFrame::kRecord: {
      LANEMQ_ASSIGN_OR_RETURN(const core::OutboxMessage message, DecodeRecord(frame.payload));
      next_id_ = std::max(next_id_, message.id + 1);
      queue_.Add(message, frame.place);
      return {};
    }
    case SpoolFrame::kStep: {
      LANEMQ_ASSIGN_OR_RETURN(SpoolStep step, DecodeStep(frame.payload));
      for (const std::int64_t id : step.done) queue_.Remove(id);
      plan_ = std::move(step.plan);
      return {};
    }
    case SpoolFrame::kRefusal: {
      LANEMQ_ASSIGN_OR_RETURN(const SpoolRefusal refusal, DecodeRefusal(frame.payload));
      // Its record may be gone from the journal, and its id must not come again.
      next_id_ = std::max(next_id_, refusal.message.id + 1);
      refused_ids_.insert(refusal.message.id);
      return {};
    }
  }
  return Error{ErrorCode::kUnsupportedVersion,
               "the spool has a kind of entry that this version does not know: " +
                   std::to_string(frame.type)};
}

Status SpoolReplayer::Recover() {
  LANEMQ_RETURN_IF_ERROR(files_.MakeDirectory(options_.directory));
  const auto visit = [this](const JournalFrame& frame) { return VisitFrame(frame); };
  LANEMQ_ASSIGN_OR_RETURN(
      refused_,
      Journal::Open(files_, {options_.directory + "/refused", options_.segment_bytes}, visit));
  plan_ = {};
  LANEMQ_ASSIGN_OR_RETURN(
      journal_, Journal::Open(files_, {options_.directory, options_.segment_bytes}, visit));
  std::erase_if(refused_ids_, [this](std::int64_t id) { return !queue_.Has(id); });
  LANEMQ_RETURN_IF_ERROR(ResumePlan());
  if (journal_->IsNewestEmpty() && next_id_ > 1) {
    journal_->Add(static_cast<std::uint8_t>(SpoolFrame::kState), EncodeState({next_id_, plan_}));
    LANEMQ_RETURN_IF_ERROR(journal_->Write());
    LANEMQ_RETURN_IF_ERROR(journal_->Sync());
  }
  if (queue_.size() > 0 || torn_bytes() > 0) {
    LANEMQ_LOG(INFO, "spool.opened", {"directory", options_.directory}, {"records", queue_.size()},
               {"groups", plan_.groups.size()}, {"torn_bytes", torn_bytes()});
  }
  return {};
}

Status SpoolReplayer::ResumePlan() {
  std::vector<core::OutboxMessage> messages;
  for (const core::OutboxGroup& group : plan_.groups) {
    for (const std::int64_t id : group.ids) {
      if (!queue_.Has(id) || refused_ids_.contains(id)) continue;
      LANEMQ_ASSIGN_OR_RETURN(core::OutboxMessage message, Load(id));
      messages.push_back(std::move(message));
    }
  }
  planner_.Resume(plan_, std::move(messages), clock_.Now());
  return {};
}

}  // namespace lanemq::client
