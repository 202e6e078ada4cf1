#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "portal/api/transcode/schema.h"
#include "portal/api/transcode/wire.h"

namespace lanemq::portal {

/// Reads a struct in Thrift's binary protocol as JSON, as EncodeStruct() takes it: i64 as text,
/// enums by name (unknown ones as numbers), bytes that are not UTF-8 under NAME_base64. Fields that
/// this program does not know are left out. Absent: it does not decode. Thread safety: any thread.
[[nodiscard]] std::optional<nlohmann::ordered_json> DecodeStruct(const Schema& schema,
                                                                 const StructRow& row,
                                                                 wire::Reader& reader);

/// What is read at once of a list of structs from which a few items are wanted: these members of
/// each item. The rest of an item is made JSON when it is known to be wanted, which for lists of
/// thousands saves nearly all the work.
struct ListPick {
  std::string list;  ///< A field of the struct that is read.
  std::vector<std::string> members;
};

/// The items of such a list as they came. Immutable; any thread.
struct LateItems {
  std::string bytes;                                        ///< In which they lie,
  std::vector<std::pair<std::size_t, std::size_t>> places;  ///< where: from, how many.
  const StructRow* row = nullptr;  ///< What they are; null: there was no such list.

  /// All of an item. Absent: it does not decode.
  [[nodiscard]] std::optional<nlohmann::ordered_json> Read(const Schema& schema,
                                                           std::size_t index) const;
};

/// As DecodeStruct() above, but of the items of `pick.list` the picked members alone. `late` gets
/// where they lie, and its `bytes` are what `reader` reads, all of it.
[[nodiscard]] std::optional<nlohmann::ordered_json> DecodeStruct(const Schema& schema,
                                                                 const StructRow& row,
                                                                 wire::Reader& reader,
                                                                 const ListPick& pick,
                                                                 LateItems& late);

}  // namespace lanemq::portal
