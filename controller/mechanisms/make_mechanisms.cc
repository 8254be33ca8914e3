#include "mechanisms/make_mechanisms.h"

#include <utility>
#include <variant>

#include "mechanisms/runs.h"

namespace baton::mechanisms {
namespace {

class FailedRun final : public Run {
 public:
  FailedRun(RunArguments a, std::string message)
      : Run(std::move(a.context), std::move(a.effect), std::move(a.target), std::move(a.done)),
        message_(std::move(message)) {}

 private:
  void begin() override { fail(message_); }
  const std::string message_;
};

std::shared_ptr<Run> hookRun(RunArguments a) {
  const api::HookKind kind = a.effect.id.hook;
  const std::shared_ptr<const api::HaGroup> group = a.target.group;
  const api::Hook* hook = group->spec->hook(kind);
  if (!hook) return failedRun(std::move(a), "the group has no hook " + std::string(api::name(kind)));
  return std::holds_alternative<api::ExecAction>(hook->action) ? execRun(std::move(a), *hook)
                                                               : httpRun(std::move(a), *hook);
}

std::shared_ptr<Run> makeRun(RunArguments a) {
  using Kind = ha::EffectId::Kind;
  switch (a.effect.id.kind) {
    case Kind::Hook:
      return hookRun(std::move(a));
    case Kind::SetPrimary:
    case Kind::SetStandby:
    case Kind::MarkFollowed:
      return labelRun(std::move(a));
    case Kind::CheckRouting:
      return routingRun(std::move(a));
    case Kind::DeletePod:
      return deleteRun(std::move(a));
  }
  return failedRun(std::move(a), "unknown kind of effect");
}

class RealMechanisms final : public Mechanisms {
 public:
  explicit RealMechanisms(MechanismsOptions options) : context_(std::make_shared<Context>(std::move(options))) {}
  ~RealMechanisms() override { context_->abortAll(); }

  http::CallHandle run(const ha::Effect& effect, Target target, Done done) override {
    const std::shared_ptr<Run> r = makeRun({context_, effect, std::move(target), std::move(done)});
    r->start();
    return r;
  }

 private:
  const std::shared_ptr<Context> context_;
};

}  // namespace

std::shared_ptr<Run> failedRun(RunArguments a, std::string message) {
  return std::make_shared<FailedRun>(std::move(a), std::move(message));
}

std::shared_ptr<Mechanisms> makeMechanisms(MechanismsOptions options) {
  return std::make_shared<RealMechanisms>(std::move(options));
}

}  // namespace baton::mechanisms
