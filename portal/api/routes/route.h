#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lanemq::portal {

/// Which servers answer a route's call.
enum class Target {
  kMetaserver,  ///< Any of them.
  kBroker,      ///< Any live one.
  kOnCall,      ///< The metaserver that samples lag; others say who it is.
  kBestOnCall,  ///< That one, which knows most; another one when it is not known or not there.
};

/// How a list is told page by page.
enum class Paging {
  kNone,
  kHere,    ///< The call answers all of it: sorted, filtered and cut by the gateway.
  kCursor,  ///< By the call: `cursor` goes into a text field, and comes from "next_page".
  kOldest,  ///< By the call: `cursor` is the smallest id of the page before; has_more says on.
};

/// One operation of the HTTP API. A path has literals and `{a.b}`: a field of the request, to whose
/// last part alone the documentation refers; the last segment may end with ":word".
struct Route {
  std::string_view method;  ///< "GET", "POST", "PUT", "PATCH", "DELETE".
  std::string_view path;    ///< Behind /api/v1.
  std::string_view rpc;
  /// Where the body goes: "" there is none, "*" it is the request, else a field of the request.
  std::string_view body = "";
  int success = 200;
  Target target = Target::kMetaserver;
  /// The request's field that may name one server instead, HOST:PORT of any kind.
  std::string_view server = "";
  std::string_view fixed = "";  ///< JSON that is merged into the request.
  std::string_view into = "";   ///< A struct field whose fields the query may name directly.
  Paging paging = Paging::kNone;
  std::string_view list = "";    ///< The reply's field with the list, and
  std::string_view key = "";     ///< what its items are told apart by.
  std::string_view cursor = "";  ///< The request's field of the cursor; for kCursor and kOldest.
  std::string_view limit = "";   ///< Likewise of the page's size.
  std::string_view etag = "";  ///< The reply's field whose value is its version: "request.version".
  /// Repeating it does no harm, so any Idempotency-Key is kept by doing nothing.
  bool is_repeatable = true;
};

/// All of them. Order does not matter.
[[nodiscard]] std::span<const Route> Routes();

/// Methods of the IDL that HTTP does not have, each with why.
struct Unrouted {
  std::string_view method;
  std::string_view why;
};
[[nodiscard]] std::span<const Unrouted> UnroutedMethods();

/// Fields of requests that clients of HTTP do not set: what the gateway knows better, or what is
/// for other programs.
[[nodiscard]] bool IsHiddenField(std::string_view name);
/// Of these, those that hold who it is that asks.
[[nodiscard]] bool IsAuthorField(std::string_view name);

/// A path's route, and what stands in its places.
struct Match {
  const Route* route = nullptr;
  std::vector<std::pair<std::string_view, std::string>> places;  ///< Field, decoded value.
};

struct Found {
  std::optional<Match> match;
  std::vector<std::string_view> allowed;  ///< Methods of the path; empty: there is no such path.
};

/// Looks `path` (behind /api/v1, as it was sent) up. Segments are decoded after they are told
/// apart, so an encoded slash is a slash in a name. Empty segments, control characters, "." and
/// "..", and what is not UTF-8 match nothing. HEAD matches as GET.
[[nodiscard]] Found FindRoute(std::string_view method, std::string_view path);

/// Absent: a bad escape, or the result is not UTF-8.
[[nodiscard]] std::optional<std::string> PercentDecoded(std::string_view text,
                                                        bool is_plus_space = false);
/// Names and values of a query; absent: it does not decode, or has more than 100 parts.
[[nodiscard]] std::optional<std::vector<std::pair<std::string, std::string>>> ParseQuery(
    std::string_view query);

}  // namespace lanemq::portal
