#pragma once

#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// serverInfo, serverSettings: who this is and how it was started, from memory.
class ServerInfoHandler {
 public:
  explicit ServerInfoHandler(const HandlerContext& context) : context_(context) {}
  void Handle(const idl::ServerInfoRequest& request, rpc::Responder<idl::ServerInfo> responder);
  void Handle(const idl::ServerSettingsRequest& request,
              const rpc::Responder<idl::ServerSettingsResponse>& responder);

 private:
  const HandlerContext& context_;
};

}  // namespace lanemq::broker
