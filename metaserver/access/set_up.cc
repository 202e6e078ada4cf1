#include "metaserver/access/set_up.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

#include "common/base/log.h"
#include "metaserver/access/new_token.h"

namespace lanemq::metaserver {
namespace {

core::AuditNote SetUpNote() {
  core::AuditNote note;
  note.actor = "metaserver";
  note.action = "setUp";
  note.reason = "there was no admin";
  return note;
}

Error Failed(const char* what, const std::string& path) {
  return {ErrorCode::kInvalidConfig, "--setup-token-file: cannot " + std::string(what) + " " +
                                         path + ": " + std::strerror(errno)};
}

/// False: errno says why.
bool WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// The file is there as a whole or not at all, and only its owner can read it.
Status WriteSecret(const std::string& path, const std::string& text) {
  const std::string half = path + ".half";
  // A file that somebody else put there is not written to: he could read it.
  if (::unlink(half.c_str()) != 0 && errno != ENOENT) return Failed("remove", half);
  const int file = ::open(half.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return Failed("create", half);
  const bool is_written = WriteAll(file, text) && ::fsync(file) == 0;
  const Status written = is_written ? Status{} : Status{Failed("write", half)};
  ::close(file);
  LANEMQ_RETURN_IF_ERROR(written);
  if (std::rename(half.c_str(), path.c_str()) != 0) return Failed("create", path);
  return {};
}

}  // namespace

bool NeedsSetUp(const core::AccessRecords& records) {
  const bool has_admin = std::ranges::any_of(records.services, [](const core::Service& service) {
    return service.kind == core::ServiceKind::kAdmin && service.name != kSetUpService;
  });
  const bool has_person = std::ranges::any_of(records.people, [](const core::Person& person) {
    return person.role == core::PersonRole::kAdmin && !person.is_disabled;
  });
  const bool has_token = std::ranges::any_of(
      records.tokens, [](const core::Token& token) { return token.service == kSetUpService; });
  return !has_admin && !has_person && !has_token;
}

Status SetUp(core::AccessStore& store, const std::string& path, Deadline deadline) {
  const core::AuditNote note = SetUpNote();
  core::Service service;
  service.name = kSetUpService;
  service.kind = core::ServiceKind::kAdmin;
  service.description = "Made at the first start, for whoever sets the cluster up.";
  NewToken made = MakeNewToken();
  made.token.service = kSetUpService;
  made.token.created_by = note.actor;
  made.token.note = "first start";
  LANEMQ_RETURN_IF_ERROR(WriteSecret(path, made.text + "\n"));
  LANEMQ_RETURN_IF_ERROR(store.PutService(service, note, deadline));
  LANEMQ_ASSIGN_OR_RETURN(const core::Token added, store.AddToken(made.token, note, deadline));
  LANEMQ_LOG(WARN, "access.set_up", {"service", service.name}, {"token_id", added.id},
             {"token_file", path});
  return {};
}

}  // namespace lanemq::metaserver
