#include "portal/api/transcode/decode.h"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "common/base/utf8.h"
#include "portal/api/transcode/base64.h"

namespace lanemq::portal {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDepthMax = 32;
// From a struct to the structs of a list in it.
constexpr int kListDepth = 2;

class Decoder {
 public:
  Decoder(const Schema& schema, wire::Reader& reader) : schema_(schema), reader_(reader) {}

  /// `members`: those that are read; null: all.
  Json Struct(const StructRow& row, int depth, const std::vector<std::string>* members = nullptr) {
    Json object = Json::object();
    if (depth <= 0) reader_.Fail();
    while (reader_.ok()) {
      const std::uint8_t type = reader_.Byte();
      if (type == wire::kStop) break;
      const auto id = static_cast<std::int16_t>(reader_.Integer<std::uint16_t>());
      const auto fields = schema_.fields(row);
      const auto field = std::ranges::find(fields, id, &FieldRow::id);
      if (field == fields.end() || wire::TypeOf(schema_.type(field->type).kind) != type ||
          (members != nullptr && std::ranges::count(*members, field->name) == 0)) {
        reader_.Skip(type, depth);
        continue;
      }
      if (pick_ != nullptr && depth == kDepthMax && field->name == pick_->list &&
          IsListOfStructs(*field)) {
        // Which of two would be meant? Places are of one.
        if (late_->row != nullptr) reader_.Fail();
        object[pick_->list] = PickedList(*field, depth - kListDepth);
      } else {
        Member(*field, object, depth);
      }
    }
    return object;
  }

  /// The fields of `row` itself; only of the items of `pick.list`, less.
  Json Picked(const StructRow& row, const ListPick& pick, LateItems& late) {
    pick_ = &pick;
    late_ = &late;
    return Struct(row, kDepthMax);
  }

 private:
  [[nodiscard]] bool IsListOfStructs(const FieldRow& field) const {
    const TypeRow& type = schema_.type(field.type);
    return type.kind == Kind::kList && schema_.type(type.a).kind == Kind::kStruct;
  }

  Json PickedList(const FieldRow& field, int depth) {
    late_->row = &schema_.structure(schema_.type(schema_.type(field.type).a).a);
    Json list = Json::array();
    const std::uint8_t element = reader_.Byte();
    const auto count = reader_.Integer<std::uint32_t>();
    if (element != wire::kStruct && count > 0) reader_.Fail();
    for (std::uint32_t i = 0; i < count && reader_.ok(); ++i) {
      const std::size_t from = late_->bytes.size() - reader_.left();
      list.push_back(Struct(*late_->row, depth, &pick_->members));
      late_->places.emplace_back(from, late_->bytes.size() - reader_.left() - from);
    }
    return list;
  }

  void Member(const FieldRow& field, Json& object, int depth) {
    const std::string name(field.name);
    if (schema_.type(field.type).kind != Kind::kBinary) {
      object[name] = Value(field.type, depth);
      return;
    }
    const std::string_view bytes = reader_.Bytes();
    if (IsUtf8(bytes)) {
      object[name] = bytes;
    } else {
      object[name + "_base64"] = ToBase64(bytes);
    }
  }

  Json Value(int index, int depth) {
    const TypeRow& type = schema_.type(index);
    switch (type.kind) {
      case Kind::kBool:
        return reader_.Byte() != 0;
      case Kind::kI16:
        return static_cast<std::int16_t>(reader_.Integer<std::uint16_t>());
      case Kind::kI32:
        return static_cast<std::int32_t>(reader_.Integer<std::uint32_t>());
      case Kind::kI64:
        return std::to_string(static_cast<std::int64_t>(reader_.Integer<std::uint64_t>()));
      case Kind::kDouble:
        return std::bit_cast<double>(reader_.Integer<std::uint64_t>());
      case Kind::kString:
        return std::string(reader_.Bytes());
      case Kind::kBinary: {
        // In a list: there is no name to tell which it is.
        return ToBase64(reader_.Bytes());
      }
      case Kind::kEnum:
        return EnumValue(schema_.enumeration(type.a));
      case Kind::kStruct:
        return Struct(schema_.structure(type.a), depth - 1);
      case Kind::kList:
        return List(type, depth - 1);
      case Kind::kMap:
        return Map(type, depth - 1);
    }
    return nullptr;
  }

  Json EnumValue(const EnumRow& row) {
    const auto number = static_cast<std::int32_t>(reader_.Integer<std::uint32_t>());
    for (const EnumValueRow& value : schema_.values(row)) {
      if (value.value == number) return std::string(value.name);
    }
    return number;
  }

  Json List(const TypeRow& type, int depth) {
    Json list = Json::array();
    const std::uint8_t element = reader_.Byte();
    const auto count = reader_.Integer<std::uint32_t>();
    if (element != wire::TypeOf(schema_.type(type.a).kind) && count > 0) reader_.Fail();
    for (std::uint32_t i = 0; i < count && reader_.ok(); ++i) {
      list.push_back(Value(type.a, depth));
    }
    return list;
  }

  Json Map(const TypeRow& type, int depth) {
    Json map = Json::object();
    const std::uint8_t key = reader_.Byte();
    const std::uint8_t value = reader_.Byte();
    const auto count = reader_.Integer<std::uint32_t>();
    const bool is_expected = key == wire::TypeOf(schema_.type(type.a).kind) &&
                             value == wire::TypeOf(schema_.type(type.b).kind);
    if (!is_expected && count > 0) reader_.Fail();
    for (std::uint32_t i = 0; i < count && reader_.ok(); ++i) {
      const std::string name(reader_.Bytes());
      map[name] = Value(type.b, depth);
    }
    return map;
  }

  const Schema& schema_;
  wire::Reader& reader_;
  const ListPick* pick_ = nullptr;
  LateItems* late_ = nullptr;
};

}  // namespace

std::optional<Json> DecodeStruct(const Schema& schema, const StructRow& row, wire::Reader& reader) {
  Json object = Decoder(schema, reader).Struct(row, kDepthMax);
  if (!reader.ok()) return std::nullopt;
  return object;
}

std::optional<Json> DecodeStruct(const Schema& schema, const StructRow& row, wire::Reader& reader,
                                 const ListPick& pick, LateItems& late) {
  Json object = Decoder(schema, reader).Picked(row, pick, late);
  if (!reader.ok()) return std::nullopt;
  return object;
}

std::optional<Json> LateItems::Read(const Schema& schema, std::size_t index) const {
  if (index >= places.size()) return std::nullopt;
  const auto& [from, size] = places[index];
  wire::Reader reader(std::string_view(bytes).substr(from, size));
  return DecodeStruct(schema, *row, reader);
}

}  // namespace lanemq::portal
