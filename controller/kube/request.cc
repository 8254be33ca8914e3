#include "kube/request.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace baton::kube {
namespace {

constexpr const char* kJson = "application/json";

// https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
constexpr const char* kMergePatch = "application/merge-patch+json";
constexpr const char* kJsonPatch = "application/json-patch+json";
constexpr const char* kApplyPatch = "application/apply-patch+yaml";

/// Appends "?a=b&c=d" to a path.
class Query {
 public:
  explicit Query(std::string path) : target_(std::move(path)) {}

  Query& add(std::string_view key, std::string_view value) {
    target_ += separator_;
    target_ += key;
    target_ += '=';
    target_ += http::encode(value);
    separator_ = '&';
    return *this;
  }
  Query& addUnlessEmpty(std::string_view key, std::string_view value) {
    return value.empty() ? *this : add(key, value);
  }
  Query& flag(std::string_view key, bool value) { return value ? add(key, "true") : *this; }
  std::string take() { return std::move(target_); }

 private:
  std::string target_;
  char separator_ = '?';
};

ApiRequest write(http::Method method, std::string path, const char* contentType, std::string body, bool idempotent) {
  ApiRequest q;
  q.method = method;
  q.target = Query(std::move(path)).add("fieldManager", kFieldManager).take();
  q.contentType = contentType;
  q.body = std::move(body);
  q.idempotent = idempotent;
  return q;
}

}  // namespace

Impersonation serviceAccount(const std::string& ns, const std::string& name) {
  // Without groups: the server then adds those of the account by itself, and the right to impersonate service accounts
  // is enough. Naming them would need the right to impersonate groups, too.
  // https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/endpoints/filters/impersonation/
  Impersonation as;
  as.user = "system:serviceaccount:" + ns + ":" + name;
  return as;
}

std::string path(const Resource& r, const std::string& ns, const std::string& name, const std::string& subresource) {
  std::string p = r.group.empty() ? "/api/" : "/apis/" + r.group + "/";
  p += r.version;
  if (!ns.empty()) p += "/namespaces/" + http::encode(ns);
  p += "/" + r.plural;
  if (!name.empty()) p += "/" + http::encode(name);
  if (!subresource.empty()) p += "/" + subresource;
  return p;
}

ApiRequest get(const Resource& r, const std::string& ns, const std::string& name) {
  ApiRequest q;
  q.target = path(r, ns, name);
  return q;
}

ApiRequest list(const Resource& r, const std::string& ns, const ListOptions& options) {
  ApiRequest q;
  Query query(path(r, ns));
  if (options.limit > 0) query.add("limit", std::to_string(options.limit));
  query.addUnlessEmpty("continue", options.continueToken)
      .addUnlessEmpty("labelSelector", options.labelSelector)
      .addUnlessEmpty("fieldSelector", options.fieldSelector)
      .addUnlessEmpty("resourceVersion", options.resourceVersion)
      .addUnlessEmpty("resourceVersionMatch", options.resourceVersionMatch);
  q.target = query.take();
  if (options.metadataOnly) q.accept = kMetadataOnlyList;
  return q;
}

ApiRequest watch(const Resource& r, const std::string& ns, const WatchOptions& options) {
  ApiRequest q;
  Query query(path(r, ns));
  query.add("watch", "true")
      .add("allowWatchBookmarks", "true")
      .add("timeoutSeconds", std::to_string(options.timeout.count()))
      .addUnlessEmpty("labelSelector", options.labelSelector)
      .addUnlessEmpty("fieldSelector", options.fieldSelector)
      .addUnlessEmpty("resourceVersion", options.resourceVersion);
  // The server requires the match with sendInitialEvents, and refuses it without.
  if (options.sendInitialEvents) query.add("sendInitialEvents", "true").add("resourceVersionMatch", "NotOlderThan");
  q.target = query.take();
  if (options.metadataOnly) q.accept = kMetadataOnly;
  q.timeout = std::chrono::seconds(120);
  return q;
}

ApiRequest create(const Resource& r, const std::string& ns, std::string body) {
  return write(http::Method::Post, path(r, ns), kJson, std::move(body), false);
}

ApiRequest replace(const Resource& r, const std::string& ns, const std::string& name, std::string body,
                   const std::string& subresource) {
  return write(http::Method::Put, path(r, ns, name, subresource), kJson, std::move(body), true);
}

ApiRequest mergePatch(const Resource& r, const std::string& ns, const std::string& name, std::string body,
                      const std::string& subresource) {
  return write(http::Method::Patch, path(r, ns, name, subresource), kMergePatch, std::move(body), true);
}

ApiRequest jsonPatch(const Resource& r, const std::string& ns, const std::string& name, std::string body,
                     const std::string& subresource) {
  return write(http::Method::Patch, path(r, ns, name, subresource), kJsonPatch, std::move(body), false);
}

ApiRequest apply(const Resource& r, const std::string& ns, const std::string& name, std::string body, bool force,
                 const std::string& subresource) {
  ApiRequest q = write(http::Method::Patch, path(r, ns, name, subresource), kApplyPatch, std::move(body), true);
  if (force) q.target += "&force=true";
  return q;
}

ApiRequest remove(const Resource& r, const std::string& ns, const std::string& name, const DeleteOptions& options) {
  nlohmann::json body = {{"kind", "DeleteOptions"}, {"apiVersion", "v1"}};
  if (!options.uid.empty()) body["preconditions"]["uid"] = options.uid;
  if (!options.resourceVersion.empty()) body["preconditions"]["resourceVersion"] = options.resourceVersion;
  if (options.gracePeriodSeconds) body["gracePeriodSeconds"] = *options.gracePeriodSeconds;
  if (!options.propagationPolicy.empty()) body["propagationPolicy"] = options.propagationPolicy;
  if (options.dryRun) body["dryRun"] = {"All"};
  ApiRequest q;
  q.method = http::Method::Delete;
  q.target = path(r, ns, name);
  q.contentType = kJson;
  q.body = body.dump();
  q.idempotent = !options.uid.empty();
  return q;
}

std::string execTarget(const std::string& ns, const std::string& pod, const ExecOptions& options) {
  Query query(path(resources::pods, ns, pod, "exec"));
  for (const std::string& argument : options.command) query.add("command", argument);
  return query.addUnlessEmpty("container", options.container)
      .flag("stdout", options.standardOutput)
      .flag("stderr", options.standardError)
      .take();
}

}  // namespace baton::kube
