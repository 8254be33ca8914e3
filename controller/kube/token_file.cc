#include "kube/token_file.h"

#include <algorithm>
#include <utility>

#include "kube/file.h"

namespace baton::kube {
namespace {

class TokenFile : public Authenticator {
 public:
  TokenFile(const std::string& path, std::string fallback, const Clock& clock)
      : path_(path), fallback_(std::move(fallback)), file_(path, clock) {}

  void credential(std::function<void(Result<Credential>)> done) override {
    auto content = file_.read();
    if (!content && !fallback_.empty()) return done(Credential{"Bearer " + fallback_, 0});
    if (!content) return done(std::move(content).error().within("token file"));
    auto token = checkToken(content->text, path_);
    if (!token) return done(std::move(token).error());
    done(Credential{"Bearer " + *token, content->serial});
  }

  bool refused(uint64_t serial) override { return file_.changedSince(serial); }

 private:
  const std::string path_;
  const std::string fallback_;
  RotatingFile file_;
};

}  // namespace

std::shared_ptr<Authenticator> tokenFile(const std::string& path, const std::string& fallback, const Clock& clock) {
  return std::make_shared<TokenFile>(path, fallback, clock);
}

Result<std::string> checkToken(const std::string& token, const std::string& where) {
  constexpr const char* kBlank = " \t\r\n";
  const size_t begin = token.find_first_not_of(kBlank);
  if (begin == std::string::npos) return invalid(where + ": expected a token, found nothing");
  const std::string trimmed = token.substr(begin, token.find_last_not_of(kBlank) - begin + 1);
  const bool fits = std::all_of(trimmed.begin(), trimmed.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (!fits) return invalid(where + ": the token holds characters that can't stand in an HTTP header");
  return trimmed;
}

}  // namespace baton::kube
