#include "cli/cluster.h"

#include <future>

#include "cli/version.h"
#include "kube/api_client.h"

namespace baton::cli {

Result<std::unique_ptr<Cluster>> Cluster::connect(const Options& o) {
  kube::ConfigOptions wanted;
  wanted.kubeconfig = o.kubeconfig;
  wanted.context = o.context;
  wanted.inClusterFirst = false;
  auto config = kube::loadConfig(wanted);
  if (!config) return std::move(config).error();
  std::unique_ptr<Cluster> cluster(new Cluster);
  auto options = kube::apiClientOptions(*config, cluster->timers_, version());
  options.userAgent = "kubectl-baton/" + version();
  cluster->client_ = kube::makeApiClient(std::move(options));
  cluster->ns_ = o.ns.empty() ? config->ns : o.ns;
  return cluster;
}

Cluster::~Cluster() {
  if (client_) client_->shutDown();
  timers_.stop();
}

Result<std::string> Cluster::send(kube::ApiRequest request) {
  request.retries = 1;  // a person waits
  // Shared: the answer may come after this process has given up on it.
  const auto answer = std::make_shared<std::promise<Result<http::Response>>>();
  client_->send(std::move(request), [answer](Result<http::Response> r) { answer->set_value(std::move(r)); });
  Result<http::Response> r = answer->get_future().get();
  if (!r) return std::move(r).error();
  return std::move(r->body);
}

Result<api::Json> Cluster::sendForObject(kube::ApiRequest request) {
  auto body = send(std::move(request));
  if (!body) return std::move(body).error();
  api::Json object = api::Json::parse(*body, nullptr, false);
  if (!object.is_object()) return internal("the API server's answer is not a JSON object");
  return object;
}

Result<api::Json> Cluster::get(const kube::Resource& r, const std::string& ns, const std::string& name) {
  return sendForObject(kube::get(r, ns, name));
}

Result<api::Json> Cluster::list(const kube::Resource& r, const std::string& ns, const std::string& fieldSelector) {
  kube::ListOptions options;
  options.limit = 0;
  options.fieldSelector = fieldSelector;
  return sendForObject(kube::list(r, ns, options));
}

Result<api::Json> Cluster::requestsOf(const std::string& group) {
  return list(kube::resources::switchoverRequests, ns_, "spec.groupRef.name=" + group);
}

Result<api::Json> Cluster::create(const kube::Resource& r, const std::string& ns, const api::Json& body) {
  kube::ApiRequest request = kube::create(r, ns, body.dump());
  request.idempotent = false;
  return sendForObject(std::move(request));
}

Result<api::Json> Cluster::patch(const kube::Resource& r, const std::string& ns, const std::string& name,
                                 const api::Json& patch) {
  return sendForObject(kube::mergePatch(r, ns, name, patch.dump()));
}

}  // namespace baton::cli
