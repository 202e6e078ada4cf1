#include "sql/store/retention_text.h"

#include <iterator>

#include <fmt/format.h>

#include "common/base/check.h"
#include "sql/migrate/migrator.h"

namespace lanemq::sql {

std::string SegmentName(core::Offset bound) { return fmt::format("p_{}", bound.value); }

RetentionTable::RetentionTable(std::string_view prefix, const core::PartitionLocation& location)
    : schema_(MessageSchema(prefix, location.schema_index)),
      table_(fmt::format("msg_{}_{}", location.key.topic.value, location.key.partition)),
      name_(fmt::format("`{}`.`{}`", schema_, table_)) {}

std::string RetentionTable::SelectSegments() const {
  return fmt::format(
      "SELECT partition_name,partition_description FROM information_schema.partitions WHERE "
      "table_schema='{}' AND table_name='{}' ORDER BY partition_ordinal_position",
      schema_, table_);
}

std::string RetentionTable::SelectNewest() const { return "SELECT MAX(`offset`) FROM " + name_; }

std::string RetentionTable::SelectOldest(core::Offset from) const {
  return fmt::format("SELECT MIN(`offset`) FROM {} WHERE `offset`>={}", name_, from.value);
}

std::string RetentionTable::SelectTimes(std::span<const core::Offset> offsets) const {
  LANEMQ_CHECK(!offsets.empty());
  std::string text = "SELECT `offset`,timestamp_us FROM " + name_ + " WHERE `offset` IN (";
  for (const core::Offset offset : offsets) {
    fmt::format_to(std::back_inserter(text), "{},", offset.value);
  }
  text.back() = ')';
  return text;
}

std::string RetentionTable::SelectRowBytes(core::Offset low, core::Offset high, int rows) const {
  // What InnoDB adds to a row, its header and its page's share, is about forty bytes.
  const auto some = [&](core::Offset from) {
    return fmt::format(
        "(SELECT 40+COALESCE(LENGTH(`key`),0)+COALESCE(LENGTH(headers),0)+COALESCE(LENGTH(body),0) "
        "AS bytes FROM {} WHERE `offset`>={} ORDER BY `offset` LIMIT {})",
        name_, from.value, rows);
  };
  return "SELECT CAST(AVG(bytes) AS SIGNED) FROM (" + some(low) + " UNION ALL " + some(high) +
         ") r";
}

std::string RetentionTable::CountRows(core::Offset from, std::int64_t max) const {
  return fmt::format("SELECT COUNT(*) FROM (SELECT 1 FROM {} WHERE `offset`>={} LIMIT {}) r", name_,
                     from.value, max);
}

std::string RetentionTable::Lock() const { return "LOCK TABLES " + name_ + " WRITE"; }

std::string RetentionTable::DropSegments(std::span<const core::Offset> bounds) const {
  LANEMQ_CHECK(!bounds.empty());
  std::string text = "ALTER TABLE " + name_ + " DROP PARTITION ";
  for (const core::Offset bound : bounds) text += SegmentName(bound) + ",";
  text.pop_back();
  return text;
}

std::string RetentionTable::SplitTail(core::Offset bound) const {
  return fmt::format(
      "ALTER TABLE {} REORGANIZE PARTITION p_tail INTO (PARTITION {} VALUES LESS THAN ({}),"
      "PARTITION p_tail VALUES LESS THAN MAXVALUE)",
      name_, SegmentName(bound), bound.value);
}

std::string RetentionTable::DeleteRows(core::Offset low, core::Offset to, std::int64_t max) const {
  return fmt::format("DELETE FROM {} WHERE `offset`>={} AND `offset`<{} ORDER BY `offset` LIMIT {}",
                     name_, low.value, to.value, max);
}

std::string RetentionTable::FileOf(std::string_view segment) const {
  return fmt::format("{}/{}#p#{}", schema_, table_, segment);
}

std::string RetentionTable::SelectSizes(std::string_view prefix, ServerKind kind) {
  return fmt::format(
      "SELECT LOWER(CONVERT(name USING utf8mb4)),file_size FROM information_schema.{} WHERE name "
      "LIKE '{}%/msg%'",
      kind == ServerKind::kMariaDb ? "innodb_sys_tablespaces" : "innodb_tablespaces", prefix);
}

}  // namespace lanemq::sql
