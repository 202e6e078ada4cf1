#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/cli/output/table.h"
#include "client/cli/terminal/output.h"
#include "client/cli/text/message_format.h"
#include "lanemq/record.h"

namespace lanemq::cli {

/// The record's fields; lives as long as the record.
[[nodiscard]] MessageView ViewOf(const ConsumedRecord& record);

/// Prints messages one after the other: with a format, as JSON lines, or as one JSON document.
/// Not thread-safe; one owner.
class RecordPrinter {
 public:
  /// `output` is kTable (uses `format`), kJson or kJsonLines.
  RecordPrinter(Output& out, OutputFormat output, MessageFormat format);
  void Print(const ConsumedRecord& record);
  /// Closes the JSON document.
  void Finish();

 private:
  Output& out_;
  const OutputFormat output_;
  const MessageFormat format_;
  std::int64_t count_ = 0;
  std::string scratch_;
};

}  // namespace lanemq::cli
