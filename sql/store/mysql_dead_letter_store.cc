#include "sql/store/mysql_dead_letter_store.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sql/statements/statements.h"
#include "sql/store/dead_letter_rows.h"
#include "sql/store/dead_letter_scan.h"
#include "sql/store/dead_letter_text.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {
namespace {

using core::DeadLetter;
using core::DeadLetterPage;
using core::FailedId;

constexpr std::size_t kPageBytesMax = 8u << 20;
constexpr std::int64_t kListedMax = 1'000;

std::size_t SizeOf(const DeadLetter& letter) {
  return core::SizeOf(*letter.record) + letter.history.first.error.size() +
         letter.history.last.error.size() + 128;
}

/// Adds the letters of `heads` that are still there to `page`. False when the page was full before.
Result<bool> ReadLetters(Connection& connection, std::string_view group,
                         std::span<const LetterHead> heads, bool with_bodies,
                         DeadLetterPage& page) {
  std::size_t bytes = 0;
  bool is_full = false;
  LANEMQ_RETURN_IF_ERROR(ForEachPartition(group, heads, [&](const ChosenLetters& chosen) -> Status {
    if (is_full) return {};
    Status decoded;
    connection.Text() = SelectLettersText(chosen, with_bodies);
    LANEMQ_RETURN_IF_ERROR(connection.StreamText(
        "read_dead_letters", static_cast<std::int64_t>(chosen.offsets.size()), [&](const Row& row) {
          auto letter = ToDeadLetter(group, row);
          if (!letter.ok()) {
            decoded = letter.error();
            return false;
          }
          const std::size_t size = SizeOf(*letter);
          is_full = !page.letters.empty() && bytes + size > kPageBytesMax;
          if (is_full) return false;
          bytes += size;
          page.letters.push_back(*std::move(letter));
          return true;
        }));
    return decoded;
  }));
  return !is_full;
}

}  // namespace

Result<DeadLetterPage> MySqlDeadLetterStore::List(const core::DeadLetterFilter& filter,
                                                  const std::optional<FailedId>& after,
                                                  std::int32_t max, bool with_bodies,
                                                  Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckFilter(filter));
  std::optional<LetterPlace> place;
  if (after) place = LetterPlace{after->key, after->offset};
  const auto read = [&](Connection& connection, auto&) -> Result<DeadLetterPage> {
    LANEMQ_ASSIGN_OR_RETURN(const LetterScan scan,
                            ScanLetters(connection, {filter, std::nullopt}, place, max));
    DeadLetterPage page;
    LANEMQ_ASSIGN_OR_RETURN(const bool is_whole,
                            ReadLetters(connection, filter.group, scan.heads, with_bodies, page));
    if (!is_whole) {
      page.next = page.letters.back().id;
    } else if (scan.next) {
      page.next = FailedId{filter.group, scan.next->key, scan.next->offset};
    }
    return page;
  };
  return ReadOn<DeadLetterPage>(nodes_, node_, deadline, read);
}

Result<DeadLetter> MySqlDeadLetterStore::Get(const FailedId& id, Deadline deadline) {
  const auto read = [&](Connection& connection, auto&) -> Result<DeadLetter> {
    Result<DeadLetter> found =
        Error{ErrorCode::kNotFound,
              fmt::format("group '{}' has no dead letter {}", id.group, DescribeId(id))};
    LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadDeadLetter,
                                            {std::string_view(id.group), id.key.topic.value,
                                             std::int64_t{id.key.partition}, id.offset.value},
                                            [&](const Row& row) {
                                              found = ToDeadLetter(id.group, row);
                                              return false;
                                            }));
    return found;
  };
  return ReadOn<DeadLetter>(nodes_, node_, deadline, read);
}

Result<std::vector<core::DeadLetterStore::Count>> MySqlDeadLetterStore::CountBy(
    std::string_view group, Deadline deadline) {
  using Counts = std::vector<Count>;
  const auto read = [&](Connection& connection, auto&) -> Result<Counts> {
    Counts counts;
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statements::kCountDeadLetters, {group}, [&](const Row& row) {
          counts.push_back({{core::TopicId{row.Int64(0)}, static_cast<std::int32_t>(row.Int64(1))},
                            row.String(2),
                            row.Int64(3),
                            WallTime{row.Int64(4)}});
          return true;
        }));
    return counts;
  };
  return ReadOn<Counts>(nodes_, node_, deadline, read);
}

Result<std::vector<core::DeadLetterDeed>> MySqlDeadLetterStore::ListDeeds(std::string_view group,
                                                                          std::int32_t max,
                                                                          Deadline deadline) {
  using Deeds = std::vector<core::DeadLetterDeed>;
  const std::int64_t limit = std::clamp<std::int64_t>(max, 1, kListedMax);
  const auto read = [&](Connection& connection, auto&) -> Result<Deeds> {
    Deeds deeds;
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statements::kReadDeeds, {group, limit}, [&](const Row& row) {
          deeds.push_back({.at = WallTime{row.Int64(0)},
                           .action = row.String(1),
                           .group = std::string(group),
                           .count = row.Int64(2),
                           .detail = row.String(3),
                           .note = {row.String(4), row.String(5)}});
          return true;
        }));
    return deeds;
  };
  return ReadOn<Deeds>(nodes_, node_, deadline, read);
}

}  // namespace lanemq::sql
