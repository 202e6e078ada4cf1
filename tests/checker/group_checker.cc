#include "tests/checker/group_checker.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include <fmt/format.h>

namespace lanemq::checker {
namespace {

constexpr std::array kNames = {
#define LANEMQ_X(enumerator, name, meaning) std::string_view(name),
    LANEMQ_GROUP_RULES(LANEMQ_X)
#undef LANEMQ_X
};
constexpr std::size_t kShownMax = 5;
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

/// From a partition being given to a member until it was taken away, or the process ended.
struct Span {
  std::size_t member = 0;
  std::int64_t begin = 0;
  std::int64_t end = kNever;
  std::vector<std::pair<std::int64_t, std::int64_t>> reads;  ///< Time and offset.
};

struct Commit {
  std::size_t member = 0;
  std::int64_t begin = 0;
  std::int64_t end = kNever;
  std::int64_t offset = 0;
  bool is_acked = false;
};

struct PartitionFacts {
  std::vector<Span> spans;  ///< By beginning.
  std::vector<Commit> commits;
  std::map<std::int64_t, std::int64_t> times_read;
};

class GroupCheck {
 public:
  GroupCheck(const std::vector<GroupMemberLog>& members, const GroupCheckOptions& options)
      : members_(members), options_(options) {}

  GroupReport Run() {
    for (std::size_t i = 0; i < members_.size(); ++i) Index(i);
    for (auto& [id, facts] : partitions_) {
      std::sort(facts.spans.begin(), facts.spans.end(),
                [](const Span& a, const Span& b) { return a.begin < b.begin; });
      CheckReads(id, facts);
      CheckResumes(id, facts);
      CheckCommits(id, facts);
    }
    CheckUnread();
    return std::move(report_);
  }

 private:
  template <typename... Args>
  void Add(GroupRule rule, fmt::format_string<Args...> text, Args&&... args) {
    auto& shown = report_.broken[rule];
    if (shown.size() < kShownMax) shown.push_back(fmt::format(text, std::forward<Args>(args)...));
  }
  [[nodiscard]] const std::string& NameOf(std::size_t member) const {
    return members_[member].name;
  }

  void Index(std::size_t member) {
    std::map<std::int32_t, Span> open;
    std::map<std::int32_t, Commit> pending;
    const auto close = [&](std::int32_t partition, std::int64_t at) {
      const auto span = open.find(partition);
      if (span == open.end()) return;
      span->second.end = at;
      partitions_[partition].spans.push_back(std::move(span->second));
      open.erase(span);
    };
    for (const GroupEvent& event : members_[member].events) {
      IndexEvent(member, event, open, pending, close);
    }
    while (!open.empty()) close(open.begin()->first, kNever);
    for (const auto& [partition, commit] : pending)
      partitions_[partition].commits.push_back(commit);
  }

  template <typename Close>
  void IndexEvent(std::size_t member, const GroupEvent& event, std::map<std::int32_t, Span>& open,
                  std::map<std::int32_t, Commit>& pending, const Close& close) {
    PartitionFacts& facts = partitions_[event.partition];
    switch (event.kind) {
      case GroupEventKind::kAssigned:
        close(event.partition, event.at_ns);
        open[event.partition] = {member, event.at_ns, kNever, {}};
        ++report_.assignments;
        break;
      case GroupEventKind::kRevoked:
      case GroupEventKind::kLost:
        close(event.partition, event.at_ns);
        ++(event.kind == GroupEventKind::kLost ? report_.losses : report_.revocations);
        break;
      case GroupEventKind::kRead: {
        ++report_.reads;
        if (facts.times_read[event.offset]++ > 0) ++report_.repeats;
        const auto span = open.find(event.partition);
        if (span == open.end()) {
          Add(GroupRule::kUntracked, "{} read {} of partition {}", NameOf(member), event.offset,
              event.partition);
        } else {
          span->second.reads.emplace_back(event.at_ns, event.offset);
        }
        break;
      }
      case GroupEventKind::kCommitBegin:
        pending[event.partition] = {member, event.at_ns, kNever, event.offset, false};
        break;
      case GroupEventKind::kCommitOk:
      case GroupEventKind::kCommitFailed: {
        const bool is_ok = event.kind == GroupEventKind::kCommitOk;
        ++(is_ok ? report_.commits : report_.refused);
        const auto commit = pending.find(event.partition);
        if (commit == pending.end()) break;
        commit->second.is_acked = is_ok;
        commit->second.end = event.at_ns;
        facts.commits.push_back(commit->second);
        pending.erase(commit);
        break;
      }
      default:
        break;
    }
  }

  void CheckReads(std::int32_t partition, const PartitionFacts& facts) {
    for (const Span& span : facts.spans) {
      for (std::size_t i = 1; i < span.reads.size(); ++i) {
        if (span.reads[i].second == span.reads[i - 1].second + 1) continue;
        Add(GroupRule::kJumped, "{}, partition {}: {} after {}", NameOf(span.member), partition,
            span.reads[i].second, span.reads[i - 1].second);
      }
    }
    if (!options_.is_orderly) return;
    for (const auto& [offset, times] : facts.times_read) {
      if (times == 1) continue;
      Add(GroupRule::kNeedlessRepeat, "partition {}: {} was read {} times", partition, offset,
          times);
    }
  }

  // The first record of an assignment is where some commit pointed that was in force, or under way,
  // at some moment between the assignment and the read; without any commit, the first record.
  void CheckResumes(std::int32_t partition, const PartitionFacts& facts) {
    for (const Span& span : facts.spans) {
      if (span.reads.empty()) continue;
      const auto [read_at, offset] = span.reads.front();
      std::int64_t acked = 1;
      std::int64_t possible = 1;
      bool is_commit = offset == 1;
      for (const Commit& commit : facts.commits) {
        // The claim that found it came before the assignment was told.
        if (commit.begin > read_at) continue;
        possible = std::max(possible, commit.offset);
        is_commit = is_commit || commit.offset == offset;
        if (commit.is_acked && commit.end < ClaimBegin(facts, span)) {
          acked = std::max(acked, commit.offset);
        }
      }
      const auto& name = NameOf(span.member);
      if (offset > possible) {
        Add(GroupRule::kResumedAhead, "{}, partition {}: began at {}, committed at most {}", name,
            partition, offset, possible);
      } else if (offset < acked) {
        Add(GroupRule::kResumedBehind, "{}, partition {}: began at {}, {} was acknowledged", name,
            partition, offset, acked);
      } else if (!is_commit) {
        Add(GroupRule::kResumedBetween, "{}, partition {}: began at {}", name, partition, offset);
      }
    }
  }

  // A member is told of an assignment after it has claimed. When it claimed is not in its log, but
  // no earlier than the owner before it was told, or the process that reads now began.
  static std::int64_t ClaimBegin(const PartitionFacts& facts, const Span& span) {
    std::int64_t begin = 0;
    for (const Span& other : facts.spans) {
      if (other.begin < span.begin) begin = std::max(begin, other.begin);
    }
    return begin;
  }

  void CheckCommits(std::int32_t partition, const PartitionFacts& facts) {
    for (const Commit& commit : facts.commits) {
      if (!commit.is_acked) continue;
      for (const Span& span : facts.spans) {
        if (span.member == commit.member || span.begin > commit.begin) continue;
        const bool is_again =
            std::any_of(facts.spans.begin(), facts.spans.end(), [&](const Span& own) {
              return own.member == commit.member && own.begin > span.begin &&
                     own.begin <= commit.begin;
            });
        if (is_again) continue;
        Add(GroupRule::kZombieCommit, "{} committed {} of partition {}, owned by {} by then",
            NameOf(commit.member), commit.offset, partition, NameOf(span.member));
      }
      for (const Commit& other : facts.commits) {
        if (!other.is_acked || other.end >= commit.begin || other.offset <= commit.offset) continue;
        Add(GroupRule::kCommitBack, "{} committed {} of partition {} after {} had committed {}",
            NameOf(commit.member), commit.offset, partition, NameOf(other.member), other.offset);
      }
    }
  }

  void CheckUnread() {
    for (const auto& [partition, end] : options_.ends) {
      const auto& read = partitions_[partition].times_read;
      for (std::int64_t offset = 1; offset < end; ++offset) {
        if (!read.contains(offset)) {
          Add(GroupRule::kUnread, "partition {}: {} of {}", partition, offset, end - 1);
        }
      }
    }
  }

  const std::vector<GroupMemberLog>& members_;
  const GroupCheckOptions& options_;
  std::map<std::int32_t, PartitionFacts> partitions_;
  GroupReport report_;
};

}  // namespace

std::string_view NameOf(GroupRule rule) { return kNames[static_cast<std::size_t>(rule)]; }

std::string GroupReport::ToString() const {
  std::string text = fmt::format(
      "{} reads ({} repeated), {} commits acknowledged, {} refused, {} assignments, {} revocations,"
      " {} losses\n",
      reads, repeats, commits, refused, assignments, revocations, losses);
  for (const auto& [rule, examples] : broken) {
    text += fmt::format("BROKEN {}:\n", NameOf(rule));
    for (const std::string& example : examples) text += "  " + example + "\n";
  }
  return text;
}

GroupReport CheckGroup(const std::vector<GroupMemberLog>& members,
                       const GroupCheckOptions& options) {
  return GroupCheck(members, options).Run();
}

}  // namespace lanemq::checker
