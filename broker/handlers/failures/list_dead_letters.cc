#include "broker/handlers/failures/list_dead_letters.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/handlers/failures/dead_letter_wire.h"
#include "broker/handlers/failures/page_token.h"

namespace lanemq::broker {
namespace {

constexpr std::int32_t kLettersDefault = 100;
constexpr std::int32_t kLettersMax = 1'000;
// Of records and their errors: with the rest of a letter and one record more, below a reply frame.
constexpr std::size_t kBytesMax = 8u << 20;
// Letters that are read at once when they come with their bodies, which is what memory they take.
constexpr std::int32_t kBodiesAtOnce = 16;
// Store calls of one page; each looks at a bounded number of rows.
constexpr int kCallsMax = 64;

/// Errors of handlers quote what they could not handle.
void Hide(const std::string& why, idl::DeadLetter& letter) {
  letter.message.key.clear();
  letter.message.__isset.key = false;
  letter.message.headers.clear();
  letter.message.__isset.headers = false;
  letter.message.body.clear();
  letter.message.__isset.body = false;
  letter.__isset.first_error = false;
  letter.__set_last_error(why);
}

std::size_t SizeOf(const core::DeadLetter& letter) {
  return core::SizeOf(*letter.record) + letter.history.first.error.size() +
         letter.history.last.error.size() + letter.id.group.size();
}

}  // namespace

struct ListDeadLettersHandler::State {
  State(idl::ListDeadLettersRequest&& r, rpc::Responder<idl::ListDeadLettersResponse> to)
      : request(std::move(r)),
        responder(std::move(to)),
        max(request.__isset.max_count ? request.max_count : kLettersDefault) {}

  [[nodiscard]] std::int32_t left() const {
    return max - static_cast<std::int32_t>(letters.size());
  }
  [[nodiscard]] PageToken Token() const {
    PageToken token{place->first, std::nullopt};
    if (after) token.after = PageToken::Place{after->key, after->offset};
    return token;
  }
  // False: it does not fit into the page.
  bool Take(core::DeadLetter&& letter) {
    bytes += SizeOf(letter);
    if (!letters.empty() && bytes > kBytesMax) return false;
    after = letter.id;
    letters.push_back(std::move(letter));
    return true;
  }

  // One thread at a time.
  // Who asks; null with the guard off.
  std::shared_ptr<const core::Caller> caller;
  const idl::ListDeadLettersRequest request;
  const rpc::Responder<idl::ListDeadLettersResponse> responder;
  const std::int32_t max;
  std::shared_ptr<const CatalogView> view;
  std::map<core::NodeId, core::DeadLetterFilter> filters;
  std::map<core::NodeId, core::DeadLetterFilter>::const_iterator place;  // The node to ask.
  std::optional<core::FailedId> after;                                   // There.
  std::vector<core::DeadLetter> letters;
  std::size_t bytes = 0;
  int calls = 0;
  bool is_page_full = false;
  std::optional<Error> error;
};

void ListDeadLettersHandler::Handle(idl::ListDeadLettersRequest&& request,
                                    rpc::Responder<idl::ListDeadLettersResponse> responder) {
  auto state = std::make_shared<State>(std::move(request), std::move(responder));
  if (const auto call = state->responder.context()) state->caller = call->caller();
  Status checked = CheckFilter(state->request.filter, context_.limits);
  if (checked.ok()) checked = CheckCluster(context_.catalog, state->request);
  if (checked.ok() && (state->max < 1 || state->max > kLettersMax)) {
    checked = Error{ErrorCode::kInvalidRequest, "max_count is 1 to 1,000"};
  }
  if (!checked.ok()) {
    state->responder.Fail(checked.error());
    return;
  }
  WithTopics(context_.catalog, TopicsOf(state->request.filter),
             [this, state](std::shared_ptr<const CatalogView> view) {
               state->view = std::move(view);
               Begin(state);
             });
}

void ListDeadLettersHandler::Begin(const std::shared_ptr<State>& state) {
  auto filters = SplitFilter(*state->view, state->request.filter);
  if (!filters.ok()) return state->responder.Fail(filters.error());
  state->filters = std::move(filters).value();
  state->place = state->filters.begin();
  if (state->request.__isset.after) {
    const auto token = PageTokenFromText(state->request.after);
    if (!token.ok()) return state->responder.Fail(token.error());
    // A node that was disabled since is left out, as everywhere.
    state->place = state->filters.lower_bound(token->node);
    const bool is_there =
        state->place != state->filters.end() && state->place->first == token->node;
    if (!is_there && state->view->FindNode(token->node) == nullptr) {
      return state->responder.Fail(
          {ErrorCode::kInvalidRequest, "`after` is of a data node that does not exist"});
    }
    if (is_there && token->after) {
      state->after =
          core::FailedId{state->request.filter.group, token->after->key, token->after->offset};
    }
  }
  Next(state);
}

void ListDeadLettersHandler::Next(const std::shared_ptr<State>& state) {
  if (state->place == state->filters.end() || state->is_page_full || state->error) {
    return Respond(state);
  }
  const bool is_posted = context_.workers.Of(state->place->first).reads.TryPost([this, state] {
    ListOn(*state);
    Next(state);
  });
  if (is_posted) return;
  state->error = Error{ErrorCode::kThrottled, "too many calls wait for the data node", 100};
  Respond(state);
}

// Until the page is full, or the node has no more.
void ListDeadLettersHandler::ListOn(State& state) {
  const Deadline deadline = Deadline::After(context_.clock, context_.sql_timeout);
  const auto store = context_.stores.DeadLettersOn(state.place->first);
  const bool with_bodies = state.request.with_bodies;
  while (true) {
    if (state.left() <= 0 || ++state.calls > kCallsMax) {
      state.is_page_full = true;
      return;
    }
    const std::int32_t wanted = with_bodies ? std::min(state.left(), kBodiesAtOnce) : state.left();
    auto page = store->List(state.place->second, state.after, wanted, with_bodies, deadline);
    if (!page.ok()) {
      state.error = page.error();
      return;
    }
    const core::NodeId node = state.place->first;
    const Status here = CheckPresence(context_, *state.view, node, state.place->second, deadline);
    if (!here.ok()) {
      state.error = here.error();
      return;
    }
    for (core::DeadLetter& letter : page->letters) {
      if (!MayTellOf(*state.view, node, letter.id.key)) continue;
      state.is_page_full = !state.Take(std::move(letter));
      if (state.is_page_full) return;
    }
    state.after = page->next;
    if (!page->next) break;
  }
  ++state.place;
}

void ListDeadLettersHandler::Respond(const std::shared_ptr<State>& state) {
  // What was found before the error is worth having; the next page begins with it.
  if (state->error && state->letters.empty()) {
    return state->responder.Fail(ErrorOf(*state->view, state->place->first, *state->error));
  }
  std::vector<core::TopicId> topics;
  for (const core::DeadLetter& letter : state->letters) topics.push_back(letter.id.key.topic);
  WithTopicIds(context_.catalog, state->view, topics,
               [this, state](const std::shared_ptr<const CatalogView>& view) {
                 idl::ListDeadLettersResponse response;
                 std::map<std::string, std::optional<std::string>> hidden;  // By topic.
                 for (const core::DeadLetter& letter : state->letters) {
                   if (view->FindTopic(letter.id.key.topic) == nullptr) continue;  // Deleted.
                   idl::DeadLetter& out = response.letters.emplace_back();
                   ToWire(*view, letter, out);
                   const auto [why, is_new] = hidden.try_emplace(out.id.topic);
                   if (is_new) {
                     why->second = WhyHidden(context_.guard, state->caller.get(), out.id.topic);
                   }
                   if (why->second) Hide(*why->second, out);
                 }
                 if (state->place != state->filters.end()) {
                   response.__set_next_page(ToText(state->Token()));
                 }
                 state->responder.Respond(response);
               });
}

}  // namespace lanemq::broker
