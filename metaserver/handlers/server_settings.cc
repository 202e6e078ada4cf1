#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::ServerSettingsResponse> ServerSettings(Services& services,
                                                   const idl::ServerSettingsRequest&) {
  return ServerSettingsOf("metaserver", services.settings);
}

}  // namespace lanemq::metaserver
