#include "sql/store/audit_batch.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/core/audit/audit_merge.h"

namespace lanemq::sql {

bool AuditBatch::Add(core::AuditEvent event) {
  if (events_.size() >= rows_max_) return false;
  bytes_ += core::BytesOf(event);
  is_cut_ = bytes_ > bytes_max_ && !events_.empty();
  if (is_cut_) return false;
  last_id_ = event.id;
  events_.push_back(std::move(event));
  return events_.size() < rows_max_;
}

AuditBatch AuditBatch::Merge(AuditBatch a, AuditBatch b) {
  AuditBatch both(a.rows_max_, a.bytes_max_);
  std::vector<core::AuditEvent>& all = both.events_;
  const auto is_newer = [](const core::AuditEvent& x, const core::AuditEvent& y) {
    return x.id > y.id;
  };
  std::merge(std::make_move_iterator(a.events_.begin()), std::make_move_iterator(a.events_.end()),
             std::make_move_iterator(b.events_.begin()), std::make_move_iterator(b.events_.end()),
             std::back_inserter(all), is_newer);
  // Between what one has told and has not, the other's cannot be told either.
  for (const auto* cut : {&a, &b}) {
    if (!cut->is_cut_) continue;
    both.is_cut_ = true;
    std::erase_if(all, [&](const core::AuditEvent& event) { return event.id < cut->last_id_; });
  }
  const auto same = [](const core::AuditEvent& x, const core::AuditEvent& y) {
    return x.id == y.id;
  };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  if (all.size() > both.rows_max_) all.resize(both.rows_max_);
  return both;
}

}  // namespace lanemq::sql
