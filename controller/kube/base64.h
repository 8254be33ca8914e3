// RFC 4648 base64, as kubeconfig files and Secrets hold it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace baton::kube {

std::string base64Encode(std::string_view bytes);
/// Standard alphabet with padding; line ends are skipped, as Go's decoder does. Nothing when it is not that.
std::optional<std::string> base64Decode(std::string_view text);

}  // namespace baton::kube
