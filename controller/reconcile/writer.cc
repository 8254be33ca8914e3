#include "reconcile/writer.h"

#include "kube/lean_json.h"

namespace baton::reconcile {
namespace {

template <class T>
Result<std::shared_ptr<const T>> decode(const std::string& body, const std::function<T(const api::Json&)>& fromJson) {
  const api::Json j = kube::parseLean(body);
  if (j.is_discarded()) return internal("the API server's answer is not JSON");
  return std::shared_ptr<const T>(std::make_shared<T>(fromJson(j)));
}

}  // namespace

template <class T>
void StatusWriter::refresh(const kube::Resource& resource, const api::Meta& meta,
                           std::function<T(const api::Json&)> fromJson, std::function<void(Status)> then) {
  auto request = kube::get(resource, meta.ns, meta.name);
  request.lane = kube::Lane::RoleChange;
  client_.send(std::move(request), [this, fromJson, then = std::move(then)](Result<http::Response> r) {
    if (!r) return then(std::move(r).error());
    auto object = decode<T>(r->body, fromJson);
    if (!object) return then(std::move(object).error());
    world_.seen(std::move(*object));
    then(Ok{});
  });
}

template <class T>
void StatusWriter::send(const kube::Resource& resource, const api::Meta& meta, const api::Json& status, kube::Lane lane,
                        std::function<T(const api::Json&)> fromJson,
                        std::function<void(Result<std::shared_ptr<const T>>)> done) {
  const api::Json body = {{"metadata", {{"resourceVersion", std::to_string(meta.resourceVersion)}}},
                          {"status", status}};
  auto request = kube::mergePatch(resource, meta.ns, meta.name,
                                  body.dump(-1, ' ', false, api::Json::error_handler_t::replace), "status");
  request.lane = lane;
  request.stillWanted = mayWrite_;
  client_.send(std::move(request), [this, resource, meta, fromJson, done = std::move(done)](Result<http::Response> r) {
    if (!r) {
      if (r.error().kind != Error::Kind::Conflict) return done(std::move(r).error());
      // Our own copy is old; the next decision needs the newer one, and the watch may be late.
      return refresh<T>(resource, meta, fromJson, [done, conflict = std::move(r).error()](Status read) {
        done(read.ok() ? conflict : std::move(read).error());
      });
    }
    auto object = decode<T>(r->body, fromJson);
    if (object) world_.learned(*object);
    done(std::move(object));
  });
}

void StatusWriter::write(const api::HaGroup& before, const api::HaGroupStatus& status, kube::Lane lane,
                         GroupDone done) {
  send<api::HaGroup>(kube::resources::haGroups, before.meta, api::mergeDiff(toJson(before.status), toJson(status)),
                     lane, api::haGroupFromJson, std::move(done));
}

void StatusWriter::write(const api::SwitchoverRequest& before, const api::SwitchoverStatus& status, kube::Lane lane,
                         RequestDone done) {
  send<api::SwitchoverRequest>(kube::resources::switchoverRequests, before.meta,
                               api::mergeDiff(toJson(before.status), toJson(status)), lane, api::switchoverFromJson,
                               std::move(done));
}

void StatusWriter::remove(const api::SwitchoverRequest& r, std::function<void(Status)> done) {
  kube::DeleteOptions options;
  options.uid = r.meta.uid;
  auto request = kube::remove(kube::resources::switchoverRequests, r.meta.ns, r.meta.name, options);
  request.stillWanted = mayWrite_;
  client_.send(std::move(request), [done = std::move(done)](Result<http::Response> answer) {
    if (answer || answer.error().kind == Error::Kind::NotFound || answer.error().kind == Error::Kind::Conflict)
      return done(Ok{});
    done(std::move(answer).error());
  });
}

}  // namespace baton::reconcile
