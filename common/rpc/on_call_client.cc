#include "common/rpc/on_call_client.h"

#include "ControlPlane.h"
#include "common/rpc/typed_call.h"

namespace lanemq::rpc {

// Of each method of the IDL: method, name here, request, reply.
#define LANEMQ_METHOD(method, Name, Request, Reply)                                                \
  Result<idl::Reply> OnCallClient::Name##Sync(const Endpoint& endpoint,                            \
                                              const idl::Request& request, Deadline deadline) {    \
    return TypedCallSync<idl::ControlPlane_##method##_pargs, idl::ControlPlane_##method##_presult, \
                         idl::Reply>(client_, endpoint, #method, request, deadline);               \
  }

LANEMQ_METHOD(groupLag, GroupLag, GroupLagRequest, GroupLagResponse)
LANEMQ_METHOD(summarizeDeadLetters, SummarizeDeadLetters, SummarizeDeadLettersRequest,
              SummarizeDeadLettersResponse)
LANEMQ_METHOD(lagHistory, LagHistory, LagHistoryRequest, LagHistoryResponse)
LANEMQ_METHOD(setLagObjective, SetLagObjective, SetLagObjectiveRequest, LagObjectivesResponse)
LANEMQ_METHOD(listLagObjectives, ListLagObjectives, ListLagObjectivesRequest, LagObjectivesResponse)
LANEMQ_METHOD(listAlerts, ListAlerts, ListAlertsRequest, ListAlertsResponse)
LANEMQ_METHOD(listAlertEvents, ListAlertEvents, ListAlertEventsRequest, ListAlertEventsResponse)
LANEMQ_METHOD(setAlertRule, SetAlertRule, SetAlertRuleRequest, AlertRulesResponse)
LANEMQ_METHOD(listAlertRules, ListAlertRules, ListAlertRulesRequest, AlertRulesResponse)
LANEMQ_METHOD(setAlertChannel, SetAlertChannel, SetAlertChannelRequest, AlertChannelsResponse)
LANEMQ_METHOD(listAlertChannels, ListAlertChannels, ListAlertChannelsRequest, AlertChannelsResponse)
LANEMQ_METHOD(testAlertChannel, TestAlertChannel, TestAlertChannelRequest, TestAlertChannelResponse)
LANEMQ_METHOD(silenceAlert, SilenceAlert, SilenceAlertRequest, SilencesResponse)
LANEMQ_METHOD(endSilence, EndSilence, EndSilenceRequest, SilencesResponse)
LANEMQ_METHOD(listSilences, ListSilences, ListSilencesRequest, SilencesResponse)
LANEMQ_METHOD(reportCanary, ReportCanary, ReportCanaryRequest, ReportCanaryResponse)
LANEMQ_METHOD(listCanaries, ListCanaries, ListCanariesRequest, ListCanariesResponse)
#undef LANEMQ_METHOD

}  // namespace lanemq::rpc
