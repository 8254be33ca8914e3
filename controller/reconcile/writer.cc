#include "reconcile/writer.h"

#include <chrono>

#include "kube/lean_json.h"
#include "reconcile/decoders.h"

namespace baton::reconcile {
namespace {

/// What is asked before something is done: a group has no turn while it waits, so a question that is lost must not
/// cost more than a failover takes. It is asked again.
constexpr std::chrono::milliseconds kQuestionLimit{5000};
/// A write whose answer is lost is looked up, so it need not be waited for either; etcd may be slow.
constexpr std::chrono::milliseconds kWriteLimit{10000};

template <class T>
Result<std::shared_ptr<const T>> decode(const std::string& body, const std::function<T(const api::Json&)>& fromJson) {
  const api::Json j = kube::parseLean(body);
  if (j.is_discarded()) return internal("the API server's answer is not JSON");
  return std::shared_ptr<const T>(std::make_shared<T>(fromJson(j)));
}

/// The answer leaves open whether it was stored: none came, or our own earlier try made the conflict.
bool unclear(const Error& e) {
  return e.kind == Error::Kind::Conflict || e.kind == Error::Kind::Timeout || e.kind == Error::Kind::Unavailable;
}

}  // namespace

template <class T>
void StatusWriter::read(const kube::Resource& resource, const api::Meta& meta,
                        std::function<T(const api::Json&)> fromJson,
                        std::function<void(Result<std::shared_ptr<const T>>)> then) {
  auto request = kube::get(resource, meta.ns, meta.name);
  request.lane = kube::Lane::RoleChange;
  request.timeout = kQuestionLimit;
  client_.send(std::move(request), [this, fromJson, then = std::move(then)](Result<http::Response> r) {
    if (!r) return then(std::move(r).error());
    auto object = decode<T>(r->body, fromJson);
    if (object) world_.seen(*object);
    then(std::move(object));
  });
}

template <class T>
void StatusWriter::send(const kube::Resource& resource, const T& before, const api::Json& wanted, kube::Lane lane,
                        std::function<T(const api::Json&)> fromJson,
                        std::function<void(Result<std::shared_ptr<const T>>)> done) {
  const api::Json body = {{"metadata", {{"resourceVersion", std::to_string(before.meta.resourceVersion)}}},
                          {"status", api::mergeDiff(toJson(before.status), wanted)}};
  auto request = kube::mergePatch(resource, before.meta.ns, before.meta.name,
                                  body.dump(-1, ' ', false, api::Json::error_handler_t::replace), "status");
  request.lane = lane;
  request.timeout = kWriteLimit;
  request.stillWanted = mayWrite_;
  client_.send(std::move(request), [this, resource, meta = before.meta, wanted, fromJson,
                                    done = std::move(done)](Result<http::Response> r) {
    if (r) {
      auto object = decode<T>(r->body, fromJson);
      if (object) world_.learned(*object);
      return done(std::move(object));
    }
    if (!unclear(r.error())) return done(std::move(r).error());
    // Our own copy may be old; the next decision needs the newer one, and the watch may be late.
    read<T>(resource, meta, fromJson, [=, failed = std::move(r).error()](Result<std::shared_ptr<const T>> now) {
      const bool newer = failed.kind == Error::Kind::Conflict;
      if (!now) return done(newer ? std::move(now).error() : failed);
      const bool landed = (*now)->meta.uid == meta.uid && toJson((*now)->status) == wanted;
      landed ? done(std::move(now)) : done(failed);
    });
  });
}

template <class T>
void StatusWriter::compare(const kube::Resource& resource, const T& known, std::function<T(const api::Json&)> fromJson,
                           std::function<void(Status)> done) {
  read<T>(resource, known.meta, fromJson,
          [meta = known.meta, done = std::move(done)](Result<std::shared_ptr<const T>> now) {
            if (!now) return done(std::move(now).error());
            const bool same = (*now)->meta.uid == meta.uid && (*now)->meta.resourceVersion == meta.resourceVersion;
            done(same ? Status(Ok{}) : Status(conflict(meta.name + " has changed")));
          });
}

template <class T>
void StatusWriter::absent(const kube::Resource& resource, const api::Meta& meta,
                          std::function<T(const api::Json&)> fromJson, std::function<void(Status)> done) {
  read<T>(resource, meta, fromJson, [meta, done = std::move(done)](Result<std::shared_ptr<const T>> now) {
    if (!now) return done(now.error().kind == Error::Kind::NotFound ? Status(Ok{}) : Status(std::move(now).error()));
    const bool another = !meta.uid.empty() && (*now)->meta.uid != meta.uid;
    done(another ? Status(Ok{}) : Status(conflict(meta.name + " is there")));
  });
}

void StatusWriter::confirmNoGroup(const std::string& ns, const std::string& name, std::function<void(Status)> done) {
  api::Meta meta;
  meta.ns = ns;
  meta.name = name;
  absent<api::HaGroup>(kube::resources::haGroups, meta, api::haGroupFromJson, std::move(done));
}

void StatusWriter::confirmNoRequest(const std::string& ns, const std::string& name, const std::string& uid,
                                    std::function<void(Status)> done) {
  api::Meta meta;
  meta.ns = ns;
  meta.name = name;
  meta.uid = uid;
  absent<api::SwitchoverRequest>(kube::resources::switchoverRequests, meta, api::switchoverFromJson, std::move(done));
}

void StatusWriter::write(const api::HaGroup& before, const api::HaGroupStatus& status, kube::Lane lane,
                         GroupDone done) {
  send<api::HaGroup>(kube::resources::haGroups, before, toJson(status), lane, api::haGroupFromJson, std::move(done));
}

void StatusWriter::write(const api::SwitchoverRequest& before, const api::SwitchoverStatus& status, kube::Lane lane,
                         RequestDone done) {
  send<api::SwitchoverRequest>(kube::resources::switchoverRequests, before, toJson(status), lane,
                               api::switchoverFromJson, std::move(done));
}

void StatusWriter::confirm(const api::HaGroup& known, std::function<void(Status)> done) {
  compare<api::HaGroup>(kube::resources::haGroups, known, api::haGroupFromJson, std::move(done));
}

void StatusWriter::confirm(const api::SwitchoverRequest& known, std::function<void(Status)> done) {
  compare<api::SwitchoverRequest>(kube::resources::switchoverRequests, known, api::switchoverFromJson, std::move(done));
}

void StatusWriter::confirmPod(const std::string& ns, const std::string& name, std::function<void(Status)> done) {
  auto request = kube::get(kube::resources::pods, ns, name);
  request.lane = kube::Lane::RoleChange;
  request.timeout = kQuestionLimit;
  client_.send(std::move(request), [this, name, done = std::move(done)](Result<http::Response> r) {
    // Gone is worse than whatever was known of it.
    if (!r && r.error().kind == Error::Kind::NotFound) return done(Ok{});
    if (!r) return done(std::move(r).error());
    auto pod = api::decodePod(r->body);
    if (!pod) return done(std::move(pod).error());
    if (world_.knows(*pod)) return done(Ok{});
    world_.seen(std::make_shared<const api::Pod>(std::move(*pod)));
    done(conflict("pod " + name + " has changed"));
  });
}

void StatusWriter::create(const std::string& ns, std::string body, std::function<void(Status)> done) {
  auto request = kube::create(kube::resources::switchoverRequests, ns, std::move(body));
  request.lane = kube::Lane::RoleChange;
  request.stillWanted = mayWrite_;
  client_.send(std::move(request), [this, done = std::move(done)](Result<http::Response> r) {
    if (!r) return done(std::move(r).error());
    auto made = decode<api::SwitchoverRequest>(r->body, api::switchoverFromJson);
    if (!made) return done(std::move(made).error());
    world_.seen(*made);
    done(Ok{});
  });
}

void StatusWriter::confirmPods(const api::HaGroup& group, std::function<void(Status)> done) {
  const auto [key, value] = group.spec->selector.indexPair();
  kube::ListOptions options;
  options.limit = 0;
  if (!key.empty()) options.labelSelector = key + "=" + value;
  auto request = kube::list(kube::resources::pods, group.meta.ns, options);
  request.lane = kube::Lane::RoleChange;
  request.timeout = kQuestionLimit;
  client_.send(std::move(request), [this, name = group.meta.name, done = std::move(done)](Result<http::Response> r) {
    if (!r) return done(std::move(r).error());
    Result<api::PodList> list = api::decodePodList(std::move(r->body));
    if (!list) return done(std::move(list).error());
    bool same = true;
    for (auto& pod : list->items) {
      if (world_.knows(pod)) continue;
      same = false;
      world_.seen(std::make_shared<const api::Pod>(std::move(pod)));
    }
    done(same ? Status(Ok{}) : Status(conflict("pods of " + name + " have changed")));
  });
}

void StatusWriter::confirmRequests(const api::HaGroup& group, std::function<void(Status)> done) {
  kube::ListOptions options;
  options.limit = 0;
  options.fieldSelector = "spec.groupRef.name=" + group.meta.name;
  for (const auto end :
       {api::Phase::Succeeded, api::Phase::Rejected, api::Phase::RolledBack, api::Phase::Failed, api::Phase::Cancelled})
    options.fieldSelector += ",status.phase!=" + std::string(api::name(end));
  auto request = kube::list(kube::resources::switchoverRequests, group.meta.ns, options);
  request.lane = kube::Lane::RoleChange;
  request.timeout = kQuestionLimit;
  client_.send(std::move(request), [this, name = group.meta.name, done = std::move(done)](Result<http::Response> r) {
    if (!r) return done(std::move(r).error());
    auto page = requestDecoder().decodeList(std::move(r->body));
    if (!page) return done(std::move(page).error());
    bool same = true;
    for (auto& item : page->items) {
      if (item->spec.group != name || world_.knows(*item)) continue;
      same = false;
      world_.seen(std::move(item));
    }
    done(same ? Status(Ok{}) : Status(conflict("requests of " + name + " have changed")));
  });
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
