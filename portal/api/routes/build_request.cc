#include "portal/api/routes/build_request.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "portal/api/transcode/encode.h"

namespace lanemq::portal {
namespace {

using nlohmann::json;

constexpr std::string_view kIdempotencyField = "idempotency_key";
constexpr std::string_view kIfVersionField = "if_version";

class Builder {
 public:
  Builder(const Schema& schema, const Match& match, const Said& said)
      : schema_(schema),
        match_(match),
        route_(*match.route),
        said_(said),
        row_(schema.structure(schema.FindMethod(match.route->rpc)->request)) {}

  BuiltRequest Build() {
    built_.request = json::object();
    TakeBody();
    TakePlaces();
    TakeQuery();
    TakeHeaders();
    if (!route_.fixed.empty()) built_.request.merge_patch(json::parse(route_.fixed));
    FillIn();
    return std::move(built_);
  }

 private:
  void Refuse(std::string pointer, std::string detail) {
    if (built_.faults.size() < kFaultsMax) {
      built_.faults.push_back({std::move(pointer), std::move(detail)});
    }
  }

  [[nodiscard]] bool HasField(std::string_view name) const {
    return schema_.FindField(row_, name) != nullptr;
  }

  void TakeBody() {
    if (route_.body.empty()) {
      if (said_.body) Refuse("", "there is no body here");
      return;
    }
    if (!said_.body) {
      if (route_.body != "*") Refuse("", "the body is missing");
      return;
    }
    if (!said_.body->is_object()) return Refuse("", "the body must be an object");
    json body = *said_.body;
    if (HasField("origin") && body.contains("reason") && !HasBodyField("reason")) {
      SetReason(body["reason"]);
      body.erase("reason");
    }
    RefuseHidden(body);
    if (route_.body == "*") {
      built_.request.update(body);
    } else {
      built_.request[std::string(route_.body)] = std::move(body);
    }
  }

  // Whether the struct that the body is has such a field.
  [[nodiscard]] bool HasBodyField(std::string_view name) const {
    const StructRow* row = &row_;
    if (route_.body != "*") {
      row = &schema_.structure(schema_.type(schema_.FindField(row_, route_.body)->type).a);
    }
    return schema_.FindField(*row, name) != nullptr;
  }

  void RefuseHidden(json& body) {
    for (auto member = body.begin(); member != body.end();) {
      if (IsHiddenField(member.key()) && HasBodyField(member.key())) {
        Refuse("/" + member.key(), "is set by the gateway");
        member = body.erase(member);
      } else {
        ++member;
      }
    }
  }

  void SetReason(const json& reason) { built_.request["origin"]["reason"] = reason; }

  void TakePlaces() {
    for (const auto& [path, value] : match_.places) Place(path, value, "the path");
  }

  // Puts a text into the field `path`, "filter.group" say. False: there is none.
  bool Place(std::string_view path, const std::string& value, std::string_view where) {
    const StructRow* row = &row_;
    json* object = &built_.request;
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
      const FieldRow* field = schema_.FindField(*row, path.substr(0, dot));
      if (field == nullptr) return false;
      json& inner = (*object)[std::string(field->name)];
      if (inner.is_null()) inner = json::object();
      if (!inner.is_object()) return true;  // Wrong, and the encoder says so.
      object = &inner;
      row = &schema_.structure(schema_.type(field->type).a);
      path.remove_prefix(dot + 1);
    }
    const FieldRow* field = schema_.FindField(*row, path);
    if (field == nullptr) return false;
    json wanted = JsonOfText(schema_, field->type, value);
    const auto found = object->find(path);
    if (found != object->end() && *found != wanted) {
      Refuse("/" + std::string(path), fmt::format("is not what {} says", where));
    }
    (*object)[std::string(path)] = std::move(wanted);
    return true;
  }

  void TakeQuery() {
    std::vector<std::string_view> seen;
    for (const auto& [name, value] : said_.query) {
      if (name != "filter" && std::ranges::count(seen, name) > 0) {
        Refuse("?" + name, "stands twice");
        continue;
      }
      seen.push_back(name);
      if (!TakeCommon(name, value) && !TakeListing(name, value) && !TakeField(name, value)) {
        Refuse("?" + name.substr(0, 64), UnknownText(name));
      }
    }
  }

  [[nodiscard]] std::string UnknownText(std::string_view name) const {
    std::vector<std::string_view> known{"reason", "dry_run"};
    if (route_.paging != Paging::kNone) known.insert(known.end(), {"limit", "cursor"});
    if (route_.paging == Paging::kHere) known.insert(known.end(), {"sort", "filter", "fields"});
    for (const FieldRow& field : schema_.fields(row_)) known.push_back(field.name);
    const std::string nearest = Nearest(name, known);
    return nearest.empty() ? "is not known here"
                           : fmt::format("is not known here; did you mean '{}'?", nearest);
  }

  bool TakeCommon(const std::string& name, const std::string& value) {
    if (name == "reason" && HasField("origin")) {
      SetReason(value);
      return true;
    }
    if (name != "dry_run") return false;
    for (const std::string_view field : {"dry_run", "validate_only"}) {
      if (!HasField(field)) continue;
      if (value != "true" && value != "false") Refuse("?dry_run", "must be true or false");
      built_.is_dry_run = value == "true";
      built_.request[std::string(field)] = built_.is_dry_run;
      return true;
    }
    Refuse("?dry_run", "there is no trying out here");
    return true;
  }

  bool TakeListing(const std::string& name, const std::string& value) {
    if (route_.paging == Paging::kNone) return false;
    if (name == "limit") {
      const auto [end, error] =
          std::from_chars(value.data(), value.data() + value.size(), built_.list.limit);
      const bool is_number = error == std::errc() && end == value.data() + value.size();
      if (!is_number || built_.list.limit < 1 || built_.list.limit > kPageMax) {
        Refuse("?limit", fmt::format("must be 1 to {}", kPageMax));
      } else if (route_.paging != Paging::kHere) {
        built_.request[std::string(route_.limit)] = built_.list.limit;
      }
      return true;
    }
    if (name == "cursor") {
      built_.list.cursor = value;
      if (route_.paging != Paging::kHere) Place(route_.cursor, value, "the query");
      return true;
    }
    return route_.paging == Paging::kHere && TakeShape(name, value);
  }

  bool TakeShape(const std::string& name, const std::string& value) {
    if (name == "sort") {
      built_.list.sort = value;
      return true;
    }
    if (name == "fields") {
      std::string_view rest = value;
      while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
        if (!one.empty()) built_.list.fields.emplace_back(one);
      }
      return true;
    }
    if (name != "filter") return false;
    const std::size_t colon = value.find(':');
    if (colon == std::string::npos || colon == 0) {
      Refuse("?filter", "must be FIELD:TEXT, or FIELD:TEXT* for what begins so");
    } else {
      built_.list.filters.emplace_back(value.substr(0, colon), value.substr(colon + 1));
    }
    return true;
  }

  bool TakeField(const std::string& name, const std::string& value) {
    const bool is_free = route_.body.empty() && !IsHiddenField(name);
    const auto is_place = [&](const auto& place) { return place.first == name; };
    if (!is_free || std::ranges::any_of(match_.places, is_place)) return false;
    if (!route_.into.empty() && Place(std::string(route_.into) + "." + name, value, "the path")) {
      return true;
    }
    return name.find('.') == std::string::npos && Place(name, value, "the path");
  }

  void TakeHeaders() {
    if (!said_.idempotency_key.empty()) {
      if (HasField(kIdempotencyField)) {
        Place(kIdempotencyField, said_.idempotency_key, "the header Idempotency-Key");
      } else if (!route_.is_repeatable) {
        Refuse("",
               "this call cannot be told from its repetition: there is no Idempotency-Key here");
      }
    }
    if (said_.if_match.empty()) return;
    std::string_view version = said_.if_match;
    const bool is_version = version.size() > 3 && version.starts_with("\"v") &&
                            version.ends_with('"') && HasField(kIfVersionField);
    if (!is_version) return Refuse("", "If-Match must be the ETag of a GET of this, and is not");
    version = version.substr(2, version.size() - 3);
    Place(kIfVersionField, std::string(version), "the header If-Match");
  }

  // What the gateway knows.
  void FillIn() {
    for (const FieldRow& field : schema_.fields(row_)) {
      if (IsAuthorField(field.name)) built_.request[std::string(field.name)] = said_.principal;
    }
    const bool wants_id = route_.rpc == "redrive" && !built_.request.contains("id");
    if (wants_id) built_.request["id"] = said_.random_id;
  }

  const Schema& schema_;
  const Match& match_;
  const Route& route_;
  const Said& said_;
  const StructRow& row_;
  BuiltRequest built_;
};

}  // namespace

bool NeedsPrincipal(const Schema& schema, const MethodRow& method) {
  return std::ranges::any_of(schema.fields(schema.structure(method.request)),
                             [](const FieldRow& field) { return IsAuthorField(field.name); });
}

BuiltRequest BuildRequest(const Schema& schema, const Match& match, const Said& said) {
  return Builder(schema, match, said).Build();
}

}  // namespace lanemq::portal
