#include <fmt/core.h>

#include <charconv>
#include <system_error>

#include "io/fd.hpp"
#include "io/file.hpp"
#include "keys/envelope.hpp"
#include "keys/hex.hpp"
#include "keys/keys.hpp"
#include "keys/store_json.hpp"

namespace meshctl {
namespace {

constexpr std::size_t kVaultLimit = std::size_t{64}
                                    << 20;  // bytes; RSA keys and certificates of 1,000 hosts are about ten

Result<Secret> read_key_file(const std::filesystem::path& file) {
  auto line = read_secret_line(file);
  if (!line) return line;
  auto key = parse_hex(line->reveal());
  if (!key || key->size() != 32) {
    return fail("E3008", fmt::format("key file '{}' must hold 64 lower-case hex digits", file.native()), {},
                "make one with: (umask 077; openssl rand -hex 32 > FILE)");
  }
  return std::move(*key);
}

Result<envelope::Opener> opener_for(const Unlock& unlock) {
  envelope::Opener opener;
  opener.passphrase = unlock.passphrase.clone();
  if (!unlock.key_file.empty()) {
    auto key = read_key_file(unlock.key_file);
    if (!key) return tl::unexpected(key.error());
    opener.kek = std::move(*key);
  }
  if (opener.passphrase.empty() && opener.kek.empty()) {
    return fail("E3009", "there is neither a pass phrase nor a key file to open the vault with", {},
                "set MESHCTL_PASSPHRASE_FILE, or name a key file");
  }
  return opener;
}

Result<Secret> read_vault_file(const std::filesystem::path& file) {
  auto der = read_secret_file(file, {.limit = kVaultLimit, .follow_links = true});
  std::error_code ignored;
  if (!der && !std::filesystem::exists(file, ignored)) {
    return fail("E3001", fmt::format("there is no vault '{}'", file.native()), {},
                "make one with 'meshctl keys init', or name the right file with --vault");
  }
  return der;
}

/// Nobody who could open the old vault may be shut out by a change of its content.
Result<void> keeps_recipients(const std::filesystem::path& file, const envelope::Opener& opener) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return {};
  const auto old = read_vault_file(file);
  if (!old) return tl::unexpected(old.error());
  const auto recipients = envelope::recipients(old->reveal(), file.native());
  if (!recipients) return tl::unexpected(recipients.error());
  const std::string ours = opener.kek.empty() ? std::string() : envelope::kek_id(opener.kek);
  bool kept = recipients->passwords == 0 || !opener.passphrase.empty();
  for (const std::string& id : recipients->kek_ids) kept = kept && id == ours;
  if (kept) return {};
  return fail("E3012", fmt::format("'{}' can be opened in another way as well, which would be lost", file.native()), {},
              "give all of its pass phrase and key file, or move it away and make it anew");
}

/// What is about to replace a vault must open again, or the old one stays.
Result<void> prove(const std::string& der, const envelope::Opener& opener, const Secret& content,
                   const std::filesystem::path& file) {
  const auto again = envelope::open(der, opener, file.native());
  if (again && *again == content) return {};
  return fail("E3011",
              fmt::format("the new content of '{}' cannot be read back; the file was left alone", file.native()), {},
              "report this with the version of OpenSSL");
}

}  // namespace

Result<void> save_vault(const std::filesystem::path& file, const KeyStore& store, const Unlock& unlock, bool replace) {
  const auto opener = opener_for(unlock);
  if (!opener) return tl::unexpected(opener.error());
  if (replace) {
    if (auto kept = keeps_recipients(file, *opener); !kept) return kept;
  }
  const Secret content = write_store(store);
  const std::string der = envelope::seal(content.reveal(), *opener);
  if (auto proved = prove(der, *opener, content, file); !proved) return proved;
  return write_atomic(file, der, {.mode = 0600, .replace = replace});
}

Result<KeyStore> load_vault(const std::filesystem::path& file, const Unlock& unlock) {
  const auto der = read_vault_file(file);
  if (!der) return tl::unexpected(der.error());
  const auto opener = opener_for(unlock);
  if (!opener) return tl::unexpected(opener.error());
  auto content = envelope::open(der->reveal(), *opener, file.native());
  if (!content) return tl::unexpected(content.error());
  return parse_store(std::move(*content), file.native());
}

Result<Secret> read_passphrase(std::string_view source) {
  if (!source.starts_with("fd:")) return read_secret_line(std::filesystem::path(source));
  const std::string_view number = source.substr(3);
  int fd = -1;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), fd);
  if (error != std::errc{} || end != number.data() + number.size() || fd < 0) {
    return fail("E3007", fmt::format("'{}' names no file descriptor", source), {}, "write fd:N, such as fd:3");
  }
  char buffer[2048];
  std::size_t size = 0;
  ssize_t got = 0;
  do {
    got = ::read(fd, buffer + size, sizeof buffer - size);
    if (got > 0) size += static_cast<std::size_t>(got);
  } while ((got > 0 && size < sizeof buffer) || (got < 0 && errno == EINTR));
  Secret text({buffer, size});
  wipe(buffer, sizeof buffer);
  if (got < 0)
    return fail_errno("E3007", "read", std::string(source), errno, "open it in the shell: meshctl … 3< FILE");
  return one_line(std::move(text), source);
}

}  // namespace meshctl
