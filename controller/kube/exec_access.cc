#include "kube/exec_access.h"

#include <utility>

#include "kube/impersonation.h"

namespace baton::kube {

ExecAccess execAccess(const Config& config, const std::string& version) {
  return {config.server, config.pathPrefix, config.tls, config.authenticator, config.as, "baton/" + version};
}

void execHeaders(const ExecAccess& access, const std::optional<Impersonation>& as,
                 std::function<void(Result<ExecHeaders>)> done) {
  http::Headers headers = {{"User-Agent", access.userAgent}};
  if (const auto& who = as ? as : access.as) {
    auto more = impersonationHeaders(*who);
    if (!more) return done(std::move(more).error());
    for (auto& header : *more) headers.push_back(std::move(header));
  }
  access.authenticator->credential(
      [headers = std::move(headers), done = std::move(done)](Result<Credential> credential) mutable {
        if (!credential) return done(std::move(credential).error());
        if (!credential->authorization.empty())
          headers.emplace_back("Authorization", std::move(credential->authorization));
        done(ExecHeaders{std::move(headers), credential->serial});
      });
}

}  // namespace baton::kube
