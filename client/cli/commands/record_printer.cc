#include "client/cli/commands/record_printer.h"

#include "client/cli/output/json_text.h"

namespace lanemq::cli {

MessageView ViewOf(const ConsumedRecord& record) {
  MessageView view{.topic = record.topic(),
                   .partition = record.partition(),
                   .offset = record.offset,
                   .timestamp = WallTime{record.timestamp_us},
                   .key = record.key,
                   .body = record.body,
                   .headers = {}};
  for (const RecordHeader& header : record.headers)
    view.headers.emplace_back(header.name, header.value);
  return view;
}

RecordPrinter::RecordPrinter(Output& out, OutputFormat output, MessageFormat format)
    : out_(out), output_(output), format_(std::move(format)) {}

void RecordPrinter::Print(const ConsumedRecord& record) {
  const MessageView view = ViewOf(record);
  scratch_.clear();
  if (output_ == OutputFormat::kTable) {
    format_.AppendTo(scratch_, view);
  } else if (output_ == OutputFormat::kJsonLines) {
    scratch_ = JsonMessage(view) + "\n";
  } else {
    scratch_ = (count_ == 0 ? "{\"items\":[\n  " : ",\n  ") + JsonMessage(view);
  }
  ++count_;
  out_.Data(scratch_);
}

void RecordPrinter::Finish() {
  if (output_ != OutputFormat::kJson) return;
  out_.Data(count_ == 0 ? "{\"items\":[]}\n" : "\n]}\n");
}

}  // namespace lanemq::cli
