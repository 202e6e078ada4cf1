#include "broker/handlers/list_delayed.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "broker/handlers/delayed_page.h"
#include "broker/handlers/presence.h"
#include "common/base/mutex.h"
#include "common/core/types/delayed_handle.h"
#include "common/rpc/wire/errors.h"
#include "common/rpc/wire/messages.h"

namespace lanemq::broker {
namespace {

constexpr std::int32_t kMessagesDefault = 100;
constexpr std::int32_t kMessagesMax = 1'000;
constexpr std::size_t kPageBytes = 8u << 20;
constexpr std::int32_t kMessagesPerRead = 20;  // Each may be as large as a message can be.

using Listed = core::DelayedStore::Listed;

}  // namespace

struct ListDelayedHandler::State {
  State(idl::ListDelayedRequest&& r, rpc::Responder<idl::ListDelayedResponse> to)
      : request(std::move(r)),
        responder(std::move(to)),
        max(request.__isset.max_count ? request.max_count : kMessagesDefault),
        page(static_cast<std::size_t>(max), kPageBytes) {}

  void Add(std::vector<Listed> listed, bool has_more) {
    MutexLock lock(mutex);
    page.Add(std::move(listed), has_more);
  }
  void Fail(const Error& e) {
    MutexLock lock(mutex);
    error = e;
  }
  void Respond() {
    MutexLock lock(mutex);
    if (error) return responder.Fail(*error);
    const DelayedPage::Taken taken = page.Take();
    idl::ListDelayedResponse response;
    for (const Listed& one : taken.messages) {
      idl::DelayedListing& out = response.messages.emplace_back();
      out.handle = core::ToHandle(one.id);
      out.partition = one.id.key.partition;
      out.due_us = one.id.due.micros;
      out.message = wire::ToWireMessage(*one.record);
    }
    if (taken.has_more) response.__set_next_page(response.messages.back().handle);
    responder.Respond(response);
  }

  const idl::ListDelayedRequest request;
  const rpc::Responder<idl::ListDelayedResponse> responder;
  const std::int32_t max;
  std::optional<core::DelayedId> after;

  Mutex mutex;
  DelayedPage page LANEMQ_GUARDED_BY(mutex);
  std::optional<Error> error LANEMQ_GUARDED_BY(mutex);
};

Status ListDelayedHandler::Check(const idl::ListDelayedRequest& request) const {
  if (request.__isset.max_count && (request.max_count < 1 || request.max_count > kMessagesMax)) {
    return Error{ErrorCode::kInvalidRequest, fmt::format("max_count is 1 to {}", kMessagesMax)};
  }
  return CheckCluster(context_.catalog, request);
}

void ListDelayedHandler::Handle(idl::ListDelayedRequest&& request,
                                rpc::Responder<idl::ListDelayedResponse> responder) {
  if (const Status checked = Check(request); !checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  auto state = std::make_shared<State>(std::move(request), std::move(responder));
  WithTopics(
      context_.catalog, {state->request.topic},
      [this, state](const std::shared_ptr<const CatalogView>& view) { Begin(state, *view); });
}

void ListDelayedHandler::Begin(const std::shared_ptr<State>& state, const CatalogView& view) {
  const idl::ListDelayedRequest& request = state->request;
  // With a partition or without: the topic must be there.
  const auto topic = view.Find(request.topic, request.__isset.partition ? request.partition : 0);
  if (!topic.ok()) return state->responder.Fail(topic.error());
  if (request.__isset.after) {
    const auto after = core::FromHandle(request.after);
    if (!after.ok()) return state->responder.Fail(after.error());
    if (after->key.topic != topic->location.key.topic) {
      return state->responder.Fail(
          {ErrorCode::kInvalidRequest, "the page is of another topic, or of one deleted since"});
    }
    state->after = *after;
  }
  std::vector<idl::TopicPartition> wanted;
  const std::int32_t count = static_cast<std::int32_t>(topic->topic->topic->partitions.size());
  const std::int32_t first = request.__isset.partition ? request.partition
                             : state->after            ? state->after->key.partition
                                                       : 0;
  const std::int32_t last = request.__isset.partition ? request.partition : count - 1;
  for (std::int32_t i = std::max(first, 0); i <= last; ++i) {
    idl::TopicPartition& one = wanted.emplace_back();
    one.topic = request.topic;
    one.partition = i;
  }
  RunOnNodes(
      context_.workers, SplitByNode(view, wanted, [](std::size_t, const Error&) {}),
      [this, state](const NodePart& part) { ListOn(*state, part); },
      [state](const NodePart&, const Error& error) { state->Fail(error); },
      [state] { state->Respond(); });
}

void ListDelayedHandler::ListOn(State& state, const NodePart& part) {
  const auto store = context_.stores.DelayedOn(part.node);
  const Deadline deadline = Deadline::After(context_.clock, context_.sql_timeout);
  std::vector<Listed> listed;
  std::optional<core::DelayedId> after = state.after;
  std::size_t bytes = 0;
  const auto add = [&](bool has_more) {
    const auto presence = Presence::Of(context_, part.node, deadline);
    if (!presence.ok()) return state.Fail(presence.error());
    const Status here = presence->Check(part.keys);
    if (!here.ok()) return state.Fail(here.error());
    state.Add(std::move(listed), has_more);
  };
  while (true) {
    const std::int32_t left = state.max - static_cast<std::int32_t>(listed.size());
    if (left == 0 || bytes >= kPageBytes) return add(true);
    const std::int32_t asked = std::min(left, kMessagesPerRead);
    auto more = store->List(part.keys, after, asked, deadline);
    if (!more.ok()) return state.Fail(more.error());
    const bool is_end = more->size() < static_cast<std::size_t>(asked);
    for (Listed& one : *more) {
      bytes += core::SizeOf(*one.record);
      listed.push_back(std::move(one));
    }
    if (is_end) return add(false);
    after = listed.back().id;
  }
}

}  // namespace lanemq::broker
