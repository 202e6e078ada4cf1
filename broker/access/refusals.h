#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "broker/access/rights.h"
#include "common/rpc/wire/errors.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// A partition of a request that its caller may not touch.
struct Refused {
  std::size_t place = 0;  ///< In the request.
  std::string topic;
  std::int32_t partition = 0;
  Error error;
};

/// Takes out of a request's partitions those whose topics its caller may not touch, and leaves the
/// others in their order. Each topic is asked about once when its partitions stand together, as
/// they do; nothing is copied when all are allowed.
template <typename Partition>
std::vector<Refused> TakeRefused(const Rights& rights, core::Action action,
                                 std::vector<Partition>& partitions) {
  std::vector<Refused> refused;
  Status allowed;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const bool is_new = i == 0 || partitions[i].topic != partitions[i - 1].topic;
    if (is_new) allowed = rights.CheckTopicLent(action, partitions[i].topic);
    if (!allowed.ok()) refused.push_back({i, "", partitions[i].partition, allowed.error()});
  }
  if (refused.empty()) return refused;
  std::size_t kept = 0;
  auto next = refused.begin();
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (next != refused.end() && next->place == i) {
      next->topic = std::move(partitions[i].topic);
      ++next;
    } else {
      if (kept != i) partitions[kept] = std::move(partitions[i]);
      ++kept;
    }
  }
  partitions.resize(kept);
  return refused;
}

/// The answer for a refused partition.
template <typename Part>
Part AnswerTo(const Refused& refused, const std::string& request_id) {
  Part out;
  out.topic = refused.topic;
  out.partition = refused.partition;
  out.error = wire::ToWire(refused.error, request_id);
  out.__isset.error = true;
  return out;
}

/// Adds what was refused to the answer to the rest: each in its place of the request.
template <typename Response>
void AddRefused(const std::vector<Refused>& refused, const std::string& request_id,
                Response& response) {
  auto rest = std::move(response.partitions);
  using Part = typename decltype(rest)::value_type;
  response.partitions.clear();
  auto next = rest.begin();
  for (const Refused& one : refused) {
    while (response.partitions.size() < one.place && next != rest.end()) {
      response.partitions.push_back(std::move(*next++));
    }
    response.partitions.push_back(AnswerTo<Part>(one, request_id));
  }
  while (next != rest.end()) response.partitions.push_back(std::move(*next++));
}

/// A request of which something was refused has its answer: what is left of it does not wait.
template <typename Request>
void AnswerAtOnce(Request& /*request*/) {}
inline void AnswerAtOnce(idl::FetchRequest& request) { request.__set_min_bytes(0); }

/// Answers to fetches have no order, and only partitions with something to say.
inline void AddRefused(const std::vector<Refused>& refused, const std::string& request_id,
                       idl::FetchResponse& response) {
  for (const Refused& one : refused) {
    response.partitions.push_back(AnswerTo<idl::FetchPartitionResult>(one, request_id));
  }
}

inline void AddRefused(const std::vector<Refused>& refused, const std::string& request_id,
                       idl::FetchRetriesResponse& response) {
  response.__isset.errors = true;
  for (const Refused& one : refused) {
    response.errors.push_back(AnswerTo<idl::SettlePartitionResult>(one, request_id));
  }
}

}  // namespace lanemq::broker
