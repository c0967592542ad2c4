#include "backend/racoon/conf_keywords.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace meshctl::racoon {
namespace {

using enum ConfState;
using States = std::uint32_t;
constexpr States bit(ConfState state) { return States{1} << static_cast<unsigned>(state); }
constexpr States kEverywhere = ~States{0};

struct Group {
  States states;
  std::string_view words;  // blank separated
};
constexpr Group kKeywordGroups[] = {
    {bit(Top),
     "privsep path include pfkey_buffer complex_bundle log padding listen radiuscfg ldapcfg mode_cfg timer sainfo "
     "remote "
     "gss_id_enc"},
    {bit(Privsep), "user group chroot"},
    {bit(Path), "include pre_shared_key certificate script backupsa pidfile"},
    {bit(Log), "error warning notify info debug debug2"},
    {bit(Padding), "randomize randomize_length maximum_length strict_check exclusive_tail"},
    {bit(Listen), "isakmp isakmp_natt admin adminsock disabled strict_address"},
    {bit(Radius), "auth acct timeout retries"},
    {bit(Ldap),
     "version debug timeout uri host port base subtree bind_dn bind_pw attr_user attr_addr attr_mask attr_group "
     "attr_member"},
    {bit(ModeCfg),
     "network4 netmask4 dns4 nbns4 wins4 default_domain auth_source auth_groups group_source conf_source accounting "
     "system local none radius pam ldap pool_size banner auth_throttle split_network local_lan include split_dns "
     "pfs_group save_passwd"},
    {bit(Timer), "counter interval persend phase1 phase2 natt_keepalive"},
    {bit(Sainfo), "anonymous clientaddr any from group"},
    {bit(SainfoBody),
     "pfs_group remoteid my_identifier lifetime time byte encryption_algorithm authentication_algorithm "
     "compression_algorithm"},
    {bit(Remote), "anonymous inherit"},
    {bit(RemoteBody),
     "remote_address exchange_mode base main aggressive doi ipsec_doi situation identity_only secrecy integrity "
     "my_identifier xauth_login peers_identifier verify_identifier certificate_type ca_type x509 plain_rsa "
     "peers_certfile dnssec verify_cert send_cert send_cr match_empty_cr dh_group nonce_size generate_policy unique "
     "require support_proxy initial_contact nat_traversal force proposal_check obey strict exact claim keepalive "
     "passive "
     "lifetime time byte dpd dpd_delay dpd_retry dpd_maxfail ph1id ike_frag esp_frag script phase1_up phase1_down "
     "phase1_dead mode_cfg weak_phase1_check rekey proposal"},
    {bit(Proposal),
     "lifetime time byte encryption_algorithm authentication_method hash_algorithm dh_group gss_id gssapi_id"},
    {bit(GssEnc), "latin1 utf-16le"},
    {kEverywhere,
     "on off esp ah ipcomp icmp icmp6 tcp udp gre des_iv64 des 3des rc5 idea cast128 blowfish 3idea des_iv32 rc4 "
     "null_enc null aes rijndael twofish camellia non_auth hmac_md5 hmac_sha1 hmac_sha2_256 hmac_sha256 hmac_sha2_384 "
     "hmac_sha384 hmac_sha2_512 hmac_sha512 des_mac kpdk md5 sha1 tiger sha2_256 sha256 sha2_384 sha384 sha2_512 "
     "sha512 "
     "oui deflate lzs modp768 modp1024 modp1536 ec2n155 ec2n185 modp2048 modp3072 modp4096 modp6144 modp8192 "
     "pre_shared_key rsasig dsssig rsaenc rsarev gssapi_krb hybrid_rsa_server hybrid_dss_server hybrid_rsa_client "
     "hybrid_dss_client xauth_psk_server xauth_psk_client xauth_rsa_server xauth_rsa_client user_fqdn fqdn keyid "
     "address "
     "subnet asn1dn tag file B byte bytes KB MB TB sec secs second seconds min mins minute minutes hour hours yes no"}};

/// All keywords as a tree of letters, so that no text costs more than the letters that it shares with one.
class Tree {
 public:
  Tree() {
    nodes_.emplace_back();
    for (const Group& group : kKeywordGroups) {
      std::string_view rest = group.words;
      while (!rest.empty()) {
        const std::size_t blank = std::min(rest.find(' '), rest.size());
        add(rest.substr(0, blank), group.states);
        rest.remove_prefix(std::min(blank + 1, rest.size()));
      }
    }
  }

  [[nodiscard]] std::string_view longest(std::string_view text, std::size_t least, ConfState state) const {
    std::string_view found;
    std::size_t node = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      node = child(node, text[i]);
      if (node == 0) break;
      if (i + 1 >= least && (nodes_[node].states & bit(state)) != 0) found = nodes_[node].word;
    }
    return found;
  }

 private:
  struct Node {
    std::string_view word;                 // that ends here
    States states = 0;                     // where it is known
    std::array<std::uint16_t, 64> next{};  // by letter; 0 = none
  };

  [[nodiscard]] std::size_t child(std::size_t node, char letter) const {
    return nodes_[node].next[letters_[static_cast<unsigned char>(letter)]];
  }

  void add(std::string_view word, States states) {
    std::size_t node = 0;
    for (const char letter : word) {
      std::uint8_t& number = letters_[static_cast<unsigned char>(letter)];
      if (number == 0) number = ++used_;
      std::size_t below = child(node, letter);
      if (below == 0) {
        below = nodes_.size();
        nodes_[node].next[number] = static_cast<std::uint16_t>(below);
        nodes_.emplace_back();
      }
      node = below;
    }
    nodes_[node].word = word;
    nodes_[node].states |= states;
  }

  std::array<std::uint8_t, 256> letters_{};  // 0: in no keyword
  std::uint8_t used_ = 0;                    // fewer than 63 letters are
  std::vector<Node> nodes_;                  // the first is the root
};

}  // namespace

std::string_view longest_keyword(std::string_view text, std::size_t least, ConfState state) {
  static const Tree tree;
  return tree.longest(text, least, state);
}

}  // namespace meshctl::racoon
