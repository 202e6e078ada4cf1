#include <algorithm>
#include <optional>
#include <utility>

#include "client/src/producer/producer_impl.h"
#include "common/core/types/delayed_handle.h"
#include "common/rpc/wire/errors.h"

// The cancelling part of the producer; see producer_impl.h.
namespace lanemq {
namespace {

constexpr std::size_t kHandlesPerRequest = 1'000;  // What a broker takes at once.

Result<CancelState> StateOf(const idl::CancelOne& one) {
  if (one.__isset.error) return wire::FromWire(one.error);
  switch (one.state) {
    case idl::CancelState::CANCELLED:
      return CancelState::kCancelled;
    case idl::CancelState::DELIVERED:
      return CancelState::kDelivered;
    case idl::CancelState::NOT_FOUND:
      return CancelState::kNotFound;
  }
  return Error{ErrorCode::kUnknownServerError, "the broker does not say what became of a message"};
}

}  // namespace

Result<std::vector<CancelState>> Producer::Impl::Cancel(const std::vector<std::string>& handles) {
  for (std::size_t i = 0; i < handles.size(); ++i) {
    const auto id = core::FromHandle(handles[i]);
    if (!id.ok()) return id.error().Wrap("handle " + std::to_string(i));
  }
  {
    MutexLock lock(mutex_);
    if (state_ != State::kOpen) return Error{ErrorCode::kClosed, "the producer was closed"};
  }
  const Deadline deadline = Deadline::After(clock_, options_.delivery_timeout);
  std::vector<CancelState> states;
  states.reserve(handles.size());
  for (std::span<const std::string> left(handles); !left.empty();) {
    const auto some = left.first(std::min(left.size(), kHandlesPerRequest));
    LANEMQ_ASSIGN_OR_RETURN(const std::vector<CancelState> done, CancelSome(some, deadline));
    states.insert(states.end(), done.begin(), done.end());
    left = left.subspan(some.size());
  }
  return states;
}

Result<std::vector<CancelState>> Producer::Impl::CancelSome(std::span<const std::string> handles,
                                                            Deadline deadline) {
  std::vector<std::optional<CancelState>> states(handles.size());
  const auto attempt = [&](const rpc::Endpoint& broker, Deadline until) -> Result<bool> {
    idl::CancelRequest request;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < handles.size(); ++i) {
      if (states[i]) continue;
      places.push_back(i);
      request.handles.push_back(handles[i]);
    }
    cluster_.NameCluster(request);
    const Deadline patience{std::min(until.at, clock_.Now() + options_.request_timeout)};
    LANEMQ_ASSIGN_OR_RETURN(const idl::CancelResponse reply,
                            cluster_.data_plane().CancelDelayedSync(broker, request, patience));
    if (reply.results.size() != places.size()) {
      return Error{ErrorCode::kUnknownServerError, "the reply is not about the handles asked for"};
    }
    std::optional<Error> error;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto state = StateOf(reply.results[i]);
      if (state.ok()) {
        states[places[i]] = *state;
      } else if (!error || !client::MayGoBetterElsewhere(state.error().code)) {
        error = state.error();
      }
    }
    if (error) return *error;
    return true;
  };
  LANEMQ_RETURN_IF_ERROR(cluster_.CallAny<bool>(&client::Cluster::Brokers, deadline, attempt));
  std::vector<CancelState> out;
  for (const auto& state : states) out.push_back(*state);
  return out;
}

}  // namespace lanemq
