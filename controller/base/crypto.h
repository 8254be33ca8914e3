// Hashes, message authentication codes, base64, randomness and comparison in constant time: OpenSSL's, as strings.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace baton {

// Raw bytes.
std::string sha256(std::string_view data);
std::string hmacSha256(std::string_view key, std::string_view data);
std::string hmacSha1(std::string_view key, std::string_view data);

/// Lower case.
std::string hex(std::string_view bytes);

/// RFC 4648, with padding.
std::string base64(std::string_view bytes);
std::optional<std::string> fromBase64(std::string_view text);
/// RFC 4648 section 5, without padding: for names, headers and URLs.
std::string base64Url(std::string_view bytes);
std::optional<std::string> fromBase64Url(std::string_view text);

/// Of the operating system. Throws std::runtime_error when it gives none.
std::string randomBytes(size_t count);

/// How long it takes tells nothing but the lengths.
bool sameSecret(std::string_view a, std::string_view b);

}  // namespace baton
