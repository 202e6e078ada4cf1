#include "portal/api/assets/pages.h"

#include <algorithm>
#include <string>

namespace lanemq::portal {
namespace {

constexpr std::string_view kIndex = "/index.html";
// Files under it have their hash in their name; what is not there was of another version.
constexpr std::string_view kHashed = "/assets/";

// Scripts, styles, pictures and calls of this host alone, nothing inline, and no frame round it.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// The part before `mark`, which with it is taken off `rest`.
std::string_view TakeUntil(std::string_view& rest, char mark) {
  const std::string_view part = rest.substr(0, rest.find(mark));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return Trimmed(part);
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// "0", "0.", "0.000": what is named is refused.
bool IsZero(std::string_view weight) {
  return weight.starts_with('0') && weight.find_first_not_of("0.") == std::string_view::npos;
}

bool IsKnown(std::string_view if_none_match, std::string_view tag) {
  while (!if_none_match.empty()) {
    std::string_view one = TakeUntil(if_none_match, ',');
    if (one.starts_with("W/")) one.remove_prefix(2);  // A proxy that compressed it again.
    if (one == tag || one == "*") return true;
  }
  return false;
}

}  // namespace

bool AcceptsCoding(std::string_view header, std::string_view coding) {
  bool accepts_any = false;
  while (!header.empty()) {
    std::string_view rest = TakeUntil(header, ',');
    const std::string_view name = TakeUntil(rest, ';');
    bool is_refused = false;
    while (!rest.empty()) {
      std::string_view parameter = TakeUntil(rest, ';');
      const std::string_view key = TakeUntil(parameter, '=');
      if (EqualsIgnoringCase(key, "q")) is_refused = IsZero(Trimmed(parameter));
    }
    if (EqualsIgnoringCase(name, coding)) return !is_refused;
    if (name == "*") accepts_any = !is_refused;
  }
  return accepts_any;
}

Pages::Pages(AssetPack pack) : pack_(pack), index_(Find(kIndex)) {}

const Asset* Pages::Find(std::string_view path) const {
  const auto found = std::ranges::lower_bound(pack_.assets, path, {}, &Asset::path);
  return found != pack_.assets.end() && found->path == path ? &*found : nullptr;
}

HttpReply Pages::Serve(const HttpRequest& request, std::string_view path) const {
  const Asset* asset = Find(path);
  // Names of topics have dots, too: only what cannot be a page is not there.
  const bool is_file = path.starts_with(kHashed) || path.starts_with("/.");
  if (asset == nullptr && !is_file) asset = index_;
  if (asset == nullptr) return {.status = 404};

  const std::string_view accepted = request.Header("accept-encoding");
  AssetSlice slice = asset->identity;
  std::string_view coding;
  if (asset->brotli.size > 0 && AcceptsCoding(accepted, "br")) {
    slice = asset->brotli;
    coding = "br";
  } else if (asset->gzip.size > 0 && AcceptsCoding(accepted, "gzip")) {
    slice = asset->gzip;
    coding = "gzip";
  }
  std::string tag = "\"" + std::string(asset->hash);
  if (!coding.empty()) tag += "-" + std::string(coding);
  tag += "\"";

  HttpReply reply;
  const auto set = [&](const char* name, std::string_view value) {
    reply.headers.emplace_back(name, value);
  };
  set("ETag", tag);
  set("Vary", "Accept-Encoding");
  set("Cache-Control",
      asset->path.starts_with(kHashed) ? "public, max-age=31536000, immutable" : "no-cache");
  set("Content-Security-Policy", kPolicy);
  set("Cross-Origin-Opener-Policy", "same-origin");
  if (IsKnown(request.Header("if-none-match"), tag)) {
    reply.status = 304;
    return reply;
  }
  set("Content-Type", asset->type);
  if (!coding.empty()) set("Content-Encoding", coding);
  reply.body = std::string(pack_.BytesOf(slice));
  return reply;
}

}  // namespace lanemq::portal
