#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"

namespace lanemq::cli {

/// A message to print; the views live as long as the message.
struct MessageView {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  WallTime timestamp;
  std::optional<std::string_view> key;   ///< nullopt: no key.
  std::optional<std::string_view> body;  ///< nullopt: no body.
  std::vector<std::pair<std::string_view, std::string_view>> headers;
};

/// A compiled format such as "%p %o %k %v\n", in kcat's letters:
/// %t topic, %p partition, %o offset, %k key, %v (or %s) body, %h headers "a=1,b=2", %T timestamp
/// (RFC 3339), %K %S bytes of key and body (-1: absent), %% a percent sign. Escapes: \n \r \t \0
/// \\ \xHH.
class MessageFormat {
 public:
  /// kInvalidRequest, naming the letter and all letters there are.
  [[nodiscard]] static Result<MessageFormat> Parse(std::string_view text);
  void AppendTo(std::string& out, const MessageView& message) const;

 private:
  struct Part {
    char field = 0;  ///< 0: `literal`.
    std::string literal;
  };
  void AddLiteral(char c);

  std::vector<Part> parts_;
};

/// Undoes \n \r \t \0 \\ \xHH. kInvalidRequest for other escapes.
[[nodiscard]] Result<std::string> Unescape(std::string_view text);

}  // namespace lanemq::cli
