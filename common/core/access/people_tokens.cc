#include "common/core/access/people_tokens.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace lanemq::core {
namespace {

bool IsOfPerson(const Token& token) { return !token.person.empty(); }

bool IsBefore(const Token& a, const Token& b) { return a.id < b.id; }

}  // namespace

PeopleTokens PeopleTokensOf(const AccessRecords& records) {
  PeopleTokens people{records.version, records.rights_version, records.cluster_id, {}};
  std::copy_if(records.tokens.begin(), records.tokens.end(), std::back_inserter(people.tokens),
               IsOfPerson);
  return people;
}

AccessRecords WithPeopleTokens(AccessRecords records, PeopleTokens people) {
  records.version = people.version;
  std::erase_if(records.tokens, IsOfPerson);
  records.tokens.insert(records.tokens.end(), std::make_move_iterator(people.tokens.begin()),
                        std::make_move_iterator(people.tokens.end()));
  std::sort(records.tokens.begin(), records.tokens.end(), IsBefore);
  return records;
}

bool LosesToken(const AccessRecords& records, const PeopleTokens& people) {
  return std::any_of(records.tokens.begin(), records.tokens.end(), [&](const Token& token) {
    return IsOfPerson(token) &&
           !std::binary_search(people.tokens.begin(), people.tokens.end(), token, IsBefore);
  });
}

}  // namespace lanemq::core
