// Internet addresses as text.
#pragma once

#include <string>

namespace baton {

/// Whose doings are counted together: an IPv4 address, or the /64 of an IPv6 address, of which one host has as many as
/// it likes. What is no address stands for itself.
std::string networkOf(const std::string& address);

}  // namespace baton
