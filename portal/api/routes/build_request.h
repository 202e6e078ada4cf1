#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "portal/api/routes/route.h"
#include "portal/api/transcode/json_body.h"
#include "portal/api/transcode/schema.h"

namespace lanemq::portal {

inline constexpr std::size_t kPageDefault = 100;
inline constexpr std::size_t kPageMax = 1'000;

/// What of a list is wanted.
struct ListWish {
  std::size_t limit = kPageDefault;
  std::string cursor;  ///< Of the page before; empty: the first.
  std::string
      sort;  ///< A field of the items; "-field": the largest first. Empty: as the server sorts.
  std::vector<std::pair<std::string, std::string>>
      filters;                      ///< Field, text; `*` at its end: a prefix.
  std::vector<std::string> fields;  ///< Empty: all.
};

/// What a client said, apart from where.
struct Said {
  std::vector<std::pair<std::string, std::string>> query;
  std::optional<nlohmann::json> body;
  std::string idempotency_key;  ///< Headers; empty: not there.
  std::string if_match;
  std::string principal;       ///< Who it is; needed when NeedsPrincipal().
  std::int64_t random_id = 0;  ///< For calls that want a number of their own.
};

struct BuiltRequest {
  nlohmann::json request;  ///< As EncodeStruct() takes it.
  ListWish list;
  Faults faults;
  bool is_dry_run = false;
};

/// Whether the request holds who asks.
[[nodiscard]] bool NeedsPrincipal(const Schema& schema, const MethodRow& method);

/// Puts together what the path, the query, the headers and the body say. Whatever a route cannot
/// use is a fault. Thread safety: any thread.
[[nodiscard]] BuiltRequest BuildRequest(const Schema& schema, const Match& match, const Said& said);

}  // namespace lanemq::portal
