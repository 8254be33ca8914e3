// SetPrimary, SetStandby, MarkFollowed: one patch of the pod's metadata, on condition that the pod is as we know it.
// When it is not, it is read anew, and written again only if that is still right.
#include <chrono>
#include <utility>

#include "kube/request.h"
#include "mechanisms/label_patch.h"
#include "mechanisms/pauses.h"
#include "mechanisms/runs.h"

namespace baton::mechanisms {
namespace {

constexpr std::chrono::milliseconds kLimit{4000};  // of one request; the pauses and tries between them are ours
constexpr int kMostTries = 8;

class LabelRun final : public Run {
 public:
  using Run::Run;

 private:
  using Answer = Result<http::Response>;

  void begin() override {
    wanted_ = labelling(effect_, group());
    if (!target_.pod) return failGone("pod " + effect_.id.pod + " is gone");
    pod_ = *target_.pod;
    write();
  }

  void write() {
    if (!mayStart(kLimit)) return;
    ++attempts_;
    kube::ApiRequest q =
        kube::mergePatch(kube::resources::pods, pod_.meta.ns, pod_.meta.name, labelPatch(pod_, wanted_));
    q.accept = kube::kMetadataOnly;
    send(std::move(q), [this](Answer answer) { written(std::move(answer)); });
  }

  void written(Answer answer) {
    if (!answer) return refused(answer.error(), answer.error().kind == Error::Kind::Conflict);
    Result<api::Pod> pod = api::withMetadata(pod_, answer->body);
    if (!pod) return refused(pod.error(), true);
    learned(std::move(pod).value());
    succeed(description());
  }

  void read() {
    send(kube::get(kube::resources::pods, pod_.meta.ns, pod_.meta.name), [this](Answer a) { wasRead(std::move(a)); });
  }

  void wasRead(Answer answer) {
    if (!answer) return refused(answer.error(), true);
    Result<api::Pod> pod = api::decodePod(answer->body);
    if (!pod) return refused(pod.error(), true);
    if (pod->meta.uid != pod_.meta.uid)
      return failGone("pod " + effect_.id.pod + " is gone; there is another one of its name");
    pod_ = std::move(pod).value();
    learned(pod_);
    if (const auto newer = newerEpoch(pod_, effect_.epoch))
      return fail("superseded by epoch " + std::to_string(*newer));
    if (has(pod_, wanted_)) return succeed(description());
    write();
  }

  /// A write or read has failed. Whether a write without an answer took effect shows in the next one: it conflicts.
  void refused(const Error& error, bool readAgain) {
    const bool conflict = error.kind == Error::Kind::Conflict;
    if (error.kind == Error::Kind::NotFound) return failGone("pod " + effect_.id.pod + " is gone");
    if (!conflict && !transient(error)) return fail(error.message);
    if (++failures_ >= kMostTries)
      return fail("gave up after " + std::to_string(failures_) + " tries: " + error.message);
    auto pause = conflict ? conflictPause(failures_) : hookPause(failures_);
    if (error.retryAfter) pause = std::max<Milliseconds>(pause, *error.retryAfter);
    later(pause, [this, readAgain] { readAgain ? read() : write(); });
  }

  void send(kube::ApiRequest q, std::function<void(Answer)> then) {
    q.lane = kube::Lane::RoleChange;
    q.timeout = kLimit;
    q.retries = 0;
    request(std::move(q), std::move(then));
  }

  std::string description() const {
    return wanted_.key + "=" + wanted_.value + (wanted_.epoch ? ", epoch " + std::to_string(*wanted_.epoch) : "");
  }

  Labelling wanted_;
  api::Pod pod_;  // as last known
  int failures_ = 0;
};

}  // namespace

std::shared_ptr<Run> labelRun(RunArguments a) {
  return std::make_shared<LabelRun>(std::move(a.context), std::move(a.effect), std::move(a.target), std::move(a.done));
}

}  // namespace baton::mechanisms
