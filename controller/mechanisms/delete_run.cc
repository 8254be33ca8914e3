// DeletePod: deletes the very pod that we know, with the rights of the group's account, and waits until it is gone. The
// pod's own grace period counts. On a node that does not answer, it is never gone: then the effect fails in time; but
// when the node itself is gone, or marked out of service, the pod is deleted without waiting for it.
#include <algorithm>
#include <chrono>
#include <utility>

#include "api/json.h"
#include "kube/request.h"
#include "mechanisms/pauses.h"
#include "mechanisms/runs.h"

namespace baton::mechanisms {
namespace {

constexpr std::chrono::milliseconds kLimit{4000};  // of one request
constexpr int kStandardLimit = 30;                 // seconds, for all of it

class DeleteRun final : public Run {
 public:
  using Run::Run;

 private:
  using Answer = Result<http::Response>;

  void begin() override {
    seconds_ = effect_.timeoutSeconds > 0 ? effect_.timeoutSeconds : kStandardLimit;
    until_ = options().clock.steady() + std::chrono::seconds(seconds_);
    if (!target_.pod) return succeed("the pod was gone already");
    remove();
  }

  void remove() {
    if (!mayStart(kLimit)) return;
    ++attempts_;
    kube::DeleteOptions o;
    o.uid = target_.pod->meta.uid;
    // No kubelet will ever say that it is gone:
    // https://kubernetes.io/docs/tasks/run-application/force-delete-stateful-set-pod/
    if (target_.nodeGone) o.gracePeriodSeconds = 0;
    kube::ApiRequest q = kube::remove(kube::resources::pods, group().meta.ns, effect_.id.pod, o);
    q.as = account();
    send(std::move(q), [this](Answer answer) { removed(std::move(answer)); });
  }

  void removed(Answer answer) {
    if (answer) return look();
    const Error& e = answer.error();
    if (e.kind == Error::Kind::NotFound) return succeed("deleted");
    if (e.kind == Error::Kind::Conflict) return look();  // another uid most likely
    if (!transient(e)) return fail(e.message);
    again(hookPause(attempts_), "it could not be deleted: " + e.message, [this] { remove(); });
  }

  void look() {
    kube::ApiRequest q = kube::get(kube::resources::pods, group().meta.ns, effect_.id.pod);
    q.accept = kube::kMetadataOnly;
    send(std::move(q), [this](Answer answer) { seen(std::move(answer)); });
  }

  void seen(Answer answer) {
    std::string why = "it is still there";
    if (answer) {
      const api::Json j = api::Json::parse(answer->body, nullptr, false);
      const std::string uid = j.is_object() ? api::metaFromJson(api::object(j, "metadata")).uid : "";
      if (!uid.empty() && uid != target_.pod->meta.uid) return succeed("deleted; there is another pod of its name");
    } else {
      if (answer.error().kind == Error::Kind::NotFound) return succeed("deleted");
      if (!transient(answer.error())) return fail(answer.error().message);
      why = answer.error().message;
    }
    again(gonePause(++looks_), why, [this] { look(); });
  }

  /// Goes on after the pause, unless time is up.
  void again(Milliseconds pause, const std::string& why, std::function<void()> f) {
    const auto left = std::chrono::duration_cast<Milliseconds>(until_ - options().clock.steady());
    if (left.count() <= 0)
      return fail("pod " + effect_.id.pod + " is not gone within " + std::to_string(seconds_) + " s: " + why);
    later(std::min(pause, left), std::move(f));
  }

  void send(kube::ApiRequest q, std::function<void(Answer)> then) {
    const auto left = std::chrono::ceil<Milliseconds>(until_ - options().clock.steady());
    q.lane = kube::Lane::RoleChange;
    q.timeout = std::clamp(left, Milliseconds(500), kLimit);
    q.retries = 0;
    request(std::move(q), std::move(then));
  }

  int seconds_ = 0;
  Steady until_{};
  int looks_ = 0;
};

}  // namespace

std::shared_ptr<Run> deleteRun(RunArguments a) {
  return std::make_shared<DeleteRun>(std::move(a.context), std::move(a.effect), std::move(a.target), std::move(a.done));
}

}  // namespace baton::mechanisms
