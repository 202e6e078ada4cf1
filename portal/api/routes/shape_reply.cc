#include "portal/api/routes/shape_reply.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/base/secure.h"
#include "portal/api/transcode/base64.h"

namespace lanemq::portal {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kETagBytes = 16;

// The member at "a.b"; null: there is none.
const Json* MemberAt(const Json& object, std::string_view path) {
  const Json* at = &object;
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(name.size() + 1, path.size()));
    if (!at->is_object()) return nullptr;
    const auto found = at->find(std::string(name));
    if (found == at->end()) return nullptr;
    at = &*found;
  }
  return at;
}

std::string TextOf(const Json* value) {
  if (value == nullptr || value->is_null()) return {};
  if (value->is_string()) return value->get<std::string>();
  return value->dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<double> NumberIn(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return is_number && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

// Texts that are numbers (64 bits are told so) sort as such, before all others.
struct SortKey {
  bool is_text = false;
  double number = 0;
  std::string text;

  explicit SortKey(const Json* value) : text(TextOf(value)) {
    const auto found = NumberIn(text);
    is_text = !found;
    number = found.value_or(0);
  }
  bool operator<(const SortKey& other) const {
    return std::tie(is_text, number, text) < std::tie(other.is_text, other.number, other.text);
  }
};

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool Contains(std::string_view text, std::string_view wanted) {
  return !std::ranges::search(text, wanted, {}, Lower, Lower).empty() || wanted.empty();
}

// "TEXT", "TEXT*" for what begins so, "*TEXT*" for what has it anywhere, in letters of either case;
// ">NUMBER" and "<NUMBER" for numbers beyond.
bool Matches(std::string_view text, std::string_view wanted) {
  if (wanted.starts_with('>') || wanted.starts_with('<')) {
    if (const auto limit = NumberIn(wanted.substr(1))) {
      const auto number = NumberIn(text);
      return number && (wanted.starts_with('>') ? *number > *limit : *number < *limit);
    }
  }
  if (!wanted.ends_with('*')) return text == wanted;
  wanted.remove_suffix(1);
  if (!wanted.starts_with('*')) return text.starts_with(wanted);
  return Contains(text, wanted.substr(1));
}

bool Passes(const Json& item, const ListWish& wish) {
  return std::ranges::all_of(wish.filters, [&](const auto& filter) {
    return Matches(TextOf(MemberAt(item, filter.first)), filter.second);
  });
}

// Whether the items of the route's list may have `path`: "a.b".
bool CanHave(const Schema& schema, const Route& route, std::string_view path) {
  const StructRow* row = &schema.structure(schema.FindMethod(route.rpc)->response);
  const FieldRow* field = schema.FindField(*row, route.list);
  if (field == nullptr || schema.type(field->type).kind != Kind::kList) return false;
  const TypeRow* type = &schema.type(schema.type(field->type).a);
  while (true) {
    if (type->kind != Kind::kStruct) return false;
    row = &schema.structure(type->a);
    const std::string_view name = path.substr(0, path.find('.'));
    field = schema.FindField(*row, name);
    if (field == nullptr) return false;
    if (name.size() == path.size()) return true;
    path.remove_prefix(name.size() + 1);
    type = &schema.type(field->type);
  }
}

// An item of the list.
struct Item {
  Json seen;              // What was read of it,
  std::size_t place = 0;  // and where it is in the reply.
};

// The field that is sorted by, up or down; empty: none is.
std::string_view SortField(const ListWish& wish) {
  return std::string_view(wish.sort).substr(wish.sort.starts_with('-') ? 1 : 0);
}

std::optional<Fault> Sort(const Schema& schema, const Route& route, const ListWish& wish,
                          std::vector<Item>& items) {
  if (wish.sort.empty()) return std::nullopt;
  const bool is_down = wish.sort.starts_with('-');
  const std::string field(SortField(wish));
  std::vector<std::pair<SortKey, std::size_t>> order;
  std::vector<std::size_t> without;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Json* value = MemberAt(items[i].seen, field);
    if (value == nullptr || value->is_null()) {
      without.push_back(i);
    } else {
      order.emplace_back(SortKey(value), i);
    }
  }
  const bool is_known = items.empty() || !order.empty() || CanHave(schema, route, field);
  if (!is_known) return Fault{"?sort", "the items have no such field"};
  std::ranges::stable_sort(order, [&](const auto& a, const auto& b) {
    return is_down ? b.first < a.first : a.first < b.first;
  });
  std::vector<Item> sorted;
  sorted.reserve(items.size());
  for (const auto& [key, at] : order) sorted.push_back(std::move(items[at]));
  for (const std::size_t at : without) sorted.push_back(std::move(items[at]));
  items = std::move(sorted);
  return std::nullopt;
}

// Looks at items of one list.
class ItemReader {
 public:
  ItemReader(const Schema& schema, const Route& route, const LateItems& late)
      : schema_(schema), route_(route), late_(late) {}

  // All of it.
  [[nodiscard]] Json Whole(const Item& item) const {
    if (late_.row == nullptr) return item.seen;
    auto whole = late_.Read(schema_, item.place);
    return whole ? *std::move(whole) : item.seen;
  }

  // Names an item, so that the page after it begins behind it though others have come or gone.
  [[nodiscard]] std::string NameOf(const Item& item) const {
    if (!route_.key.empty()) return TextOf(MemberAt(item.seen, route_.key));
    const std::string text = Whole(item).dump(-1, ' ', false, Json::error_handler_t::replace);
    return ToHex(Sha256(text).substr(0, kETagBytes));
  }

 private:
  const Schema& schema_;
  const Route& route_;
  const LateItems& late_;
};

// "<position>:<name of the last item of the page before>".
std::string CursorText(std::size_t position, const std::string& name) {
  return ToBase64(std::to_string(position) + ":" + name);
}

// Where the page begins: behind the item that the cursor names, or, if it has gone, where it was.
std::optional<std::size_t> Begin(const ItemReader& reader, const ListWish& wish,
                                 const std::vector<Item>& items) {
  if (wish.cursor.empty()) return 0;
  const auto cursor = FromBase64(wish.cursor);
  if (!cursor) return std::nullopt;
  std::size_t position = 0;
  const auto [end, error] =
      std::from_chars(cursor->data(), cursor->data() + cursor->size(), position);
  const auto digits = static_cast<std::size_t>(end - cursor->data());
  if (error != std::errc() || digits >= cursor->size() || (*cursor)[digits] != ':') {
    return std::nullopt;
  }
  const std::string name = cursor->substr(digits + 1);
  // Mostly it is where it was.
  const bool is_in = position >= 1 && position <= items.size();
  if (is_in && reader.NameOf(items[position - 1]) == name) return position;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (reader.NameOf(items[i]) == name) return i + 1;
  }
  return std::min(position, items.size());
}

void Project(const ListWish& wish, Json& item) {
  if (wish.fields.empty() || !item.is_object()) return;
  Json kept = Json::object();
  for (const std::string& field : wish.fields) {
    const auto found = item.find(field);
    if (found != item.end()) kept[field] = *found;
  }
  item = std::move(kept);
}

std::optional<Fault> CutHere(const Schema& schema, const Route& route, const ListWish& wish,
                             const LateItems& late, Json& reply) {
  const auto list = reply.find(std::string(route.list));
  if (list == reply.end() || !list->is_array()) return std::nullopt;
  std::vector<Item> items;
  for (std::size_t i = 0; i < list->size(); ++i) {
    Json& item = (*list)[i];
    if (Passes(item, wish)) items.push_back({std::move(item), i});
  }
  if (auto fault = Sort(schema, route, wish, items)) return fault;
  const ItemReader reader(schema, route, late);
  const auto begin = Begin(reader, wish, items);
  if (!begin) return Fault{"?cursor", "is none that a list was answered with"};
  const std::size_t end = std::min(items.size(), *begin + wish.limit);
  Json page = Json::array();
  std::string next;
  if (end < items.size() && end > 0) next = CursorText(end, reader.NameOf(items[end - 1]));
  for (std::size_t i = *begin; i < end; ++i) {
    Json item = reader.Whole(items[i]);
    Project(wish, item);
    page.push_back(std::move(item));
  }
  *list = std::move(page);
  if (!next.empty()) reply["next_cursor"] = next;
  reply["total_count"] = items.size();
  return std::nullopt;
}

}  // namespace

std::optional<ListPick> PickOf(const Route& route, const ListWish& wish) {
  if (route.paging != Paging::kHere) return std::nullopt;
  ListPick pick{.list = std::string(route.list), .members = {}};
  // Of "a.b" all of a is read.
  const auto add = [&](std::string_view path) {
    if (!path.empty()) pick.members.emplace_back(path.substr(0, path.find('.')));
  };
  add(route.key);
  add(SortField(wish));
  for (const auto& [path, text] : wish.filters) add(path);
  return pick;
}

std::optional<Fault> ShapeReply(const Schema& schema, const Route& route, const ListWish& wish,
                                Json& reply, const LateItems& late) {
  switch (route.paging) {
    case Paging::kNone:
      return std::nullopt;
    case Paging::kHere:
      return CutHere(schema, route, wish, late, reply);
    case Paging::kCursor:
      if (const Json* next = MemberAt(reply, "next_page")) {
        const Json copy = *next;
        reply["next_cursor"] = copy;
      }
      return std::nullopt;
    case Paging::kOldest: {
      const Json* more = MemberAt(reply, "has_more");
      const Json* list = MemberAt(reply, route.list);
      if (more == nullptr || !more->is_boolean() || !more->get<bool>()) return std::nullopt;
      if (list == nullptr || !list->is_array() || list->empty()) return std::nullopt;
      const std::string last = TextOf(MemberAt(list->back(), route.key));
      reply["next_cursor"] = last;
      return std::nullopt;
    }
  }
  return std::nullopt;
}

std::string ETagOf(const Route& route, const Json& reply, const std::string& text) {
  if (const Json* version = route.etag.empty() ? nullptr : MemberAt(reply, route.etag)) {
    return "\"v" + TextOf(version) + "\"";
  }
  return "\"" + ToHex(Sha256(text).substr(0, kETagBytes)) + "\"";
}

}  // namespace lanemq::portal
