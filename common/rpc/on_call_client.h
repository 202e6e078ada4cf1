#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/rpc/client.h"

namespace lanemq::idl {
class AlertChannelsResponse;
class AlertRulesResponse;
class EndSilenceRequest;
class GroupLagRequest;
class GroupLagResponse;
class LagHistoryRequest;
class LagHistoryResponse;
class LagObjectivesResponse;
class ListAlertChannelsRequest;
class ListAlertEventsRequest;
class ListAlertEventsResponse;
class ListAlertRulesRequest;
class ListAlertsRequest;
class ListAlertsResponse;
class ListCanariesRequest;
class ListCanariesResponse;
class ListLagObjectivesRequest;
class ListSilencesRequest;
class ReportCanaryRequest;
class ReportCanaryResponse;
class SetAlertChannelRequest;
class SetAlertRuleRequest;
class SetLagObjectiveRequest;
class SilenceAlertRequest;
class SilencesResponse;
class SummarizeDeadLettersRequest;
class SummarizeDeadLettersResponse;
class TestAlertChannelRequest;
class TestAlertChannelResponse;
}  // namespace lanemq::idl

namespace lanemq::rpc {

/// Calls metaservers about lag, alerts and canaries: those methods of the control plane that only
/// people, their programs and canaries need.
///
/// Every method waits for the answer (not from a callback that runs on the I/O thread). Errors are
/// those of RpcClient plus what the server declares; a method the server does not know is
/// kUnsupportedVersion. Thread safety: every method from any thread. Does not own the RpcClient,
/// which outlives it.
class OnCallClient {
 public:
  explicit OnCallClient(RpcClient& client) : client_(client) {}

  /// kNotCoordinator: another metaserver is on call.
  Result<idl::GroupLagResponse> GroupLagSync(const Endpoint& endpoint,
                                             const idl::GroupLagRequest& request,
                                             Deadline deadline);
  /// kNotCoordinator: another metaserver is on call.
  Result<idl::SummarizeDeadLettersResponse> SummarizeDeadLettersSync(
      const Endpoint& endpoint, const idl::SummarizeDeadLettersRequest& request, Deadline deadline);
  Result<idl::LagHistoryResponse> LagHistorySync(const Endpoint& endpoint,
                                                 const idl::LagHistoryRequest& request,
                                                 Deadline deadline);
  Result<idl::LagObjectivesResponse> SetLagObjectiveSync(const Endpoint& endpoint,
                                                         const idl::SetLagObjectiveRequest& request,
                                                         Deadline deadline);
  Result<idl::LagObjectivesResponse> ListLagObjectivesSync(
      const Endpoint& endpoint, const idl::ListLagObjectivesRequest& request, Deadline deadline);
  Result<idl::ListAlertsResponse> ListAlertsSync(const Endpoint& endpoint,
                                                 const idl::ListAlertsRequest& request,
                                                 Deadline deadline);
  Result<idl::ListAlertEventsResponse> ListAlertEventsSync(
      const Endpoint& endpoint, const idl::ListAlertEventsRequest& request, Deadline deadline);
  Result<idl::AlertRulesResponse> SetAlertRuleSync(const Endpoint& endpoint,
                                                   const idl::SetAlertRuleRequest& request,
                                                   Deadline deadline);
  Result<idl::AlertRulesResponse> ListAlertRulesSync(const Endpoint& endpoint,
                                                     const idl::ListAlertRulesRequest& request,
                                                     Deadline deadline);
  Result<idl::AlertChannelsResponse> SetAlertChannelSync(const Endpoint& endpoint,
                                                         const idl::SetAlertChannelRequest& request,
                                                         Deadline deadline);
  Result<idl::AlertChannelsResponse> ListAlertChannelsSync(
      const Endpoint& endpoint, const idl::ListAlertChannelsRequest& request, Deadline deadline);
  Result<idl::TestAlertChannelResponse> TestAlertChannelSync(
      const Endpoint& endpoint, const idl::TestAlertChannelRequest& request, Deadline deadline);
  Result<idl::SilencesResponse> SilenceAlertSync(const Endpoint& endpoint,
                                                 const idl::SilenceAlertRequest& request,
                                                 Deadline deadline);
  Result<idl::SilencesResponse> EndSilenceSync(const Endpoint& endpoint,
                                               const idl::EndSilenceRequest& request,
                                               Deadline deadline);
  Result<idl::SilencesResponse> ListSilencesSync(const Endpoint& endpoint,
                                                 const idl::ListSilencesRequest& request,
                                                 Deadline deadline);
  Result<idl::ReportCanaryResponse> ReportCanarySync(const Endpoint& endpoint,
                                                     const idl::ReportCanaryRequest& request,
                                                     Deadline deadline);
  Result<idl::ListCanariesResponse> ListCanariesSync(const Endpoint& endpoint,
                                                     const idl::ListCanariesRequest& request,
                                                     Deadline deadline);

 private:
  RpcClient& client_;
};

}  // namespace lanemq::rpc
