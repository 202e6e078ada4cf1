#pragma once

#include <cstdint>
#include <lanemq_types.h>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/outbox/outbox_table.h"
#include "client/cli/output/table.h"

/// How lag and its verdicts look: pure, from what the metaserver on call answered.
namespace lanemq::cli {

/// `computed` (group_table.h's GroupLagTable()) with what is thought of each line: status, cause,
/// how far behind in time, and whose it is. Lines that `judged` does not have get empty cells. For
/// people the columns are fewer, so that they fit into 80 characters.
[[nodiscard]] Table LagTable(const Table& computed, const std::vector<idl::TopicLag>& judged,
                             Times times);
/// The same columns as GroupLagTable(), of the samples themselves.
[[nodiscard]] Table SampledLagTable(const std::vector<idl::TopicLag>& judged);
/// Everything `lanemq top` shows, for programs.
[[nodiscard]] Table TopTable(const std::vector<idl::TopicLag>& judged);

/// "Sampled 3.1 s ago by the metaserver on call; data node n2 does not answer, ...".
[[nodiscard]] std::string SampleNote(const idl::GroupLagResponse& reply);

/// What a screen can show.
struct Screen {
  int columns = 80;
  int rows = 24;  ///< 0: as many as there are.
  bool has_color = false;
};
/// One picture of `lanemq top`: totals, then the worst groups, those in trouble with their causes.
/// `title` comes first. Every line ends with a line end and fits, however long the names are.
[[nodiscard]] std::string TopScreen(const idl::GroupLagResponse& reply, const std::string& title,
                                    const Screen& screen);

/// Points of `lanemq group history`, for programs.
[[nodiscard]] Table HistoryTable(const idl::LagHistoryResponse& history);
/// Lines of blocks for lag, age and rates, then at most `rows` lines of figures.
[[nodiscard]] std::string HistoryText(const idl::LagHistoryResponse& history, std::int64_t from_us,
                                      std::int64_t until_us, const Screen& screen);

/// `text` in exactly `columns` characters: cut with an ellipsis, or filled up with spaces.
[[nodiscard]] std::string Fit(const std::string& text, int columns, bool is_right = false);
/// Without spaces at its end.
[[nodiscard]] std::string TrimRight(std::string text);
/// Columns that a terminal needs for it: its code points.
[[nodiscard]] std::size_t Characters(std::string_view text);
/// `text` in lines of at most `columns` characters, each after `indent` spaces.
[[nodiscard]] std::string Wrap(const std::string& text, int columns, int indent);

}  // namespace lanemq::cli
