#pragma once

#include <utility>

#include "DataPlane.h"
#include "broker/handlers/authenticate.h"
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
#include "broker/handlers/gate.h"
#include "broker/handlers/get_message.h"
#include "broker/handlers/group_control.h"
#include "broker/handlers/list_delayed.h"
#include "broker/handlers/list_offsets.h"
#include "broker/handlers/metadata.h"
#include "broker/handlers/produce.h"
#include "broker/handlers/reset_offsets.h"
#include "broker/handlers/schedule.h"
#include "broker/handlers/search_messages.h"
#include "broker/handlers/server_info.h"
#include "broker/handlers/slow_calls.h"
#include "broker/handlers/trace_message.h"
#include "broker/handlers/trim.h"

namespace lanemq::broker {

/// The generated service: each method passes the gate and goes on to its handler. Called on I/O
/// threads. A method that is not in kAccessTable does not compile.
class DataPlane final : public idl::DataPlaneCobSvIf {
 public:
  template <typename T>
  using Cob = Gate::Cob<T>;
  using ErrorCob = Gate::ErrorCob;

  explicit DataPlane(const HandlerContext& context)
      : gate_(context),
        policies_(context.clock),
        authenticate_(context),
        produce_(context),
        fetch_(context),
        commit_offsets_(context),
        fetch_offsets_(context, policies_),
        list_offsets_(context),
        get_message_(context),
        search_messages_(context),
        trace_message_(context),
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

// One method of the generated interface: how it passes the gate, and its handler.
#define LANEMQ_RPC(Passes, method, handler, Request, Response)                                 \
  void method(Cob<idl::Response> cob, ErrorCob error, const idl::Request& request) override {  \
    gate_.Passes(core::AccessOf(#method), handler, std::move(cob), std::move(error), request); \
  }
  LANEMQ_RPC(Open, authenticate, authenticate_, AuthenticateRequest, AuthenticateResponse)
  LANEMQ_RPC(Open, serverInfo, server_info_, ServerInfoRequest, ServerInfo)
  LANEMQ_RPC(Whole, metadata, metadata_, MetadataRequest, MetadataResponse)
  LANEMQ_RPC(Whole, slowCalls, slow_calls_, SlowCallsRequest, SlowCallsResponse)
  LANEMQ_RPC(Whole, serverSettings, server_info_, ServerSettingsRequest, ServerSettingsResponse)

  LANEMQ_RPC(EachTopic, produce, produce_, ProduceRequest, ProduceResponse)
  LANEMQ_RPC(EachTopic, fetch, fetch_, FetchRequest, FetchResponse)
  LANEMQ_RPC(EachTopic, listOffsets, list_offsets_, ListOffsetsRequest, ListOffsetsResponse)
  LANEMQ_RPC(Whole, getMessage, get_message_, GetMessageRequest, GetMessageResponse)
  LANEMQ_RPC(Whole, searchMessages, search_messages_, SearchMessagesRequest, SearchMessagesResponse)
  LANEMQ_RPC(Whole, traceMessage, trace_message_, TraceMessageRequest, TraceMessageResponse)
  LANEMQ_RPC(EachTopic, schedule, schedule_, ScheduleRequest, ScheduleResponse)
  LANEMQ_RPC(ByHandler, cancelDelayed, cancel_delayed_, CancelRequest, CancelResponse)
  LANEMQ_RPC(Whole, listDelayed, list_delayed_, ListDelayedRequest, ListDelayedResponse)
  LANEMQ_RPC(EachTopic, trim, trim_, TrimRequest, TrimResponse)

  LANEMQ_RPC(EachTopic, commitOffsets, commit_offsets_, CommitOffsetsRequest, CommitOffsetsResponse)
  LANEMQ_RPC(Whole, fetchOffsets, fetch_offsets_, FetchOffsetsRequest, FetchOffsetsResponse)
  LANEMQ_RPC(EachTopic, claimPartitions, claim_partitions_, ClaimPartitionsRequest,
             ClaimPartitionsResponse)
  LANEMQ_RPC(Whole, resetOffsets, reset_offsets_, ResetOffsetsRequest, ResetOffsetsResponse)
  LANEMQ_RPC(Whole, listOffsetResets, reset_offsets_, ListOffsetResetsRequest,
             ListOffsetResetsResponse)
  LANEMQ_RPC(Whole, pauseGroup, group_control_, PauseGroupRequest, PauseGroupResponse)
  LANEMQ_RPC(Whole, deleteOffsets, group_control_, DeleteOffsetsRequest, DeleteOffsetsResponse)

  LANEMQ_RPC(EachTopic, settle, settle_, SettleRequest, SettleResponse)
  LANEMQ_RPC(EachTopic, fetchRetries, fetch_retries_, FetchRetriesRequest, FetchRetriesResponse)
  LANEMQ_RPC(Whole, setGroupPolicy, group_policies_, SetGroupPolicyRequest, SetGroupPolicyResponse)
  LANEMQ_RPC(Whole, groupPolicies, group_policies_, GroupPoliciesRequest, GroupPoliciesResponse)

  LANEMQ_RPC(Whole, listDeadLetters, list_dead_letters_, ListDeadLettersRequest,
             ListDeadLettersResponse)
  LANEMQ_RPC(Whole, countDeadLetters, dead_letters_, CountDeadLettersRequest,
             CountDeadLettersResponse)
  LANEMQ_RPC(Whole, dropDeadLetters, dead_letters_, DropDeadLettersRequest, DropDeadLettersResponse)
  LANEMQ_RPC(Whole, listDeadLetterDeeds, dead_letters_, ListDeadLetterDeedsRequest,
             ListDeadLetterDeedsResponse)
  LANEMQ_RPC(Whole, redrive, redrives_, RedriveRequest, RedriveResponse)
  LANEMQ_RPC(Whole, listRedrives, redrives_, ListRedrivesRequest, RedriveResponse)
  LANEMQ_RPC(ByHandler, cancelRedrive, redrives_, CancelRedriveRequest, RedriveResponse)
  LANEMQ_RPC(Whole, redriveEdited, redrives_, RedriveEditedRequest, RedriveEditedResponse)
#undef LANEMQ_RPC

 private:
  const Gate gate_;
  PolicyCache policies_;
  AuthenticateHandler authenticate_;
  ProduceHandler produce_;
  FetchHandler fetch_;
  CommitOffsetsHandler commit_offsets_;
  FetchOffsetsHandler fetch_offsets_;
  ListOffsetsHandler list_offsets_;
  GetMessageHandler get_message_;
  SearchMessagesHandler search_messages_;
  TraceMessageHandler trace_message_;
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
