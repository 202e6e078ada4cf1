#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "portal/api/routes/build_request.h"
#include "portal/api/routes/route.h"
#include "portal/api/transcode/json_body.h"
#include "portal/api/transcode/schema.h"

namespace lanemq::portal {

/// Filters, sorts and cuts the list in a reply, as the route's paging has it, and adds
/// "next_cursor" when there is more. What items lack, though they could have it, is sorted behind
/// the rest, and passes no filter. A fault: the wish sorts by what items cannot have, or has a
/// cursor that is none. Thread safety: any thread.
[[nodiscard]] std::optional<Fault> ShapeReply(const Schema& schema, const Route& route,
                                              const ListWish& wish, nlohmann::ordered_json& reply);

/// The value of the header, with its quotes: the version that the route's reply has, else what
/// stands for `text`, the reply as it is sent.
[[nodiscard]] std::string ETagOf(const Route& route, const nlohmann::ordered_json& reply,
                                 const std::string& text);

}  // namespace lanemq::portal
