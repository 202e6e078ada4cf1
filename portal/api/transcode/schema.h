#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lanemq::portal {

/// The IDL at run time, as generate_schema.py reads it at build time.
enum class Kind { kBool, kI16, kI32, kI64, kDouble, kString, kBinary, kEnum, kStruct, kList, kMap };

/// `a`: of a struct or enum its index; of a list the index of its elements' type; of a map of its
/// keys', and `b` of its values'.
struct TypeRow {
  Kind kind;
  int a;
  int b;
};
struct FieldRow {
  std::int16_t id;
  std::string_view name;
  int type;
  bool is_required;
  std::string_view doc;
};
struct StructRow {
  std::string_view name;
  int first_field;
  int fields;
  std::string_view doc;
};
struct EnumValueRow {
  std::string_view name;
  std::int32_t value;
};
struct EnumRow {
  std::string_view name;
  int first_value;
  int values;
};
struct MethodRow {
  std::string_view name;
  std::string_view service;  ///< "Common", "DataPlane", "ControlPlane".
  int request;               ///< A struct.
  int response;              ///< Likewise.
  std::string_view doc;
};

/// Names, types and fields of all that is in the IDL. Immutable; any thread.
class Schema {
 public:
  Schema(std::span<const TypeRow> types, std::span<const FieldRow> fields,
         std::span<const StructRow> structs, std::span<const EnumValueRow> values,
         std::span<const EnumRow> enums, std::span<const MethodRow> methods)
      : types_(types),
        fields_(fields),
        structs_(structs),
        values_(values),
        enums_(enums),
        methods_(methods) {}

  [[nodiscard]] const TypeRow& type(int index) const { return types_[At(index)]; }
  [[nodiscard]] const StructRow& structure(int index) const { return structs_[At(index)]; }
  [[nodiscard]] std::span<const StructRow> structs() const { return structs_; }
  [[nodiscard]] std::span<const MethodRow> methods() const { return methods_; }
  [[nodiscard]] std::span<const FieldRow> fields(const StructRow& row) const {
    return fields_.subspan(At(row.first_field), At(row.fields));
  }
  [[nodiscard]] const EnumRow& enumeration(int index) const { return enums_[At(index)]; }
  [[nodiscard]] std::span<const EnumValueRow> values(const EnumRow& row) const {
    return values_.subspan(At(row.first_value), At(row.values));
  }

  /// Null: there is none of this name.
  [[nodiscard]] const MethodRow* FindMethod(std::string_view name) const;
  [[nodiscard]] const StructRow* FindStruct(std::string_view name) const;
  [[nodiscard]] const FieldRow* FindField(const StructRow& row, std::string_view name) const;

 private:
  static std::size_t At(int index) { return static_cast<std::size_t>(index); }

  std::span<const TypeRow> types_;
  std::span<const FieldRow> fields_;
  std::span<const StructRow> structs_;
  std::span<const EnumValueRow> values_;
  std::span<const EnumRow> enums_;
  std::span<const MethodRow> methods_;
};

/// The IDL that this program was built with.
[[nodiscard]] const Schema& TheSchema();

/// The one of `known` that is most like `name`; empty when none is like it.
[[nodiscard]] std::string Nearest(std::string_view name,
                                  const std::vector<std::string_view>& known);

}  // namespace lanemq::portal
