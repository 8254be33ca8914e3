// Stores of trusted CAs, parsed once for each content and shared by all contexts.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace baton::http {

using Store = std::shared_ptr<X509_STORE>;

/// The store that trusts the CAs in `pem`, and nothing else; the system's CAs when `pem` is empty.
Result<Store> trustStore(const std::string& pem);

/// The newest error of this thread's OpenSSL queue as words; empties the queue.
std::string opensslError();

}  // namespace baton::http
