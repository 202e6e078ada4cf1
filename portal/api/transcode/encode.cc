#include "portal/api/transcode/encode.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "portal/api/transcode/base64.h"
#include "portal/api/transcode/wire.h"

namespace lanemq::portal {
namespace {

using nlohmann::json;

constexpr std::string_view kBase64 = "_base64";
constexpr std::string_view kJson = "_json";

template <typename Number>
std::optional<Number> NumberOf(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

class Encoder {
 public:
  Encoder(const Schema& schema, Faults& faults) : schema_(schema), faults_(faults) {}

  void Struct(const StructRow& row, const json& value, const std::string& at) {
    if (!value.is_object()) return Refuse(at, "must be an object");
    RefuseUnknown(row, value, at);
    for (const FieldRow& field : schema_.fields(row)) Field(row, field, value, at);
    wire_.Byte(wire::kStop);
  }

  std::string Take() { return wire_.Take(); }

 private:
  void Refuse(const std::string& at, std::string detail) {
    if (faults_.size() < kFaultsMax) faults_.push_back({at, std::move(detail)});
  }

  // The field that a member stands for; null: none.
  const FieldRow* FieldOf(const StructRow& row, std::string_view member) const {
    if (const FieldRow* field = schema_.FindField(row, member)) return field;
    if (!member.ends_with(kBase64)) return nullptr;
    const FieldRow* field =
        schema_.FindField(row, member.substr(0, member.size() - kBase64.size()));
    const bool is_bytes = field != nullptr && schema_.type(field->type).kind == Kind::kBinary;
    return is_bytes ? field : nullptr;
  }

  void RefuseUnknown(const StructRow& row, const json& value, const std::string& at) {
    for (const auto& [name, member] : value.items()) {
      // What is not told need not be compared with every name there is.
      if (faults_.size() >= kFaultsMax) return;
      if (FieldOf(row, name) != nullptr) continue;
      std::vector<std::string_view> known;
      for (const FieldRow& field : schema_.fields(row)) known.push_back(field.name);
      const std::string nearest = Nearest(name, known);
      Refuse(at + "/" + PointerToken(name.substr(0, 128)),
             nearest.empty() ? "is not known here"
                             : fmt::format("is not known here; did you mean '{}'?", nearest));
    }
  }

  void Field(const StructRow& /*row*/, const FieldRow& field, const json& object,
             const std::string& at) {
    const std::string name(field.name);
    const TypeRow& type = schema_.type(field.type);
    const auto found = object.find(name);
    const bool is_there = found != object.end() && !found->is_null();
    if (type.kind == Kind::kBinary) {
      const auto encoded = object.find(name + std::string(kBase64));
      if (encoded != object.end() && !encoded->is_null()) {
        if (is_there) return Refuse(at + "/" + name, "stands there in both forms");
        return Base64Field(field, *encoded, at + "/" + name + std::string(kBase64));
      }
    }
    if (!is_there) {
      if (field.is_required) Refuse(at + "/" + name, "is missing");
      return;
    }
    wire_.FieldHead(wire::TypeOf(type.kind), field.id);
    const bool is_document = type.kind == Kind::kString && field.name.ends_with(kJson) &&
                             (found->is_object() || found->is_array());
    if (is_document) {
      wire_.Bytes(found->dump(-1, ' ', false, json::error_handler_t::replace));
    } else {
      Value(field.type, *found, at + "/" + name);
    }
  }

  void Base64Field(const FieldRow& field, const json& value, const std::string& at) {
    const auto bytes =
        value.is_string() ? FromBase64(value.get_ref<const std::string&>()) : std::nullopt;
    if (!bytes) return Refuse(at, "must be base64, with padding");
    wire_.FieldHead(wire::TypeOf(Kind::kBinary), field.id);
    wire_.Bytes(*bytes);
  }

  void Value(int index, const json& value, const std::string& at) {
    const TypeRow& type = schema_.type(index);
    switch (type.kind) {
      case Kind::kBool:
        if (!value.is_boolean()) return Refuse(at, "must be true or false");
        return wire_.Byte(value.get<bool>() ? 1 : 0);
      case Kind::kI16:
        return Integer<std::int16_t>(value, at);
      case Kind::kI32:
        return Integer<std::int32_t>(value, at);
      case Kind::kI64:
        return Integer<std::int64_t>(value, at);
      case Kind::kDouble:
        if (!value.is_number()) return Refuse(at, "must be a number");
        return wire_.Integer(std::bit_cast<std::uint64_t>(value.get<double>()));
      case Kind::kString:
      case Kind::kBinary:
        if (!value.is_string()) return Refuse(at, "must be text");
        return wire_.Bytes(value.get_ref<const std::string&>());
      case Kind::kEnum:
        return EnumValue(schema_.enumeration(type.a), value, at);
      case Kind::kStruct:
        return Struct(schema_.structure(type.a), value, at);
      case Kind::kList:
        return List(type, value, at);
      case Kind::kMap:
        return Map(type, value, at);
    }
  }

  template <typename Number>
  void Integer(const json& value, const std::string& at) {
    std::optional<Number> number;
    if (value.is_number_unsigned()) {
      const auto wide = value.get<std::uint64_t>();
      if (std::in_range<Number>(wide)) number = static_cast<Number>(wide);
    } else if (value.is_number_integer()) {
      const auto wide = value.get<std::int64_t>();
      if (std::in_range<Number>(wide)) number = static_cast<Number>(wide);
    } else if (value.is_string() && sizeof(Number) == sizeof(std::int64_t)) {
      number = NumberOf<Number>(value.get_ref<const std::string&>());
    }
    if (!number) {
      return Refuse(
          at, fmt::format("must be an integer of {} to {}{}", std::numeric_limits<Number>::min(),
                          std::numeric_limits<Number>::max(),
                          sizeof(Number) == 8 ? ", as text or number" : ""));
    }
    wire_.Integer(static_cast<std::make_unsigned_t<Number>>(*number));
  }

  void EnumValue(const EnumRow& row, const json& value, const std::string& at) {
    std::vector<std::string_view> names;
    for (const EnumValueRow& candidate : schema_.values(row)) {
      names.push_back(candidate.name);
      if (!value.is_string() || value.get_ref<const std::string&>() != candidate.name) continue;
      return wire_.Integer(static_cast<std::uint32_t>(candidate.value));
    }
    Refuse(at, fmt::format("must be one of {}", fmt::join(names, ", ")));
  }

  void List(const TypeRow& type, const json& value, const std::string& at) {
    if (!value.is_array()) return Refuse(at, "must be an array");
    wire_.Byte(wire::TypeOf(schema_.type(type.a).kind));
    wire_.Integer(static_cast<std::uint32_t>(value.size()));
    for (std::size_t i = 0; i < value.size() && faults_.size() < kFaultsMax; ++i) {
      Value(type.a, value[i], at + "/" + std::to_string(i));
    }
  }

  void Map(const TypeRow& type, const json& value, const std::string& at) {
    if (!value.is_object()) return Refuse(at, "must be an object");
    wire_.Byte(wire::TypeOf(schema_.type(type.a).kind));
    wire_.Byte(wire::TypeOf(schema_.type(type.b).kind));
    wire_.Integer(static_cast<std::uint32_t>(value.size()));
    for (const auto& [name, member] : value.items()) {
      wire_.Bytes(name);
      Value(type.b, member, at + "/" + PointerToken(name));
    }
  }

  const Schema& schema_;
  Faults& faults_;
  wire::Writer wire_;
};

}  // namespace

std::string EncodeStruct(const Schema& schema, const StructRow& row, const json& value,
                         Faults& faults) {
  Encoder encoder(schema, faults);
  encoder.Struct(row, value, "");
  return encoder.Take();
}

json JsonOfText(const Schema& schema, int type, std::string_view text) {
  const TypeRow& row = schema.type(type);
  switch (row.kind) {
    case Kind::kBool:
      if (text == "true") return true;
      if (text == "false") return false;
      break;
    case Kind::kI16:
    case Kind::kI32:
      if (const auto number = NumberOf<std::int64_t>(text)) return *number;
      break;
    case Kind::kDouble:
      if (const auto number = NumberOf<double>(text); number && std::isfinite(*number)) {
        return *number;
      }
      break;
    case Kind::kList: {
      json list = json::array();
      while (!text.empty()) {
        const std::size_t comma = text.find(',');
        list.push_back(JsonOfText(schema, row.a, text.substr(0, comma)));
        text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
      }
      return list;
    }
    case Kind::kI64:
    case Kind::kString:
    case Kind::kBinary:
    case Kind::kEnum:
    case Kind::kStruct:
    case Kind::kMap:
      break;
  }
  return std::string(text);
}

}  // namespace lanemq::portal
