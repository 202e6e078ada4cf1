#pragma once

#include <atomic>
#include <memory>

#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// searchMessages: reads partitions row by row, one after the other, and answers what matches
/// together with what it looked at.
///
/// A search is at one data node at a time, with one batch of rows; between batches it queues again
/// behind other reads. A partition that cannot be read is told with its error, and the others are
/// searched; only when none could be read the call fails.
class SearchMessagesHandler {
 public:
  explicit SearchMessagesHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::SearchMessagesRequest&& request,
              rpc::Responder<idl::SearchMessagesResponse> responder);

 private:
  struct State;
  [[nodiscard]] Status Check(const idl::SearchMessagesRequest& request) const;
  void Begin(const std::shared_ptr<State>& state);
  void Next(const std::shared_ptr<State>& state);
  void Step(State& state);
  void Open(State& state);
  void Scan(State& state);
  void GoOnBehindHole(State& state);
  void GoOnInMovedLog(State& state, const Error& error);
  [[nodiscard]] Result<core::Offset> OffsetAt(const core::PartitionLocation& location,
                                              std::int64_t time, core::Offset end);

  const HandlerContext& context_;
  // Under way; calls that end late may outlive the handler.
  const std::shared_ptr<std::atomic<int>> searches_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace lanemq::broker
