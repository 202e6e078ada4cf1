#include "broker/handlers/server_info.h"

namespace lanemq::broker {

void ServerInfoHandler::Handle(const idl::ServerInfoRequest& /*request*/,
                               rpc::Responder<idl::ServerInfo> responder) {
  const core::Broker self = context_.catalog.self();
  const auto view = context_.catalog.View();
  idl::ServerInfo info;
  info.role = "broker";
  info.version = self.version;
  info.__set_cluster_id(view->snapshot().cluster_id);
  info.__set_broker_id(self.id.value);
  info.now_us = context_.clock.WallNow().micros;
  info.metadata_version = view->snapshot().version;
  info.__set_is_draining(self.state == core::BrokerState::kDraining);
  info.__set_started_at_us(self.started_at.micros);
  responder.Respond(info);
}

void ServerInfoHandler::Handle(const idl::ServerSettingsRequest& /*request*/,
                               const rpc::Responder<idl::ServerSettingsResponse>& responder) {
  responder.Respond(ServerSettingsOf("broker", context_.settings));
}

}  // namespace lanemq::broker
