#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "common/core/audit/audit_cursor.h"
#include "common/core/store/audit_log.h"
#include "common/core/types/audit.h"

namespace lanemq::core {

/// What an event takes in memory.
[[nodiscard]] std::size_t BytesOf(const AuditEvent& event);

/// One page of the logs of many sources, as one: newest first by time, of the same instant by
/// source, and of one source as it has them. Pure: it says what to ask whom, is told the answers,
/// and asks again while a source whose events may come next has none at hand.
///
/// Each event comes on exactly one page, however pages are cut: a source goes on where it was used
/// up to. One that failed stays where it was, and its events come on a later page.
///
///     AuditMerge merge(positions, sources, {});
///     for (auto asks = merge.Asks(); !asks.empty(); asks = merge.Asks()) { ... Add() or Fail() ...
///     } merge.Take();
///
/// Not thread-safe.
class AuditMerge {
 public:
  struct Bounds {
    std::size_t max = 100;  ///< Events; at least 1.
    std::size_t bytes_max = AuditSearch::kPageBytesMax;
  };
  struct Ask {
    NodeId source;
    std::optional<std::int64_t> before_id;  ///< Absent: from the newest on.
    std::size_t max = 1;
    bool operator==(const Ask&) const = default;
  };
  struct Event {
    NodeId source;
    AuditEvent event;
  };
  struct Page {
    std::vector<Event> events;
    AuditPositions next;
    bool has_more = false;       ///< Also when what is left is of sources that failed alone.
    std::vector<NodeId> failed;  ///< In order.
  };

  /// `from` may have sources that are not among `sources`: their positions are kept.
  AuditMerge(AuditPositions from, const std::vector<NodeId>& sources, Bounds bounds);

  /// Whom to ask before the page can go on; empty: it is full, or there is nothing more. Each has
  /// to be answered by Add() or Fail(), unless the page is to end here.
  [[nodiscard]] std::vector<Ask> Asks();
  /// What a source answered; `page` is newest first. Events whose ids no database gives are left
  /// out.
  void Add(NodeId source, AuditPage page);
  /// It is not asked again for this page, nor waited for.
  void Fail(NodeId source);
  /// The page as far as it got.
  [[nodiscard]] Page Take();
  [[nodiscard]] bool IsEmpty() const { return page_.events.empty(); }

 private:
  struct Source {
    std::deque<AuditEvent> ready;
    bool has_more = true;  ///< Beyond those that are ready.
    bool has_failed = false;
  };
  void Advance();
  [[nodiscard]] bool IsFull() const;
  /// The source whose event is next; nullopt: none has one.
  [[nodiscard]] std::optional<NodeId> Next() const;
  [[nodiscard]] bool MustWait() const;

  const Bounds bounds_;
  std::map<NodeId, Source> sources_;
  Page page_;  ///< `next`: how far each was used up.
  std::size_t bytes_ = 0;
};

}  // namespace lanemq::core
