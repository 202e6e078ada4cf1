#include "portal/api/routes/openapi.h"

#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "portal/api/routes/openapi_own.h"
#include "portal/api/routes/route.h"
#include "portal/api/routes/yaml.h"

namespace lanemq::portal {
namespace {

using Json = nlohmann::ordered_json;

std::string LowerCase(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

class Writer {
 public:
  explicit Writer(const Schema& schema) : schema_(schema) {}

  Json Document() {
    Json document;
    document["openapi"] = "3.1.0";
    document["info"] = {
        {"title", "LaneMQ"},
        {"version", "1"},
        {"description",
         "64-bit integers are text. Bytes are text when they are UTF-8, else base64 "
         "under NAME_base64. Requests that change something and carry the session's "
         "cookie need its X-CSRF-Token."}};
    document["servers"] = Json::array({Json{{"url", "/api/v1"}}});
    document["security"] =
        Json::array({Json{{"bearer", Json::array()}}, Json{{"session", Json::array()}}});
    std::map<std::string, Json> paths;
    AddOwnPaths(paths);
    for (const Route& route : Routes()) {
      paths[ShownPath(route.path)][LowerCase(route.method)] = Operation(route);
    }
    for (auto& [path, operations] : paths) document["paths"][path] = std::move(operations);
    document["components"] = Components();
    return document;
  }

 private:
  static std::string ShownPath(std::string_view path) {
    std::string out;
    while (!path.empty()) {
      const std::size_t open = std::min(path.find('{'), path.size());
      out += path.substr(0, open);
      path.remove_prefix(open);
      if (path.empty()) break;
      const std::size_t close = path.find('}');
      const std::string_view place = path.substr(1, close - 1);
      const std::size_t dot = place.rfind('.');
      out += "{" + std::string(dot == std::string_view::npos ? place : place.substr(dot + 1)) + "}";
      path.remove_prefix(close + 1);
    }
    return out;
  }

  Json Operation(const Route& route) {
    const MethodRow& method = *schema_.FindMethod(route.rpc);
    const StructRow& request = schema_.structure(method.request);
    Json operation;
    const std::string id(route.rpc);
    const int nth = ++operation_ids_[id];
    operation["operationId"] = nth == 1 ? id : id + std::to_string(nth);
    if (!method.doc.empty()) operation["description"] = std::string(method.doc);
    Json parameters = Json::array();
    std::set<std::string> placed;
    AddPlaces(route, request, parameters, placed);
    if (route.body.empty()) AddQuery(route, request, parameters, placed);
    AddShared(route, request, parameters);
    if (!parameters.empty()) operation["parameters"] = std::move(parameters);
    if (!route.body.empty()) operation["requestBody"] = Body(route, request, placed);
    Json reply = SchemaRef(Use(method.response));
    if (route.paging != Paging::kNone) reply = {{"allOf", Json::array({reply, SchemaRef("Page")})}};
    operation["responses"][std::to_string(route.success)] = {
        {"description", "Done"}, {"content", {{"application/json", {{"schema", reply}}}}}};
    operation["responses"]["default"] = ProblemAnswer();
    return operation;
  }

  void AddPlaces(const Route& route, const StructRow& request, Json& parameters,
                 std::set<std::string>& placed) {
    std::string_view path = route.path;
    for (std::size_t open = path.find('{'); open != std::string_view::npos; open = path.find('{')) {
      const std::size_t close = path.find('}');
      std::string_view place = path.substr(open + 1, close - open - 1);
      path.remove_prefix(close + 1);
      placed.insert(std::string(place));
      const StructRow* row = &request;
      for (std::size_t dot = place.find('.'); dot != std::string_view::npos;
           dot = place.find('.')) {
        row =
            &schema_.structure(schema_.type(schema_.FindField(*row, place.substr(0, dot))->type).a);
        place.remove_prefix(dot + 1);
      }
      const FieldRow& field = *schema_.FindField(*row, place);
      parameters.push_back(Parameter(field, "path", true));
    }
  }

  Json Parameter(const FieldRow& field, const char* in, bool is_required) {
    Json parameter = {{"name", std::string(field.name)}, {"in", in}};
    if (is_required) parameter["required"] = true;
    if (!field.doc.empty()) parameter["description"] = std::string(field.doc);
    parameter["schema"] = TypeOf(field.type);
    if (schema_.type(field.type).kind == Kind::kList) parameter["explode"] = false;
    return parameter;
  }

  void AddQuery(const Route& route, const StructRow& request, Json& parameters,
                const std::set<std::string>& placed) {
    const Json fixed = route.fixed.empty() ? Json::object() : Json::parse(route.fixed);
    for (const FieldRow& field : schema_.fields(request)) {
      const std::string name(field.name);
      if (name == route.into) {
        const StructRow& inner = schema_.structure(schema_.type(field.type).a);
        for (const FieldRow& part : schema_.fields(inner)) {
          const bool is_placed = placed.contains(name + "." + std::string(part.name));
          if (!is_placed && IsPlain(part.type))
            parameters.push_back(Parameter(part, "query", false));
        }
        continue;
      }
      const bool is_paged = name == route.cursor || name == route.limit;
      if (IsHiddenField(name) || placed.contains(name) || fixed.contains(name) || is_paged ||
          !IsPlain(field.type)) {
        continue;
      }
      parameters.push_back(Parameter(field, "query", field.is_required));
    }
  }

  // Whether it can be told in a query.
  [[nodiscard]] bool IsPlain(int type) const {
    const TypeRow& row = schema_.type(type);
    if (row.kind == Kind::kList) return IsPlain(row.a);
    return row.kind != Kind::kStruct && row.kind != Kind::kMap;
  }

  void AddShared(const Route& route, const StructRow& request, Json& parameters) const {
    const auto add = [&](const char* name) {
      parameters.push_back({{"$ref", "#/components/parameters/" + std::string(name)}});
    };
    const auto has = [&](std::string_view name) {
      return schema_.FindField(request, name) != nullptr;
    };
    if (route.paging != Paging::kNone) {
      add("limit");
      add("cursor");
    }
    if (route.paging == Paging::kHere) {
      add("sort");
      add("filter");
      add("fields");
    }
    if (has("origin")) add("reason");
    if (!route.body.empty() && (has("dry_run") || has("validate_only"))) add("dry_run");
    if (has("idempotency_key")) add("IdempotencyKey");
    if (has("if_version")) add("IfMatch");
  }

  Json Body(const Route& route, const StructRow& request, const std::set<std::string>& placed) {
    Json schema;
    if (route.body == "*") {
      std::set<std::string> left_out = placed;
      if (!route.fixed.empty()) {
        const Json fixed = Json::parse(route.fixed);
        for (const auto& [name, value] : fixed.items()) left_out.insert(name);
      }
      schema = StructSchema(request, left_out, true);
    } else {
      schema = SchemaRef(Use(schema_.type(schema_.FindField(request, route.body)->type).a));
    }
    return {{"content", {{"application/json", {{"schema", std::move(schema)}}}}}};
  }

  // The name of a struct whose schema is needed.
  std::string Use(int index) {
    const std::string name(schema_.structure(index).name);
    used_.insert(index);
    return name;
  }

  // `is_request`: without what the gateway sets itself.
  Json StructSchema(const StructRow& row, const std::set<std::string>& left_out, bool is_request) {
    Json schema = {{"type", "object"}};
    if (!row.doc.empty()) schema["description"] = std::string(row.doc);
    Json properties = Json::object();
    Json required = Json::array();
    for (const FieldRow& field : schema_.fields(row)) {
      const std::string name(field.name);
      if (left_out.contains(name) || (is_request && IsHiddenField(name))) continue;
      AddProperty(field, properties);
      const bool is_binary = schema_.type(field.type).kind == Kind::kBinary;
      if (field.is_required && !is_binary) required.push_back(name);
    }
    if (!properties.empty()) schema["properties"] = std::move(properties);
    if (!required.empty()) schema["required"] = std::move(required);
    return schema;
  }

  void AddProperty(const FieldRow& field, Json& properties) {
    const std::string name(field.name);
    Json property = TypeOf(field.type);
    if (!field.doc.empty()) property["description"] = std::string(field.doc);
    properties[name] = std::move(property);
    if (schema_.type(field.type).kind == Kind::kBinary) {
      properties[name + "_base64"] = {{"type", "string"}, {"contentEncoding", "base64"}};
    }
  }

  Json TypeOf(int index) {
    const TypeRow& type = schema_.type(index);
    switch (type.kind) {
      case Kind::kBool:
        return {{"type", "boolean"}};
      case Kind::kI16:
      case Kind::kI32:
        return {{"type", "integer"}, {"format", "int32"}};
      case Kind::kI64:
        return {{"type", "string"}, {"format", "int64"}};
      case Kind::kDouble:
        return {{"type", "number"}, {"format", "double"}};
      case Kind::kString:
      case Kind::kBinary:
        return {{"type", "string"}};
      case Kind::kEnum: {
        Json names = Json::array();
        for (const EnumValueRow& value : schema_.values(schema_.enumeration(type.a))) {
          names.push_back(std::string(value.name));
        }
        return {{"type", "string"}, {"enum", std::move(names)}};
      }
      case Kind::kStruct:
        return SchemaRef(Use(type.a));
      case Kind::kList:
        return {{"type", "array"}, {"items", TypeOf(type.a)}};
      case Kind::kMap:
        return {{"type", "object"}, {"additionalProperties", TypeOf(type.b)}};
    }
    return {};
  }

  Json Components() {
    Json components;
    std::map<std::string, Json> schemas;
    // Using one may need others; done when nothing new is used.
    for (std::set<int> done; done.size() < used_.size();) {
      const std::set<int> now = used_;
      for (const int index : now) {
        if (!done.insert(index).second) continue;
        const StructRow& row = schema_.structure(index);
        schemas[std::string(row.name)] = StructSchema(row, {}, false);
      }
    }
    AddOwnSchemas(schemas);
    for (auto& [name, schema] : schemas) components["schemas"][name] = std::move(schema);
    components["parameters"] = SharedParameters();
    components["securitySchemes"] = {
        {"bearer", {{"type", "http"}, {"scheme", "bearer"}}},
        {"session", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "__Host-lanemq_session"}}}};
    return components;
  }

  const Schema& schema_;
  std::set<int> used_;
  std::map<std::string, int> operation_ids_;
};

}  // namespace

std::string OpenApiYaml(const Schema& schema) {
  return "# Generated by lanemq-openapi from the IDL and portal/api/routes/routes.cc.\n" +
         ToYaml(Writer(schema).Document());
}

}  // namespace lanemq::portal
