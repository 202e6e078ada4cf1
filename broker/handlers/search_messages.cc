#include "broker/handlers/search_messages.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "broker/handlers/by_node.h"
#include "broker/handlers/failures/page_token.h"
#include "broker/handlers/message_filter.h"
#include "common/rpc/wire/errors.h"
#include "common/rpc/wire/messages.h"

namespace lanemq::broker {
namespace {

using core::Offset;

constexpr int kSearchesMax = 2;  // At once; a node has four reader threads by default.
constexpr std::int32_t kBatchRows = 500;
constexpr std::size_t kBatchBytes = 4u << 20;
constexpr std::int64_t kScannedBytesMax = 64 << 20;
constexpr std::size_t kFoundBytesMax = 8u << 20;
constexpr std::size_t kTextBytesMax = 1'024;
constexpr std::size_t kLostMax = 100;
constexpr std::int32_t kResultsDefault = 50;
constexpr std::int32_t kResultsMax = 200;
constexpr std::int32_t kRowsDefault = 10'000;
constexpr std::int32_t kRowsMax = 100'000;
constexpr std::int32_t kTimeDefaultMs = 2'000;
constexpr std::int32_t kTimeMaxMs = 5'000;

Status CheckRange(const char* name, bool is_set, std::int32_t value, std::int32_t max) {
  if (!is_set || (value >= 1 && value <= max)) return {};
  return Error{ErrorCode::kInvalidRequest, fmt::format("{} is 1 to {}, not {}", name, max, value)};
}

Status CheckText(const char* name, const std::string& text) {
  if (text.size() <= kTextBytesMax) return {};
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("{} has {} bytes; the limit is {}", name, text.size(), kTextBytesMax)};
}

MessageFilter FilterOf(const idl::SearchMessagesRequest& request) {
  const bool ignore_case = request.__isset.ignore_case && request.ignore_case;
  MessageFilter filter;
  if (request.__isset.key_equals) filter.key_equals.emplace(request.key_equals, ignore_case);
  if (request.__isset.key_contains) filter.key_contains.emplace(request.key_contains, ignore_case);
  if (request.__isset.header_name) filter.header_name = request.header_name;
  if (request.__isset.header_value) filter.header_value.emplace(request.header_value, ignore_case);
  if (request.__isset.body_contains) {
    filter.body_contains.emplace(request.body_contains, ignore_case);
  }
  return filter;
}

}  // namespace

// One thread at a time.
struct SearchMessagesHandler::State {
  State(idl::SearchMessagesRequest&& r, rpc::Responder<idl::SearchMessagesResponse> answer,
        const Clock& clock)
      : request(std::move(r)),
        responder(std::move(answer)),
        filter(FilterOf(request)),
        results_max(request.__isset.max_results ? request.max_results : kResultsDefault),
        rows_max(request.__isset.max_scanned ? request.max_scanned : kRowsDefault),
        until(clock.Now() + std::chrono::milliseconds(request.__isset.time_limit_ms
                                                          ? request.time_limit_ms
                                                          : kTimeDefaultMs)) {
    response.scanned_rows = 0;
    response.scanned_bytes = 0;
  }

  [[nodiscard]] const core::PartitionLocation& location() const { return places[place]; }
  [[nodiscard]] idl::SearchedRange& range() { return response.ranges.back(); }
  [[nodiscard]] bool is_through() const { return place == places.size(); }

  void OpenRange(Offset from) {
    next = from;
    is_open = true;
    idl::SearchedRange& opened = response.ranges.emplace_back();
    opened.partition = location().key.partition;
    opened.from_offset = from.value;
    opened.to_offset = from.value;
  }
  void GoTo(Offset offset) {
    next = offset;
    range().to_offset = offset.value;
  }
  void Close() {
    is_open = false;
    from_cursor.reset();
    ++place;
  }
  // The rest of the partition is not looked at.
  void Fail(const Error& error) {
    const core::NodeId node = location().node;
    if (error.code == ErrorCode::kDataNodeUnavailable || error.code == ErrorCode::kThrottled) {
      failed_nodes.try_emplace(node, error);
    }
    const Error told = ErrorOf(*view, node, error);
    if (!failure) failure = told;
    if (!is_open) OpenRange(from_cursor.value_or(Offset{request.from_offset}));
    range().__set_error(wire::ToWire(told, responder.request_id()));
    Close();
  }
  // False: it does not fit into the answer.
  bool Take(const core::Record& record) {
    const std::size_t size = core::SizeOf(record);
    if (!response.messages.empty() && found_bytes + size > kFoundBytesMax) return false;
    found_bytes += size;
    idl::FoundMessage& found = response.messages.emplace_back();
    found.topic = request.topic;
    found.partition = location().key.partition;
    wire::ToWire(record, found.message);
    return true;
  }
  void Respond() {
    turn.reset();
    const bool is_any_read = std::ranges::any_of(
        response.ranges, [](const idl::SearchedRange& one) { return !one.__isset.error; });
    if (is_through() && failure && !is_any_read && response.scanned_rows == 0) {
      return responder.Fail(*failure);
    }
    response.ended = is_through() ? idl::SearchEnd::DONE : ended.value_or(idl::SearchEnd::TIME);
    response.is_complete = is_through() && !failure;
    if (!is_through()) {
      const Offset at = is_open ? next : from_cursor.value_or(Offset{0});
      response.__set_next_page(
          ToText(PageToken{core::NodeId{0}, PageToken::Place{location().key, at}}));
    }
    responder.Respond(response);
  }

  idl::SearchMessagesRequest request;
  const rpc::Responder<idl::SearchMessagesResponse> responder;
  const MessageFilter filter;
  const std::int32_t results_max;
  const std::int32_t rows_max;
  const MonotonicTime until;
  std::shared_ptr<void> turn;  // One of kSearchesMax.
  std::shared_ptr<const CatalogView> view;
  std::vector<core::PartitionLocation> places;
  std::size_t place = 0;
  std::optional<Offset> from_cursor;  // In the partition at `place`.
  bool is_open = false;               // That partition has a range; what follows is about it.
  Offset next{0};
  Offset to{0};

  bool has_begun = false;
  std::map<core::NodeId, Error> failed_nodes;
  std::optional<Error> failure;  // The first one.
  std::optional<idl::SearchEnd::type> ended;
  std::size_t found_bytes = 0;
  idl::SearchMessagesResponse response;
};

Status SearchMessagesHandler::Check(const idl::SearchMessagesRequest& request) const {
  const auto& is_set = request.__isset;
  LANEMQ_RETURN_IF_ERROR(
      CheckRange("max_results", is_set.max_results, request.max_results, kResultsMax));
  LANEMQ_RETURN_IF_ERROR(
      CheckRange("max_scanned", is_set.max_scanned, request.max_scanned, kRowsMax));
  LANEMQ_RETURN_IF_ERROR(
      CheckRange("time_limit_ms", is_set.time_limit_ms, request.time_limit_ms, kTimeMaxMs));
  if ((is_set.from_offset || is_set.to_offset) && !is_set.partition) {
    return Error{ErrorCode::kInvalidRequest, "from_offset and to_offset are of one partition"};
  }
  if (request.from_offset < 0 || request.to_offset < 0 || request.from_us < 0 ||
      request.to_us < 0) {
    return Error{ErrorCode::kInvalidRequest, "a negative offset or time"};
  }
  if (is_set.header_value && !is_set.header_name) {
    return Error{ErrorCode::kInvalidRequest, "header_value without header_name"};
  }
  LANEMQ_RETURN_IF_ERROR(CheckText("key_equals", request.key_equals));
  LANEMQ_RETURN_IF_ERROR(CheckText("key_contains", request.key_contains));
  LANEMQ_RETURN_IF_ERROR(CheckText("header_name", request.header_name));
  LANEMQ_RETURN_IF_ERROR(CheckText("header_value", request.header_value));
  return CheckText("body_contains", request.body_contains);
}

void SearchMessagesHandler::Handle(idl::SearchMessagesRequest&& request,
                                   rpc::Responder<idl::SearchMessagesResponse> responder) {
  if (const Status checked = Check(request); !checked.ok()) return responder.Fail(checked.error());
  responder.NoteDetail(request.topic);
  const bool is_free = searches_->fetch_add(1) < kSearchesMax;
  auto turn =
      std::shared_ptr<void>(nullptr, [searches = searches_](void*) { searches->fetch_sub(1); });
  if (!is_free) {
    turn.reset();
    return responder.Fail(
        {ErrorCode::kThrottled,
         fmt::format("this broker does {} searches at once; try again", kSearchesMax), 500});
  }
  auto state = std::make_shared<State>(std::move(request), std::move(responder), context_.clock);
  state->turn = std::move(turn);
  WithTopics(context_.catalog, {state->request.topic},
             [this, state](std::shared_ptr<const CatalogView> view) {
               state->view = std::move(view);
               Begin(state);
             });
}

void SearchMessagesHandler::Begin(const std::shared_ptr<State>& state) {
  const idl::SearchMessagesRequest& request = state->request;
  const auto refuse = [&](const Error& error) {
    state->turn.reset();
    state->responder.Fail(error);
  };
  const auto topic =
      state->view->Find(request.topic, request.__isset.partition ? request.partition : 0);
  if (!topic.ok()) return refuse(topic.error());
  const auto count = static_cast<std::int32_t>(topic->topic->topic->partitions.size());
  std::int32_t first = request.__isset.partition ? request.partition : 0;
  const std::int32_t last = request.__isset.partition ? request.partition : count - 1;
  if (request.__isset.cursor) {
    const auto token = PageTokenFromText(request.cursor);
    if (!token.ok() || !token->after || token->after->key.topic != topic->location.key.topic ||
        token->after->key.partition < first || token->after->key.partition > last) {
      return refuse({ErrorCode::kInvalidRequest,
                     "`cursor` is not the next_page of an answer to the same request; begin "
                     "without it"});
    }
    first = token->after->key.partition;
    state->from_cursor = token->after->offset;
  }
  for (std::int32_t i = first; i <= last; ++i) {
    const auto found = state->view->Find(request.topic, i);
    if (!found.ok()) return refuse(found.error());
    state->places.push_back(found->location);
  }
  Next(state);
}

// Each batch queues anew, so that reads of others come between.
void SearchMessagesHandler::Next(const std::shared_ptr<State>& state) {
  while (true) {
    if (state->is_through() || state->ended || state->responder.is_cancelled()) {
      return state->Respond();
    }
    if (state->has_begun && context_.clock.Now() >= state->until) {
      state->ended = idl::SearchEnd::TIME;
      return state->Respond();
    }
    const core::NodeId node = state->location().node;
    if (const auto failed = state->failed_nodes.find(node); failed != state->failed_nodes.end()) {
      state->Fail(Error(failed->second));
      continue;
    }
    const bool is_posted = context_.workers.Of(node).reads.TryPost([this, state] {
      const bool was_open = state->is_open;
      Step(*state);
      // Only finding its ends brings nobody further, however short the time is.
      if (was_open || !state->is_open) state->has_begun = true;
      Next(state);
    });
    if (is_posted) return;
    state->Fail({ErrorCode::kThrottled, "too many calls wait for the data node", 100});
  }
}

void SearchMessagesHandler::Step(State& state) {
  if (!state.is_open) return Open(state);
  Scan(state);
}

Result<Offset> SearchMessagesHandler::OffsetAt(const core::PartitionLocation& location,
                                               std::int64_t time, Offset end) {
  LANEMQ_ASSIGN_OR_RETURN(
      const auto found,
      context_.messages.FindByTime(location, WallTime{time},
                                   Deadline::After(context_.clock, context_.sql_timeout)));
  return found ? found->offset : end;
}

void SearchMessagesHandler::Open(State& state) {
  const idl::SearchMessagesRequest& request = state.request;
  const auto ends = context_.reader.ReadEnds(state.location());
  if (!ends.ok()) return state.Fail(ends.error());
  Offset from = std::max(ends->start, Offset{request.from_offset});
  Offset to = ends->end;
  if (request.__isset.to_offset) to = std::min(to, Offset{request.to_offset});
  if (request.__isset.from_us) {
    const auto first = OffsetAt(state.location(), request.from_us, ends->end);
    if (!first.ok()) return state.Fail(first.error());
    from = std::max(from, *first);
  }
  if (request.__isset.to_us) {
    const auto behind = OffsetAt(state.location(), request.to_us, ends->end);
    if (!behind.ok()) return state.Fail(behind.error());
    to = std::min(to, *behind);
  }
  if (state.from_cursor) from = std::max(from, *state.from_cursor);
  state.OpenRange(from);
  state.to = to;
  state.range().__set_log_start_offset(ends->start.value);
  state.range().__set_log_end_offset(ends->end.value);
  if (from >= to) state.Close();
}

void SearchMessagesHandler::Scan(State& state) {
  idl::SearchMessagesResponse& response = state.response;
  const std::int64_t rows =
      std::min({std::int64_t{kBatchRows}, state.rows_max - response.scanned_rows,
                state.to.value - state.next.value});
  const LogSlice slice = context_.reader.Read(
      state.location(), state.next,
      {.records_max = static_cast<std::int32_t>(rows), .bytes_max = kBatchBytes});
  if (slice.error) {
    if (slice.error->code == ErrorCode::kDataLossDetected) return GoOnBehindHole(state);
    if (slice.error->code == ErrorCode::kOffsetOutOfRange) {
      return GoOnInMovedLog(state, *slice.error);
    }
    return state.Fail(*slice.error);
  }
  if (slice.records.empty()) return state.Close();
  for (const core::RecordPtr& record : slice.records) {
    if (state.filter.Matches(*record) && !state.Take(*record)) {
      state.ended = idl::SearchEnd::BYTES;
      return;
    }
    ++response.scanned_rows;
    response.scanned_bytes += static_cast<std::int64_t>(core::SizeOf(*record));
    state.GoTo(Offset{record->offset.value + 1});
    if (response.messages.size() == static_cast<std::size_t>(state.results_max)) {
      state.ended = idl::SearchEnd::RESULTS;
      break;
    }
  }
  if (state.next >= state.to) state.Close();
  if (state.ended) return;
  if (response.scanned_rows >= state.rows_max) state.ended = idl::SearchEnd::ROWS;
  if (response.scanned_bytes >= kScannedBytesMax) state.ended = idl::SearchEnd::BYTES;
}

void SearchMessagesHandler::GoOnBehindHole(State& state) {
  const auto rows =
      context_.messages.Read(state.location(), state.next, {.records_max = 1, .bytes_max = 1},
                             Deadline::After(context_.clock, context_.sql_timeout));
  if (!rows.ok()) return state.Fail(rows.error());
  const Offset behind = rows->empty() ? state.to : std::min(rows->front()->offset, state.to);
  ++state.response.scanned_rows;  // Many small holes must end, too.
  if (behind > state.next) {
    idl::SearchedRange& range = state.range();
    range.__isset.lost = true;
    if (range.lost.size() < kLostMax) {
      idl::LostRange& lost = range.lost.emplace_back();
      lost.from_offset = state.next.value;
      lost.to_offset = behind.value;
    }
    state.GoTo(behind);
  }
  if (state.next >= state.to) state.Close();
  if (state.response.scanned_rows >= state.rows_max) state.ended = idl::SearchEnd::ROWS;
}

// Retention took rows that were to be looked at, or the end was lost.
void SearchMessagesHandler::GoOnInMovedLog(State& state, const Error& error) {
  const auto ends = context_.reader.ReadEnds(state.location());
  if (!ends.ok()) return state.Fail(ends.error());
  if (ends->start <= state.next && state.next < ends->end) return state.Fail(error);
  const bool is_untouched = state.range().from_offset == state.next.value;
  if (ends->start > state.next) state.GoTo(std::min(ends->start, state.to));
  if (is_untouched) state.range().from_offset = state.next.value;
  state.range().__set_log_start_offset(ends->start.value);
  state.range().__set_log_end_offset(ends->end.value);
  if (state.next >= std::min(state.to, ends->end)) state.Close();
}

}  // namespace lanemq::broker
