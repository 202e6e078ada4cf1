#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "portal/api/routes/build_request.h"
#include "portal/api/routes/route.h"
#include "portal/api/transcode/decode.h"
#include "portal/api/transcode/json_body.h"
#include "portal/api/transcode/schema.h"

namespace lanemq::portal {

/// What of the reply's list ShapeReply() looks at to choose the items of the page. Absent: the
/// route has no list that is cut here.
[[nodiscard]] std::optional<ListPick> PickOf(const Route& route, const ListWish& wish);

/// Filters, sorts and cuts the list in a reply, as the route's paging has it, and adds
/// "next_cursor" when there is more. What items lack, though they could have it, is sorted behind
/// the rest, and passes no filter. A fault: the wish sorts by what items cannot have, or has a
/// cursor that is none. `late`: the list's items, when `reply` has no more of them than PickOf() of
/// the same wish picks. Thread safety: any thread.
[[nodiscard]] std::optional<Fault> ShapeReply(const Schema& schema, const Route& route,
                                              const ListWish& wish, nlohmann::ordered_json& reply,
                                              const LateItems& late = {});

/// The value of the header, with its quotes: the version that the route's reply has, else what
/// stands for `text`, the reply as it is sent.
[[nodiscard]] std::string ETagOf(const Route& route, const nlohmann::ordered_json& reply,
                                 const std::string& text);

}  // namespace lanemq::portal
