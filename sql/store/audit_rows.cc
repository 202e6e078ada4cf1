#include "sql/store/audit_rows.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "common/base/utf8.h"
#include "common/core/retry/error_text.h"
#include "sql/statements/statements.h"
#include "sql/store/in_parts.h"
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

/// What goes into a column of `bytes_max`: who reads it need not ask whether it is text.
class Text {
 public:
  Text(std::string_view text, std::size_t bytes_max) : text_(CutErrorText(text, bytes_max)) {
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t bytes = Utf8CharacterBytes(std::string_view(text_).substr(at));
      if (bytes == 0) text_[at] = '?';
      at += bytes == 0 ? 1 : bytes;
    }
  }

  [[nodiscard]] Param get() const { return std::string_view(text_); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// What stands for a document that is too long.
std::string LeftOut(std::size_t bytes) {
  return fmt::format(R"({{"left_out":"it has {} bytes"}})", bytes);
}

/// A document as it is stored. The change itself must not fail because of what is told of it.
class Document {
 public:
  explicit Document(std::string_view json) : json_(json) {
    if (json.size() > kDocumentBytesMax) {
      Replace(LeftOut(json.size()));
    } else if (!IsUtf8(json)) {
      Replace(R"({"left_out":"it is not UTF-8"})");
    }
  }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  [[nodiscard]] Param get() const { return json_.empty() ? Param{SqlNull{}} : Param{json_}; }
  [[nodiscard]] std::string_view text() const { return json_; }

 private:
  void Replace(std::string instead) {
    instead_ = std::move(instead);
    json_ = instead_;
  }

  std::string instead_;
  std::string_view json_;
};

/// As it was stored, whatever the server says.
std::string DocumentOf(const Row& row, Column column) {
  std::string json = row.String(column);
  return json.size() > kDocumentBytesMax ? LeftOut(json.size()) : std::move(json);
}

}  // namespace

Status AppendAudit(Connection& connection, const core::AuditNote& note,
                   const core::AuditedChange& change, core::AuditResult result, Param now) {
  const Document before(change.before_json);
  const Document after(change.after_json);
  const Text actor(note.actor, kPrincipalBytesMax);
  const Text on_behalf_of(note.on_behalf_of, kPrincipalBytesMax);
  const Text source(note.source, kSourceBytesMax);
  const Text request_id(note.request_id, kRequestBytesMax);
  const Text action(note.action, kActionBytesMax);
  const Text object_kind(change.object_kind, kKindBytesMax);
  const Text object_name(change.object_name, kNameBytesMax);
  const Text reason(note.reason, core::AuditNote::kReasonBytesMax);
  LANEMQ_RETURN_IF_ERROR(ToStatus(
      connection.Update(statements::kInsertAuditEvent,
                        {now, actor.get(), on_behalf_of.get(), source.get(), request_id.get(),
                         action.get(), object_kind.get(), object_name.get(), before.get(),
                         after.get(), reason.get(), static_cast<std::int64_t>(result)})));
  for (const core::AuditObject& object : change.also) {
    const Text kind(object.kind, kKindBytesMax);
    const Text name(object.name, kNameBytesMax);
    LANEMQ_RETURN_IF_ERROR(
        ToStatus(connection.Update(statements::kInsertAuditObject, {kind.get(), name.get()})));
  }
  return {};
}

Status AppendAudits(Connection& connection, const core::AuditNote& note,
                    std::span<const core::AuditedChange> changes, Param now) {
  nlohmann::json events = nlohmann::json::array();
  nlohmann::json objects = nlohmann::json::array();
  for (const core::AuditedChange& change : changes) {
    const Text kind(change.object_kind, kKindBytesMax);
    const Text name(change.object_name, kNameBytesMax);
    events.push_back({kind.text(), name.text(), Document(change.before_json).text(),
                      Document(change.after_json).text()});
    for (const core::AuditObject& object : change.also) {
      objects.push_back({kind.text(), name.text(), Text(object.kind, kKindBytesMax).text(),
                         Text(object.name, kNameBytesMax).text()});
    }
  }
  const Text actor(note.actor, kPrincipalBytesMax);
  const Text on_behalf_of(note.on_behalf_of, kPrincipalBytesMax);
  const Text source(note.source, kSourceBytesMax);
  const Text request_id(note.request_id, kRequestBytesMax);
  const Text action(note.action, kActionBytesMax);
  const Text reason(note.reason, core::AuditNote::kReasonBytesMax);
  const std::string events_text = RowsText(events);
  LANEMQ_RETURN_IF_ERROR(ToStatus(
      connection.Update(statements::kInsertAuditEvents,
                        {now, actor.get(), on_behalf_of.get(), source.get(), request_id.get(),
                         action.get(), reason.get(), std::string_view(events_text)})));
  if (objects.empty()) return {};
  const std::string objects_text = RowsText(objects);
  return ToStatus(
      connection.Update(statements::kInsertAuditObjects, {std::string_view(objects_text)}));
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
  event.change.before_json = DocumentOf(row, kBefore);
  event.change.after_json = DocumentOf(row, kAfter);
  event.result = row.Int64(kResult) == static_cast<std::int64_t>(core::AuditResult::kDenied)
                     ? core::AuditResult::kDenied
                     : core::AuditResult::kOk;
  return event;
}

}  // namespace lanemq::sql
