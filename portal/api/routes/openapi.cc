#include "portal/api/routes/openapi.h"

#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "portal/api/routes/route.h"
#include "portal/api/routes/yaml.h"

namespace lanemq::portal {
namespace {

using Json = nlohmann::ordered_json;

Json Ref(std::string_view name) { return {{"$ref", "#/components/schemas/" + std::string(name)}}; }

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
    AddSession(paths);
    AddOidc(paths);
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

  static Json Problem() {
    return {{"description", "What is wrong"},
            {"content", {{"application/problem+json", {{"schema", Ref("Problem")}}}}}};
  }

  static void AddSession(std::map<std::string, Json>& paths) {
    const Json answer = {{"200",
                          {{"description", "Who is there"},
                           {"content", {{"application/json", {{"schema", Ref("Session")}}}}}}},
                         {"default", Problem()}};
    Json& session = paths["/session"];
    session["get"] = {{"operationId", "getSession"},
                      {"description", "Who is there, and the token against forged requests."},
                      {"responses", answer}};
    session["post"] = {
        {"operationId", "signIn"},
        {"description", "Signs in; the answer sets the session's cookie."},
        {"security", Json::array()},
        {"requestBody",
         {{"required", true}, {"content", {{"application/json", {{"schema", Ref("SignIn")}}}}}}},
        {"responses", answer}};
    session["delete"] = {
        {"operationId", "signOut"},
        {"description", "Ends the session."},
        {"responses", {{"204", {{"description", "It has ended"}}}, {"default", Problem()}}}};
  }

  static void AddOidc(std::map<std::string, Json>& paths) {
    const Json text = {{"type", "string"}};
    const auto parameter = [&](const char* name, const char* about) {
      return Json{{"name", name}, {"in", "query"}, {"description", about}, {"schema", text}};
    };
    paths["/auth/oidc/start"]["get"] = {
        {"operationId", "startOidc"},
        {"description", "For browsers: goes to the provider of identities, to sign in there."},
        {"security", Json::array()},
        {"parameters", Json::array({parameter(
                           "return_to", "A path of this gateway to go on at; / if not given.")})},
        {"responses", {{"303", {{"description", "To the provider"}}}, {"default", Problem()}}}};
    paths["/auth/oidc/callback"]["get"] = {
        {"operationId", "finishOidc"},
        {"description", "Where the provider sends browsers back to; sets the session's cookie."},
        {"security", Json::array()},
        {"parameters",
         Json::array({parameter("code", "The provider's."), parameter("state", "Of the start.")})},
        {"responses",
         {{"200", {{"description", "A page that goes on at return_to"}}}, {"default", Problem()}}}};
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
    operation["responses"][std::to_string(route.success)] = {
        {"description", "Done"},
        {"content", {{"application/json", {{"schema", Ref(Use(method.response))}}}}}};
    operation["responses"]["default"] = Problem();
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
      schema = Ref(Use(schema_.type(schema_.FindField(request, route.body)->type).a));
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
        return Ref(Use(type.a));
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
    components["parameters"] = Parameters();
    components["securitySchemes"] = {
        {"bearer", {{"type", "http"}, {"scheme", "bearer"}}},
        {"session", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "__Host-lanemq_session"}}}};
    return components;
  }

  static void AddOwnSchemas(std::map<std::string, Json>& schemas) {
    const Json text = {{"type", "string"}};
    schemas["SignIn"] = {{"type", "object"},
                         {"properties", {{"name", text}, {"password", text}}},
                         {"required", {"name", "password"}}};
    schemas["Session"] = {
        {"type", "object"},
        {"description", "As AuthenticateResponse; after signing in also the person."},
        {"properties",
         {{"principal", text},
          {"role", text},
          {"csrf_token", {{"type", "string"}, {"description", "For X-CSRF-Token."}}},
          {"must_change_password", {{"type", "boolean"}}}}}};
    schemas["Problem"] = {
        {"type", "object"},
        {"description", "RFC 9457."},
        {"properties",
         {{"type", text},
          {"title", text},
          {"status", {{"type", "integer"}}},
          {"detail", text},
          {"code", {{"type", "string"}, {"description", "As in docs/reference/errors.md."}}},
          {"request_id", text},
          {"server_request_id", text},
          {"retry_after_ms", {{"type", "integer"}}},
          {"faults",
           {{"type", "array"},
            {"items",
             {{"type", "object"}, {"properties", {{"pointer", text}, {"detail", text}}}}}}}}}};
  }

  static Json Parameters() {
    const auto parameter = [](const char* name, const char* in, const char* about, Json schema) {
      return Json{
          {"name", name}, {"in", in}, {"description", about}, {"schema", std::move(schema)}};
    };
    const Json text = {{"type", "string"}};
    return {{"limit", parameter("limit", "query", "Items of one page.",
                                {{"type", "integer"}, {"minimum", 1}, {"maximum", 1000}})},
            {"cursor", parameter("cursor", "query", "The last answer's next_cursor.", text)},
            {"sort",
             parameter("sort", "query", "A field of the items; -FIELD: the largest first.", text)},
            {"filter",
             parameter("filter", "query",
                       "FIELD:TEXT, or FIELD:TEXT* for what begins so; may stand several times.",
                       text)},
            {"fields", parameter("fields", "query", "These alone, between commas.", text)},
            {"reason",
             parameter("reason", "query", "Why, for the audit log; at most 500 bytes.", text)},
            {"dry_run", parameter("dry_run", "query", "Tell what would be, change nothing.",
                                  {{"type", "boolean"}})},
            {"IdempotencyKey", parameter("Idempotency-Key", "header",
                                         "The same one within a day: the same answer.", text)},
            {"IfMatch",
             parameter("If-Match", "header",
                       "The ETag of what is changed: 409 when it has another by now.", text)}};
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
