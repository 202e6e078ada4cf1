#include "sql/store/audit_rows.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "common/base/utf8.h"
#include "common/core/retry/error_text.h"
#include "sql/statements/statements.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::CutErrorText;

constexpr std::size_t kPrincipalBytesMax = 128;
constexpr std::size_t kSourceBytesMax = 128;
constexpr std::size_t kRequestBytesMax = 64;
constexpr std::size_t kActionBytesMax = 64;
constexpr std::size_t kKindBytesMax = 32;
constexpr std::size_t kNameBytesMax = 600;
/// The largest team has about 70 KB.
constexpr std::size_t kDocumentBytesMax = 256 * 1'024;

/// Columns of search_audit.
enum Column : unsigned {
  kId,
  kAt,
  kActor,
  kOnBehalfOf,
  kSource,
  kRequestId,
  kAction,
  kObjectKind,
  kObjectName,
  kBefore,
  kAfter,
  kReason,
  kResult,
};

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = Utf8CharacterBytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

/// A document as it is stored. The change itself must not fail because of what is told of it.
class Document {
 public:
  explicit Document(std::string_view json) : json_(json) {
    if (json.size() > kDocumentBytesMax) {
      Replace(fmt::format(R"({{"left_out":"it has {} bytes"}})", json.size()));
    } else if (!IsUtf8(json)) {
      Replace(R"({"left_out":"it is not UTF-8"})");
    }
  }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  [[nodiscard]] Param get() const { return json_.empty() ? Param{SqlNull{}} : Param{json_}; }

 private:
  void Replace(std::string instead) {
    instead_ = std::move(instead);
    json_ = instead_;
  }

  std::string instead_;
  std::string_view json_;
};

}  // namespace

Status AppendAudit(Connection& connection, const core::AuditNote& note,
                   const core::AuditedChange& change, core::AuditResult result, Param now) {
  const Document before(change.before_json);
  const Document after(change.after_json);
  return ToStatus(connection.Update(
      statements::kInsertAuditEvent,
      {now, CutErrorText(note.actor, kPrincipalBytesMax),
       CutErrorText(note.on_behalf_of, kPrincipalBytesMax),
       CutErrorText(note.source, kSourceBytesMax), CutErrorText(note.request_id, kRequestBytesMax),
       CutErrorText(note.action, kActionBytesMax), CutErrorText(change.object_kind, kKindBytesMax),
       CutErrorText(change.object_name, kNameBytesMax), before.get(), after.get(),
       CutErrorText(note.reason, core::AuditNote::kReasonBytesMax),
       static_cast<std::int64_t>(result)}));
}

core::AuditEvent AuditEventFromRow(const Row& row) {
  core::AuditEvent event;
  event.id = row.Int64(kId);
  event.at = WallTime{row.Int64(kAt)};
  event.note.actor = row.String(kActor);
  event.note.on_behalf_of = row.String(kOnBehalfOf);
  event.note.source = row.String(kSource);
  event.note.request_id = row.String(kRequestId);
  event.note.action = row.String(kAction);
  event.note.reason = row.String(kReason);
  event.change.object_kind = row.String(kObjectKind);
  event.change.object_name = row.String(kObjectName);
  event.change.before_json = row.String(kBefore);
  event.change.after_json = row.String(kAfter);
  event.result = row.Int64(kResult) == static_cast<std::int64_t>(core::AuditResult::kDenied)
                     ? core::AuditResult::kDenied
                     : core::AuditResult::kOk;
  return event;
}

}  // namespace lanemq::sql
