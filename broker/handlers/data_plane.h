#pragma once

#include <functional>

#include "DataPlane.h"
#include "broker/handlers/cancel_delayed.h"
#include "broker/handlers/claim_partitions.h"
#include "broker/handlers/commit_offsets.h"
#include "broker/handlers/failures/dead_letters.h"
#include "broker/handlers/failures/fetch_retries.h"
#include "broker/handlers/failures/group_policies.h"
#include "broker/handlers/failures/list_dead_letters.h"
#include "broker/handlers/failures/policy_cache.h"
#include "broker/handlers/failures/redrives.h"
#include "broker/handlers/failures/settle.h"
#include "broker/handlers/fetch.h"
#include "broker/handlers/fetch_offsets.h"
#include "broker/handlers/get_message.h"
#include "broker/handlers/group_control.h"
#include "broker/handlers/list_delayed.h"
#include "broker/handlers/list_offsets.h"
#include "broker/handlers/metadata.h"
#include "broker/handlers/produce.h"
#include "broker/handlers/reset_offsets.h"
#include "broker/handlers/schedule.h"
#include "broker/handlers/server_info.h"
#include "broker/handlers/slow_calls.h"
#include "broker/handlers/trim.h"

namespace lanemq::broker {

/// The generated service, each method passed on to its handler. Called on I/O threads.
class DataPlane final : public idl::DataPlaneCobSvIf {
 public:
  template <typename T>
  using Cob = std::function<void(const T&)>;
  using ErrorCob = std::function<void(::apache::thrift::TDelayedException*)>;

  explicit DataPlane(const HandlerContext& context)
      : policies_(context.clock),
        produce_(context),
        fetch_(context),
        commit_offsets_(context),
        fetch_offsets_(context, policies_),
        list_offsets_(context),
        get_message_(context),
        claim_partitions_(context),
        reset_offsets_(context),
        group_control_(context),
        settle_(context, policies_),
        fetch_retries_(context, policies_),
        group_policies_(context, policies_),
        list_dead_letters_(context),
        dead_letters_(context),
        redrives_(context),
        schedule_(context),
        cancel_delayed_(context),
        list_delayed_(context),
        metadata_(context),
        server_info_(context),
        trim_(context),
        slow_calls_(context) {}

  void produce(Cob<idl::ProduceResponse> cob, ErrorCob error,
               const idl::ProduceRequest& request) override {
    produce_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void fetch(Cob<idl::FetchResponse> cob, ErrorCob error,
             const idl::FetchRequest& request) override {
    fetch_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void commitOffsets(Cob<idl::CommitOffsetsResponse> cob, ErrorCob error,
                     const idl::CommitOffsetsRequest& request) override {
    commit_offsets_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void fetchOffsets(Cob<idl::FetchOffsetsResponse> cob, ErrorCob error,
                    const idl::FetchOffsetsRequest& request) override {
    fetch_offsets_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void listOffsets(Cob<idl::ListOffsetsResponse> cob, ErrorCob error,
                   const idl::ListOffsetsRequest& request) override {
    list_offsets_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void getMessage(Cob<idl::GetMessageResponse> cob, ErrorCob error,
                  const idl::GetMessageRequest& request) override {
    get_message_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void metadata(Cob<idl::MetadataResponse> cob, ErrorCob error,
                const idl::MetadataRequest& request) override {
    metadata_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void serverInfo(Cob<idl::ServerInfo> cob, ErrorCob error,
                  const idl::ServerInfoRequest&) override {
    server_info_.Handle({std::move(cob), std::move(error)});
  }

  void claimPartitions(Cob<idl::ClaimPartitionsResponse> cob, ErrorCob error,
                       const idl::ClaimPartitionsRequest& request) override {
    claim_partitions_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void resetOffsets(Cob<idl::ResetOffsetsResponse> cob, ErrorCob error,
                    const idl::ResetOffsetsRequest& request) override {
    reset_offsets_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void listOffsetResets(Cob<idl::ListOffsetResetsResponse> cob, ErrorCob error,
                        const idl::ListOffsetResetsRequest& request) override {
    reset_offsets_.Handle(request, {std::move(cob), std::move(error)});
  }
  void pauseGroup(Cob<idl::PauseGroupResponse> cob, ErrorCob error,
                  const idl::PauseGroupRequest& request) override {
    group_control_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void deleteOffsets(Cob<idl::DeleteOffsetsResponse> cob, ErrorCob error,
                     const idl::DeleteOffsetsRequest& request) override {
    group_control_.Handle(Take(request), {std::move(cob), std::move(error)});
  }

  void settle(Cob<idl::SettleResponse> cob, ErrorCob error,
              const idl::SettleRequest& request) override {
    settle_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void fetchRetries(Cob<idl::FetchRetriesResponse> cob, ErrorCob error,
                    const idl::FetchRetriesRequest& request) override {
    fetch_retries_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void setGroupPolicy(Cob<idl::SetGroupPolicyResponse> cob, ErrorCob error,
                      const idl::SetGroupPolicyRequest& request) override {
    group_policies_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void groupPolicies(Cob<idl::GroupPoliciesResponse> cob, ErrorCob error,
                     const idl::GroupPoliciesRequest& request) override {
    group_policies_.Handle(request, {std::move(cob), std::move(error)});
  }

  void listDeadLetters(Cob<idl::ListDeadLettersResponse> cob, ErrorCob error,
                       const idl::ListDeadLettersRequest& request) override {
    list_dead_letters_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void countDeadLetters(Cob<idl::CountDeadLettersResponse> cob, ErrorCob error,
                        const idl::CountDeadLettersRequest& request) override {
    dead_letters_.Handle(request, {std::move(cob), std::move(error)});
  }
  void dropDeadLetters(Cob<idl::DropDeadLettersResponse> cob, ErrorCob error,
                       const idl::DropDeadLettersRequest& request) override {
    dead_letters_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void redrive(Cob<idl::RedriveResponse> cob, ErrorCob error,
               const idl::RedriveRequest& request) override {
    redrives_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void listRedrives(Cob<idl::RedriveResponse> cob, ErrorCob error,
                    const idl::ListRedrivesRequest& request) override {
    redrives_.Handle(request, {std::move(cob), std::move(error)});
  }
  void cancelRedrive(Cob<idl::RedriveResponse> cob, ErrorCob error,
                     const idl::CancelRedriveRequest& request) override {
    redrives_.Handle(request, {std::move(cob), std::move(error)});
  }
  void redriveEdited(Cob<idl::RedriveEditedResponse> cob, ErrorCob error,
                     const idl::RedriveEditedRequest& request) override {
    redrives_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void listDeadLetterDeeds(Cob<idl::ListDeadLetterDeedsResponse> cob, ErrorCob error,
                           const idl::ListDeadLetterDeedsRequest& request) override {
    dead_letters_.Handle(request, {std::move(cob), std::move(error)});
  }

  void schedule(Cob<idl::ScheduleResponse> cob, ErrorCob error,
                const idl::ScheduleRequest& request) override {
    schedule_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void cancelDelayed(Cob<idl::CancelResponse> cob, ErrorCob error,
                     const idl::CancelRequest& request) override {
    cancel_delayed_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void listDelayed(Cob<idl::ListDelayedResponse> cob, ErrorCob error,
                   const idl::ListDelayedRequest& request) override {
    list_delayed_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void trim(Cob<idl::TrimResponse> cob, ErrorCob error, const idl::TrimRequest& request) override {
    trim_.Handle(Take(request), {std::move(cob), std::move(error)});
  }
  void slowCalls(Cob<idl::SlowCallsResponse> cob, ErrorCob error,
                 const idl::SlowCallsRequest& request) override {
    slow_calls_.Handle(request, {std::move(cob), std::move(error)});
  }

 private:
  // The request is a local of the generated caller, decoded for us alone and not looked at again:
  // moving out of it saves a copy of every payload.
  template <typename T>
  static T&& Take(const T& request) {
    return std::move(const_cast<T&>(request));
  }

  PolicyCache policies_;
  ProduceHandler produce_;
  FetchHandler fetch_;
  CommitOffsetsHandler commit_offsets_;
  FetchOffsetsHandler fetch_offsets_;
  ListOffsetsHandler list_offsets_;
  GetMessageHandler get_message_;
  ClaimPartitionsHandler claim_partitions_;
  ResetOffsetsHandler reset_offsets_;
  GroupControlHandler group_control_;
  SettleHandler settle_;
  FetchRetriesHandler fetch_retries_;
  GroupPoliciesHandler group_policies_;
  ListDeadLettersHandler list_dead_letters_;
  DeadLettersHandler dead_letters_;
  RedrivesHandler redrives_;
  ScheduleHandler schedule_;
  CancelDelayedHandler cancel_delayed_;
  ListDelayedHandler list_delayed_;
  MetadataHandler metadata_;
  ServerInfoHandler server_info_;
  TrimHandler trim_;
  SlowCallsHandler slow_calls_;
};

}  // namespace lanemq::broker
