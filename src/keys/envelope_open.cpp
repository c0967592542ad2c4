#include <fmt/core.h>

#include "keys/envelope.hpp"
#include "keys/hex.hpp"
#include "keys/openssl.hpp"

namespace meshctl::envelope {
namespace {

ossl::Cms parse(std::string_view der) {
  const std::uint8_t* position = ossl::bytes(der);
  ossl::Cms cms(d2i_CMS_ContentInfo(nullptr, &position, static_cast<long>(der.size())));
  const bool whole = cms != nullptr && position == ossl::bytes(der) + der.size();
  const bool kind = whole && OBJ_obj2nid(CMS_get0_type(cms.get())) == NID_id_smime_ct_authEnvelopedData;
  return kind ? std::move(cms) : nullptr;
}

/// Recovers the content key; tells whether any recipient took one of our keys.
bool unlock(CMS_ContentInfo* cms, const Opener& opener) {
  if (!opener.kek.empty()) {
    // OpenSSL's functions take pointers to non-const bytes, but only read them.
    std::string key(opener.kek.reveal());
    std::string id(parse_hex(kek_id(opener.kek)).value().reveal());
    const bool good =
        CMS_decrypt_set1_key(cms, ossl::bytes(key.data()), key.size(), ossl::bytes(id.data()), id.size()) == 1;
    wipe(key.data(), key.size());
    if (good) return true;
  }
  if (opener.passphrase.empty()) return false;
  std::string text(opener.passphrase.reveal());
  const bool good =
      CMS_decrypt_set1_password(cms, ossl::bytes(text.data()), static_cast<ossl_ssize_t>(text.size())) == 1;
  wipe(text.data(), text.size());
  return good;
}

tl::unexpected<Diags> damaged(std::string_view name) {
  return fail("E3004", fmt::format("'{}' is damaged, or is not a vault of meshctl", name), {},
              "put a good copy back from the backup");
}

}  // namespace

Result<Recipients> recipients(std::string_view der, std::string_view name) {
  const ossl::ErrorQueue queue;
  const ossl::Cms cms = parse(der);
  if (!cms) return damaged(name);
  Recipients found;
  STACK_OF(CMS_RecipientInfo)* infos = CMS_get0_RecipientInfos(cms.get());
  for (int i = 0; i < sk_CMS_RecipientInfo_num(infos); ++i) {
    CMS_RecipientInfo* info = sk_CMS_RecipientInfo_value(infos, i);
    ASN1_OCTET_STRING* id = nullptr;
    if (CMS_RecipientInfo_type(info) == CMS_RECIPINFO_PASS) ++found.passwords;
    if (CMS_RecipientInfo_type(info) == CMS_RECIPINFO_KEK &&
        CMS_RecipientInfo_kekri_get0_id(info, nullptr, &id, nullptr, nullptr, nullptr) == 1) {
      append_hex(
          {reinterpret_cast<const char*>(ASN1_STRING_get0_data(id)), static_cast<std::size_t>(ASN1_STRING_length(id))},
          found.kek_ids.emplace_back());
    }
  }
  return found;
}

Result<Secret> open(std::string_view der, const Opener& opener, std::string_view name) {
  const ossl::ErrorQueue queue;
  const ossl::Cms cms = parse(der);
  if (!cms) return damaged(name);
  if (!unlock(cms.get(), opener)) {
    return fail("E3003",
                fmt::format("'{}' does not open with the {} given", name,
                            opener.passphrase.empty() ? "key file"
                            : opener.kek.empty()      ? "pass phrase"
                                                      : "pass phrase or key file"),
                {}, "check which pass phrase or key file belongs to this vault");
  }
  // Memory BIOs are wiped when they grow and when they are freed.
  const ossl::Bio plain(BIO_new(BIO_s_mem()));
  ossl::must(plain != nullptr);
  if (CMS_decrypt(cms.get(), nullptr, nullptr, nullptr, plain.get(), CMS_BINARY) != 1) return damaged(name);
  char* data = nullptr;
  const long size = BIO_get_mem_data(plain.get(), &data);
  return Secret(std::string_view(data, static_cast<std::size_t>(size)));
}

}  // namespace meshctl::envelope
