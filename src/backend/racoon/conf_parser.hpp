// Inside of parse_racoon_conf(): recursive descent, one function a statement.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "backend/racoon/conf_reader.hpp"

namespace meshctl::racoon {

class ConfParser : ConfReader {
 public:
  ConfParser(FileId file, std::string_view text, DiagSink& sink) : ConfReader(file, text, sink) {}
  /// Makes room for so many blocks.
  void expect(std::size_t remotes, std::size_t sainfos) {
    out_.remotes.reserve(remotes);
    out_.sainfos.reserve(sainfos);
  }
  ConfFile run();

 private:
  bool statement();
  bool path();
  bool log();
  bool listen();
  bool listen_entry();
  bool adminsock();
  bool include();
  bool privsep();
  bool privsep_entry();
  bool padding();
  bool timer();
  bool simple(std::string_view keyword);
  bool mode_cfg();
  bool mode_cfg_entry();
  bool address4(std::optional<Address>& out);
  bool servers(std::vector<Address>& out);
  bool split_network();
  bool service(std::string_view keyword);  // radiuscfg, ldapcfg
  bool service_entry(bool radius);

  bool remote();
  bool remote_head(Remote& out);
  template <class Named>  // Remote, RemoteName
  bool remote_index(Named& out);
  bool remote_entry(Remote& out);
  bool remote_address(Remote& out);
  bool exchange_mode(Remote& out);
  bool identifier(Identifier& out);
  bool identifier_value(Identifier& out);
  bool setting(RemoteSetting key, Setting& out);
  bool settings(Remote& out);
  bool proposal(Remote& out);
  bool proposal_entry(const Remote& remote, ConfProposal& out);
  bool authentication_method(const Remote& remote, ConfProposal& out);
  bool ignored_length();
  bool certificate_type(Remote& out);
  bool peers_certfile(Remote& out);
  bool ca_type(Remote& out);
  bool script(Remote& out);
  bool xauth_login(Remote& out);
  /// racoon opens certificates and plain keys while it reads, so their path must stand before.
  void needs_path(const std::string& file, const std::string& path, std::string_view kind, Range where);

  bool sainfo();
  bool sainfo_name(Sainfo& out);
  bool sainfo_for(Sainfo& out);
  bool sainfo_id(SainfoId& out);
  bool sainfo_net(SainfoId& out);
  bool sainfo_protocol(const Address& base, SainfoId& out);
  bool sainfo_entry(Sainfo& out);
  bool algorithm_list(AlgorithmClass kind, std::vector<Algorithm>& out);

  /// From the statement's keyword to the last token that was taken.
  [[nodiscard]] Range statement_range() const {
    return {keyword_.file, keyword_.line, keyword_.col, last_.end_line, last_.end_col};
  }

  ConfFile out_;
  Range keyword_;
  Known<std::vector<std::pair<RemoteSetting, Setting>>> known_settings_;
  Known<ConfProposal> known_proposal_;
  Known<Sainfo> known_sainfo_;
};

}  // namespace meshctl::racoon
