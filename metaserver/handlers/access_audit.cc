// The audit logs, searched.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

constexpr std::string_view kOk = "ok";
constexpr std::string_view kDenied = "denied";
/// The source that is no data node.
constexpr std::string_view kMetadata = "metadata";

Error Invalid(std::string message) { return {ErrorCode::kInvalidRequest, std::move(message)}; }

Result<core::AuditSearch> FromWire(const idl::SearchAuditRequest& request) {
  core::AuditSearch search;
  search.actor = request.actor;
  search.object_kind = request.object_kind;
  search.object_name = request.object_name;
  search.action = request.action;
  if (request.__isset.from_us) search.from = WallTime{request.from_us};
  if (request.__isset.until_us) search.until = WallTime{request.until_us};
  if (request.__isset.result) {
    if (request.result != kOk && request.result != kDenied) {
      return Invalid(fmt::format("result is {} or {}", kOk, kDenied));
    }
    search.result = request.result == kOk ? core::AuditResult::kOk : core::AuditResult::kDenied;
  }
  if (request.__isset.max) {
    if (request.max < 1 || static_cast<std::size_t>(request.max) > core::AuditSearch::kPageMax) {
      return Invalid(fmt::format("max is 1 to {}", core::AuditSearch::kPageMax));
    }
    search.max = static_cast<std::size_t>(request.max);
  }
  return search;
}

idl::AuditEvent ToWire(const core::AuditEvent& event) {
  idl::AuditEvent wire;
  wire.id = event.id;
  wire.at_us = event.at.micros;
  wire.actor = event.note.actor;
  if (!event.note.on_behalf_of.empty()) wire.__set_on_behalf_of(event.note.on_behalf_of);
  wire.source = event.note.source;
  wire.request_id = event.note.request_id;
  wire.action = event.note.action;
  wire.object_kind = event.change.object_kind;
  wire.object_name = event.change.object_name;
  if (!event.change.before_json.empty()) wire.__set_before_json(event.change.before_json);
  if (!event.change.after_json.empty()) wire.__set_after_json(event.change.after_json);
  if (!event.note.reason.empty()) wire.__set_reason(event.note.reason);
  wire.result = event.result == core::AuditResult::kOk ? kOk : kDenied;
  return wire;
}

/// Which logs, and from where on in them.
Result<AuditReader::Query> QueryOf(const Services& services,
                                   const idl::SearchAuditRequest& request) {
  AuditReader::Query query;
  LANEMQ_ASSIGN_OR_RETURN(query.search, FromWire(request));
  if (request.__isset.before_id) {
    if (request.__isset.cursor) return Invalid("before_id and cursor: one of them, or none");
    if (request.__isset.source && request.source != kMetadata) {
      return Invalid("before_id is of source metadata alone; the others: cursor");
    }
    query.from[core::kMetadataSource] = request.before_id;
  }
  const std::uint32_t mark = core::AuditFilterMark(query.search, request.source);
  if (request.__isset.cursor) {
    LANEMQ_ASSIGN_OR_RETURN(query.from, core::FromAuditCursor(request.cursor, mark));
  }
  // One who goes by ids means those of one log.
  if (request.__isset.before_id || request.source == kMetadata) return query;
  query.is_of_metadata = request.source.empty();
  for (const core::DataNode& node : services.cache.Current()->nodes) {
    const bool is_wanted = query.is_of_metadata ? node.state != core::NodeState::kDisabled
                                                : node.name == request.source;
    if (is_wanted) query.nodes.push_back(node);
  }
  if (!query.is_of_metadata && query.nodes.empty()) {
    return Error{ErrorCode::kNotFound, fmt::format("there is no data node '{}'", request.source)};
  }
  return query;
}

}  // namespace

Result<idl::SearchAuditResponse> SearchAudit(Services& services,
                                             const idl::SearchAuditRequest& request) {
  LANEMQ_ASSIGN_OR_RETURN(const AuditReader::Query query, QueryOf(services, request));
  LANEMQ_ASSIGN_OR_RETURN(const core::AuditMerge::Page page, services.audits.Search(query));
  const auto name_of = [&](core::NodeId id) {
    return std::ranges::find(query.nodes, id, &core::DataNode::id)->name;
  };
  idl::SearchAuditResponse out;
  for (const core::AuditMerge::Event& one : page.events) {
    idl::AuditEvent& wire = out.events.emplace_back(ToWire(one.event));
    if (one.source != core::kMetadataSource) wire.__set_source_node(name_of(one.source));
  }
  out.has_more = page.has_more;
  if (page.has_more) {
    const std::uint32_t mark = core::AuditFilterMark(query.search, request.source);
    out.__set_next_page(core::ToAuditCursor(page.next, mark));
  }
  std::vector<std::string> unreachable;
  for (const core::NodeId id : page.failed) unreachable.push_back(name_of(id));
  if (!unreachable.empty()) out.__set_unreachable(std::move(unreachable));
  return out;
}

Result<idl::TopicHistoryResponse> TopicHistory(Services& services,
                                               const idl::TopicHistoryRequest& request) {
  if (request.name.empty()) return Invalid("the topic's name is missing");
  idl::SearchAuditRequest search;
  search.__set_object_kind("topic");
  search.__set_object_name(request.name);
  search.__set_result(std::string(kOk));
  if (request.__isset.max) search.__set_max(request.max);
  if (request.__isset.cursor) search.__set_cursor(request.cursor);
  LANEMQ_ASSIGN_OR_RETURN(idl::SearchAuditResponse found, SearchAudit(services, search));
  idl::TopicHistoryResponse out;
  out.events = std::move(found.events);
  for (idl::AuditEvent& event : out.events) event.source.clear();
  out.has_more = found.has_more;
  if (found.__isset.next_page) out.__set_next_page(found.next_page);
  if (found.__isset.unreachable) out.__set_unreachable(found.unreachable);
  return out;
}

}  // namespace lanemq::metaserver
