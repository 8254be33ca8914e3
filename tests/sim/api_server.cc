#include "sim/api_server.h"

#include "http/uri.h"
#include "sim/machine.h"

namespace baton::sim {
namespace {

constexpr size_t kHistory = 400;  // events of one kind
const Json kNothing;

http::Response answer(std::string body, int code = 200) {
  return {code, {{"Content-Type", "application/json"}}, std::move(body)};
}

http::Response notFound(const std::string& what) { return refusal(404, "NotFound", what + " not found"); }
http::Response conflict(const std::string& what) {
  return refusal(409, "Conflict",
                 what + ": the object has been modified; please apply your changes to the latest version");
}

}  // namespace

http::Response refusal(int code, const std::string& reason, const std::string& message) {
  return answer(Json{{"kind", "Status"},
                     {"apiVersion", "v1"},
                     {"status", "Failure"},
                     {"message", message},
                     {"reason", reason},
                     {"code", code}}
                    .dump(),
                code);
}

/// "/apis/GROUP/VERSION/namespaces/NS/PLURAL/NAME/SUB", "/api/v1/PLURAL".
ApiServer::Target ApiServer::parse(const std::string& target) {
  Target t;
  const auto [path, query] = http::splitTarget(target);
  auto parts = *http::segments(path);
  size_t at = parts.at(0) == "api" ? 2 : 3;
  if (parts.size() > at + 2 && parts[at] == "namespaces") at += 2;
  t.plural = parts.at(at);
  if (parts.size() > at + 1) t.name = parts[at + 1];
  if (parts.size() > at + 2) t.sub = parts[at + 2];
  if (query.empty()) return t;
  const auto parameters = http::parameters(query);
  for (const auto& [key, value] : *parameters) t.query[key] = value;
  return t;
}

http::Response ApiServer::handle(const http::Request& r, const std::string& who) {
  if (scheduler_.now() < downUntil) return refusal(503, "ServiceUnavailable", "the server is not there");
  const Target t = parse(r.target);
  if (t.plural == "endpointslices") return answer(endpoints_().dump());
  if (r.method == http::Method::Post) return create(t, r.body, who);
  if (r.method == http::Method::Get && t.name.empty()) return list(t.plural);
  const auto& all = objects_[t.plural];
  const auto found = all.find(t.name);
  if (found == all.end()) return notFound(t.plural + " \"" + t.name + "\"");
  if (r.method == http::Method::Patch) return patched(t, r.body, who);
  if (r.method == http::Method::Delete) return removed(t, r.body, who);
  return answer(found->second.text);
}

http::Response ApiServer::list(const std::string& plural) const {
  std::string body = R"({"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":")" + std::to_string(version_) +
                     R"("},"items":[)";
  const char* comma = "";
  if (const auto found = objects_.find(plural); found != objects_.end())
    for (const auto& [name, stored] : found->second) {
      body += comma + stored.text;
      comma = ",";
    }
  return answer(body + "]}");
}

http::Response ApiServer::create(const Target& t, const std::string& body, const std::string& who) {
  Json object = Json::parse(body);
  const std::string name = api::text(object["metadata"], "name");
  if (get(t.plural, name)) return refusal(409, "AlreadyExists", t.plural + " \"" + name + "\" already exists");
  return answer(store(t.plural, name, std::move(object), who).text, 201);
}

http::Response ApiServer::patched(const Target& t, const std::string& body, const std::string& who) {
  Stored& stored = objects_[t.plural].at(t.name);
  Json patch = Json::parse(body);
  const Json& wanted = api::object(patch, "metadata");
  const Json& have = stored.json["metadata"];
  for (const char* key : {"uid", "resourceVersion"})
    if (const std::string want = api::text(wanted, key); !want.empty() && want != api::text(have, key))
      return conflict(t.plural + " \"" + t.name + "\"");
  Json changed = stored.json;
  if (t.sub == "status")
    changed["status"].merge_patch(patch.value("status", Json::object()));
  else
    changed.merge_patch(patch);
  change(t.plural, stored, std::move(changed), who);
  return answer(stored.text);
}

http::Response ApiServer::removed(const Target& t, const std::string& body, const std::string& who) {
  const Json& metadata = objects_[t.plural].at(t.name).json["metadata"];
  const Json options = Json::parse(body, nullptr, false);
  if (options.is_object())
    for (const char* key : {"uid", "resourceVersion"})
      if (const std::string want = api::text(api::object(options, "preconditions"), key);
          !want.empty() && want != api::text(metadata, key))
        return conflict(t.plural + " \"" + t.name + "\"");
  erase(t.plural, t.name, who);
  return answer("{}");
}

const ApiServer::Stored& ApiServer::store(const std::string& plural, const std::string& name, Json object,
                                          const std::string& who) {
  Json& m = object["metadata"];
  m["namespace"] = kNamespace;
  if (!m.contains("uid")) m["uid"] = "u" + std::to_string(++born_);
  m["generation"] = 1;
  m["creationTimestamp"] = formatTimeSeconds(beginning() + std::chrono::microseconds(scheduler_.now()));
  m["resourceVersion"] = std::to_string(++version_);
  Stored& stored = objects_[plural][name];
  stored.text = object.dump();
  stored.json = std::move(object);
  tell(plural, "ADDED", stored.text);
  observe({plural, name, kNothing, stored.json, who});
  return stored;
}

void ApiServer::change(const std::string& plural, Stored& stored, Json changed, const std::string& who) {
  changed["metadata"]["resourceVersion"] = stored.json["metadata"]["resourceVersion"];
  if (changed == stored.json) return;  // the version stays, as on a real server
  Json& m = changed["metadata"];
  if (changed.value("spec", Json()) != stored.json.value("spec", Json()))
    m["generation"] = api::integer(m, "generation") + 1;
  m["resourceVersion"] = std::to_string(++version_);
  stored.text = changed.dump();
  const Json before = std::exchange(stored.json, std::move(changed));
  tell(plural, "MODIFIED", stored.text);
  const std::string name = api::text(stored.json["metadata"], "name");
  observe({plural, name, before, stored.json, who});
}

void ApiServer::put(const std::string& plural, Json object, const std::string& who) {
  const std::string name = api::text(object["metadata"], "name");
  store(plural, name, std::move(object), who);
}

bool ApiServer::patch(const std::string& plural, const std::string& name, const Json& by, const std::string& who) {
  const auto found = objects_[plural].find(name);
  if (found == objects_[plural].end()) return false;
  Json changed = found->second.json;
  changed.merge_patch(by);
  change(plural, found->second, std::move(changed), who);
  return true;
}

bool ApiServer::patchStatus(const std::string& plural, const std::string& name, const Json& status,
                            const std::string& who) {
  return patch(plural, name, {{"status", status}}, who);
}

void ApiServer::erase(const std::string& plural, const std::string& name, const std::string& who) {
  const auto found = objects_[plural].find(name);
  if (found == objects_[plural].end()) return;
  if (plural == "pods" && podDeletion_ && who != "kubelet") {
    if (found->second.json["metadata"].contains("deletionTimestamp")) return;
    Json changed = found->second.json;
    changed["metadata"]["deletionTimestamp"] =
        formatTimeSeconds(beginning() + std::chrono::microseconds(scheduler_.now()));
    change(plural, found->second, std::move(changed), who);
    return podDeletion_(name);
  }
  Json last = std::move(found->second.json);
  objects_[plural].erase(found);
  last["metadata"]["resourceVersion"] = std::to_string(++version_);
  tell(plural, "DELETED", last.dump());
  observe({plural, name, last, kNothing, who});
}

const Json* ApiServer::get(const std::string& plural, const std::string& name) const {
  const auto all = objects_.find(plural);
  if (all == objects_.end()) return nullptr;
  const auto found = all->second.find(name);
  return found == all->second.end() ? nullptr : &found->second.json;
}

std::vector<std::string> ApiServer::names(const std::string& plural) const {
  std::vector<std::string> all;
  if (const auto found = objects_.find(plural); found != objects_.end())
    for (const auto& [name, stored] : found->second) all.push_back(name);
  return all;
}

void ApiServer::tell(const std::string& plural, const char* kind, const std::string& text) {
  if (plural == "leases") return;  // nobody watches them
  const auto line =
      std::make_shared<const std::string>(std::string(R"({"type":")") + kind + R"(","object":)" + text + "}\n");
  auto& past = history_[plural];
  past.push_back({version_, line});
  if (past.size() > kHistory) {
    cutOff_[plural] = past.front().version;
    past.pop_front();
  }
  for (const auto& [id, w] : watches_)
    if (w.plural == plural) w.tell(line);
}

uint64_t ApiServer::watch(const std::string& plural, uint64_t version, Tell tell) {
  if (version < cutOff_[plural]) return 0;
  for (const auto& past : history_[plural])
    if (past.version > version) tell(past.line);
  watches_[++lastWatch_] = {plural, std::move(tell)};
  return lastWatch_;
}

void ApiServer::compact() {
  for (auto& [plural, past] : history_) {
    cutOff_[plural] = version_;
    past.clear();
  }
}

void ApiServer::observe(const Change& c) {
  for (const auto& f : observers_) f(c);
}

}  // namespace baton::sim
