#include "portal/api/routes/openapi_own.h"

namespace lanemq::portal {
namespace {

using Json = nlohmann::ordered_json;

void AddSession(std::map<std::string, Json>& paths) {
  const Json answer = {{"200",
                        {{"description", "Who is there"},
                         {"content", {{"application/json", {{"schema", SchemaRef("Session")}}}}}}},
                       {"default", ProblemAnswer()}};
  Json& session = paths["/session"];
  session["get"] = {{"operationId", "getSession"},
                    {"description", "Who is there, and the token against forged requests."},
                    {"responses", answer}};
  session["post"] = {{"operationId", "signIn"},
                     {"description", "Signs in; the answer sets the session's cookie."},
                     {"security", Json::array()},
                     {"requestBody",
                      {{"required", true},
                       {"content", {{"application/json", {{"schema", SchemaRef("SignIn")}}}}}}},
                     {"responses", answer}};
  session["delete"] = {
      {"operationId", "signOut"},
      {"description", "Ends the session."},
      {"responses", {{"204", {{"description", "It has ended"}}}, {"default", ProblemAnswer()}}}};
  Json& demo = paths["/session/demo"];
  demo["get"] = {
      {"operationId", "getDemoSignIn"},
      {"description", "Whether anybody may be one person here without a password (--demo-person)."},
      {"security", Json::array()},
      {"responses",
       {{"200",
         {{"description", "Whether, and who"},
          {"content", {{"application/json", {{"schema", SchemaRef("DemoSignIn")}}}}}}},
        {"default", ProblemAnswer()}}}};
  demo["post"] = {{"operationId", "signInDemo"},
                  {"description",
                   "Signs in as that person; the answer sets the session's cookie. 404 where the "
                   "gateway does not offer it."},
                  {"security", Json::array()},
                  {"responses", answer}};
}

void AddOidc(std::map<std::string, Json>& paths) {
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
      {"responses", {{"303", {{"description", "To the provider"}}}, {"default", ProblemAnswer()}}}};
  paths["/auth/oidc/callback"]["get"] = {
      {"operationId", "finishOidc"},
      {"description", "Where the provider sends browsers back to; sets the session's cookie."},
      {"security", Json::array()},
      {"parameters",
       Json::array({parameter("code", "The provider's."), parameter("state", "Of the start.")})},
      {"responses",
       {{"200", {{"description", "A page that goes on at return_to"}}},
        {"default", ProblemAnswer()}}}};
}

}  // namespace

Json SchemaRef(std::string_view name) {
  return {{"$ref", "#/components/schemas/" + std::string(name)}};
}

Json ProblemAnswer() {
  return {{"description", "What is wrong"},
          {"content", {{"application/problem+json", {{"schema", SchemaRef("Problem")}}}}}};
}

void AddOwnPaths(std::map<std::string, Json>& paths) {
  AddSession(paths);
  AddOidc(paths);
}

void AddOwnSchemas(std::map<std::string, Json>& schemas) {
  const Json text = {{"type", "string"}};
  schemas["SignIn"] = {{"type", "object"},
                       {"properties", {{"name", text}, {"password", text}}},
                       {"required", {"name", "password"}}};
  schemas["DemoSignIn"] = {
      {"type", "object"},
      {"properties",
       {{"is_offered", {{"type", "boolean"}}},
        {"name", {{"type", "string"}, {"description", "The person's; absent: not offered."}}}}},
      {"required", {"is_offered"}}};
  schemas["Session"] = {
      {"type", "object"},
      {"description", "As AuthenticateResponse; after signing in also the person."},
      {"properties",
       {{"principal", text},
        {"role", text},
        {"csrf_token", {{"type", "string"}, {"description", "For X-CSRF-Token."}}},
        {"must_change_password", {{"type", "boolean"}}},
        {"seats",
         {{"type", "array"},
          {"description", "A person's, by team: member or lead. Not after signing in."},
          {"items", {{"type", "object"}, {"properties", {{"team", text}, {"role", text}}}}}}}}}};
  schemas["Page"] = {
      {"type", "object"},
      {"description", "Of a list."},
      {"properties",
       {{"next_cursor", {{"type", "string"}, {"description", "Absent: it was the last page."}}},
        {"total_count",
         {{"type", "integer"}, {"description", "Of all pages; absent: nobody has counted."}}}}}};
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

Json SharedParameters() {
  const auto parameter = [](const char* name, const char* in, const char* about, Json schema) {
    return Json{{"name", name}, {"in", in}, {"description", about}, {"schema", std::move(schema)}};
  };
  const Json text = {{"type", "string"}};
  return {
      {"limit", parameter("limit", "query", "Items of one page.",
                          {{"type", "integer"}, {"minimum", 1}, {"maximum", 1000}})},
      {"cursor", parameter("cursor", "query", "The last answer's next_cursor.", text)},
      {"sort", parameter("sort", "query",
                         "A field of the items, or a.b of one in it; -FIELD: the largest first. "
                         "Items without it: last.",
                         text)},
      {"filter", parameter("filter", "query",
                           "FIELD:TEXT, FIELD:TEXT* for what begins so, FIELD:*TEXT* for what "
                           "has it anywhere, FIELD:>NUMBER and FIELD:<NUMBER; may stand several "
                           "times. What an item does not have passes none.",
                           {{"type", "array"}, {"items", text}})},
      {"fields", parameter("fields", "query", "These alone, between commas.", text)},
      {"reason", parameter("reason", "query", "Why, for the audit log; at most 500 bytes.", text)},
      {"dry_run",
       parameter("dry_run", "query", "Tell what would be, change nothing.", {{"type", "boolean"}})},
      {"IdempotencyKey",
       parameter("Idempotency-Key", "header", "The same one within a day: the same answer.", text)},
      {"IfMatch", parameter("If-Match", "header",
                            "The ETag of what is changed: 409 when it has another by now.", text)}};
}

}  // namespace lanemq::portal
