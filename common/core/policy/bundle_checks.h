#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/core/policy/bundle_world.h"
#include "common/core/policy/decision.h"

namespace lanemq::core {

/// What checks need to know.
struct CheckContext {
  const BundleWorld& world;
  const Policy& policy;
  const Bundle& bundle;
  const Author& author;
  WallTime now;
};

/// Collects what is wrong with one change, or with the bundle.
class ViolationSink {
 public:
  ViolationSink(std::optional<std::size_t> change, std::string subject,
                std::vector<Violation>& violations)
      : change_(change), subject_(std::move(subject)), violations_(violations) {}

  void Add(std::string field, std::string limit, std::string got,
           std::optional<std::string> fix = {}, std::string why = {}) {
    violations_.push_back({change_, subject_, std::move(field), std::move(limit), std::move(got),
                           std::move(why), std::move(fix)});
  }

 private:
  std::optional<std::size_t> change_;
  std::string subject_;
  std::vector<Violation>& violations_;
};

/// Names for what is made under a name that is not allowed or taken, by kind and name: allowed,
/// free, and no two the same, whatever the bundle's order.
using NameFixes = std::map<std::pair<ResourceKind, std::string>, std::string>;
[[nodiscard]] NameFixes FindNameFixes(const CheckContext& context);

/// The owner, or the one that the author must mean; empty: nobody.
[[nodiscard]] std::string LikelyOwner(const CheckContext& context, const std::string& owner);

// Of one change each.
void CheckCreateTopic(const CheckContext& context, const CreateTopicChange& change,
                      const NameFixes& fixes, ViolationSink& sink);
void CheckAlterTopic(const CheckContext& context, const AlterTopicChange& change,
                     ViolationSink& sink);
void CheckAddPartitions(const CheckContext& context, const AddPartitionsChange& change,
                        ViolationSink& sink);
void CheckDeleteTopic(const CheckContext& context, const DeleteTopicChange& change,
                      ViolationSink& sink);
void CheckPutGroup(const CheckContext& context, const PutGroupChange& change,
                   const NameFixes& fixes, ViolationSink& sink);

/// Everything that is wrong with the bundle: of the whole first, then by change and field.
[[nodiscard]] std::vector<Violation> FindViolations(const CheckContext& context);

}  // namespace lanemq::core
