#include <algorithm>

#include "common/base/utf8.h"
#include "portal/api/routes/route.h"

namespace lanemq::portal {
namespace {

constexpr std::size_t kPathBytesMax = 4096;
constexpr std::size_t kSegmentsMax = 16;
constexpr std::size_t kQueryPartsMax = 100;

using Segments = std::vector<std::string_view>;

// Absent: it does not begin with a slash, has an empty segment, or is too long.
std::optional<Segments> Split(std::string_view path) {
  if (path.size() > kPathBytesMax || !path.starts_with('/')) return std::nullopt;
  Segments segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end == 0 || segments.size() == kSegmentsMax) return std::nullopt;
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsName(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; };
  return text != "." && text != ".." && std::ranges::none_of(text, is_control);
}

// Whether a segment fits a part of a route's path; a place's value is appended.
bool Fits(std::string_view pattern, std::string_view segment, Match& match) {
  const std::size_t open = pattern.find('{');
  if (open == std::string_view::npos) return pattern == segment;
  const std::size_t close = pattern.find('}');
  const std::string_view suffix = pattern.substr(close + 1);
  if (segment.size() <= suffix.size() || !segment.ends_with(suffix)) return false;
  auto value = PercentDecoded(segment.substr(0, segment.size() - suffix.size()));
  if (!value || value->empty() || !IsName(*value)) return false;
  match.places.emplace_back(pattern.substr(1, close - 1), *std::move(value));
  return true;
}

// How much of a route's path is said literally: of two routes that fit, the plainer one is meant.
std::size_t Plainness(std::string_view path) {
  std::size_t letters = 0;
  bool is_place = false;
  for (const char c : path) {
    if (c == '{') is_place = true;
    if (!is_place) ++letters;
    if (c == '}') is_place = false;
  }
  return letters;
}

}  // namespace

std::optional<std::string> PercentDecoded(std::string_view text, bool is_plus_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && is_plus_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = HexDigit(text[i + 1]);
      const int low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (!IsUtf8(out)) return std::nullopt;
  return out;
}

std::optional<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parts;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    if (part.empty()) continue;
    if (parts.size() == kQueryPartsMax) return std::nullopt;
    const std::size_t equals = std::min(part.find('='), part.size());
    auto name = PercentDecoded(part.substr(0, equals), true);
    auto value = PercentDecoded(part.substr(std::min(equals + 1, part.size())), true);
    if (!name || !value) return std::nullopt;
    parts.emplace_back(*std::move(name), *std::move(value));
  }
  return parts;
}

Found FindRoute(std::string_view method, std::string_view path) {
  Found found;
  const auto segments = Split(path);
  if (!segments) return found;
  if (method == "HEAD") method = "GET";
  std::size_t plainest = 0;
  for (const Route& route : Routes()) {
    const auto pattern = Split(route.path);
    if (!pattern || pattern->size() != segments->size()) continue;
    Match match{.route = &route};
    bool fits = true;
    for (std::size_t i = 0; fits && i < segments->size(); ++i) {
      fits = Fits((*pattern)[i], (*segments)[i], match);
    }
    const std::size_t plainness = Plainness(route.path);
    if (!fits || plainness < plainest) continue;
    if (plainness > plainest) found = {};
    plainest = plainness;
    found.allowed.push_back(route.method);
    if (route.method == method) found.match = std::move(match);
  }
  return found;
}

}  // namespace lanemq::portal
