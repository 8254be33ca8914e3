// A folder that goes away with the test.
#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace baton::kube {

class TempDir {
 public:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "baton-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::string path(const std::string& name = {}) const { return name.empty() ? path_ : path_ + "/" + name; }

  /// Replaces the file at once, as the kubelet and cert-manager do.
  std::string write(const std::string& name, const std::string& text) const {
    const std::string to = path(name);
    std::filesystem::create_directories(std::filesystem::path(to).parent_path());
    std::ofstream(to + ".new") << text;
    std::filesystem::rename(to + ".new", to);
    return to;
  }
  std::string script(const std::string& name, const std::string& text) const {
    const std::string to = write(name, "#!/bin/sh\n" + text);
    ::chmod(to.c_str(), 0755);
    return to;
  }

 private:
  std::string path_;
};

}  // namespace baton::kube
