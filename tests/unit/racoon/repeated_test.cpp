// Blocks that repeat the one before are passed over as known text: nothing may come out otherwise for that.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "backend/racoon/conf_file.hpp"

namespace meshctl::racoon {
namespace {

std::string settings(int kind) {
  switch (kind) {
    case 1: return "\tpassive off;\n\tdpd_delay 31;\n";                  // another value
    case 2: return "\tpassive off;\n\tdpd_delay 30;\n\tdpd_retry 4;\n";  // one more
    case 3: return "\tpassive off;\n\tlifetime time 2 day;\n";           // an error
    case 4: return "\tpassive off;\n\tdpd_delay\xff 30;\n";              // a byte that racoon swallows
    case 5: return "\tpassive off; # the same\n\tdpd_delay 30;\n";
    case 6: return "";
    case 7: return "\tpassive off;\n\tdpd_delay 30;\n}\nmode_cfg {\n";  // the block ends early
    default: return "\tpassive off;\n\tdpd_delay 30;\n";
  }
}

std::string proposal(int kind) {
  const std::string body = "encryption_algorithm aes 256;\n\t\thash_algorithm sha1;\n\t\tauthentication_method ";
  return "\tproposal {\n\t\t" + body + (kind == 4 ? "rsasig" : "pre_shared_key") + ";\n\t\tdh_group " +
         (kind == 1 ? "2" : "15") + ";\n" + (kind == 2 ? "\t\tlifetime time 1 hour;\n" : "") + "\t}\n";
}

std::string block(int kind, int number) {
  const std::string address = "10.0.0." + std::to_string(number);
  return "remote " + address + " {\n\texchange_mode main;\n" +
         (kind == 4 ? "\tpeers_certfile plain_rsa \"/a\";\n" : "") + settings(kind) + "\tpeers_identifier address " +
         address + ";\n" + proposal(kind) + "}\n\nsainfo address " + address + " any anonymous {\n\t" +
         (kind == 1 ? "pfs_group 2;\n\t" : "") + "lifetime time 1 hour;\n\tencryption_algorithm " +
         (kind == 2 ? "des" : "aes 256") +
         ";\n\tauthentication_algorithm hmac_sha1;\n\tcompression_algorithm deflate;\n}\n";
}

std::string told(DiagSink& sink) {
  std::string out;
  for (const Diag& diag : sink.take()) {
    out += std::string(diag.code) + " " + std::to_string(diag.where.line) + ":" + std::to_string(diag.where.col) + " " +
           diag.text + "\n";
  }
  return out;
}

std::string moved(const std::string& told, int lines) {
  std::string out;
  for (std::size_t at = 0; at < told.size();) {
    const std::size_t blank = told.find(' ', at) + 1, colon = told.find(':', blank), end = told.find('\n', at) + 1;
    out += told.substr(at, blank - at) + std::to_string(std::stoi(told.substr(blank, colon - blank)) + lines) +
           told.substr(colon, end - colon);
    at = end;
  }
  return out;
}

}  // namespace

TEST_CASE("a block behind another one reads as it does alone") {
  for (int first = 0; first < 8; ++first) {
    for (int second = 0; second < 8; ++second) {
      if (first == 7) continue;  // whatever follows is in another block
      INFO(first << " then " << second);
      const std::string head = "path pre_shared_key \"/etc/racoon/psk.txt\";\nlog notify;\n";
      const std::string a = block(first, 1), b = block(second, 2);
      DiagSink sink_a, sink_b, sink_both;
      const ConfFile one = parse_racoon_conf(FileId{1}, head + a, sink_a),
                     two = parse_racoon_conf(FileId{1}, head + b, sink_b);
      const ConfFile both = parse_racoon_conf(FileId{1}, head + a + b, sink_both);
      std::vector<Remote> remotes = one.remotes;
      remotes.insert(remotes.end(), two.remotes.begin(), two.remotes.end());
      CHECK(both.remotes == remotes);
      std::vector<Sainfo> sainfos = one.sainfos;
      sainfos.insert(sainfos.end(), two.sainfos.begin(), two.sainfos.end());
      CHECK(both.sainfos == sainfos);
      const int lines = static_cast<int>(std::count(a.begin(), a.end(), '\n'));
      CHECK(told(sink_both) == told(sink_a) + moved(told(sink_b), lines));
      for (std::size_t i = 0; i < two.remotes.size() && both.remotes.size() == remotes.size(); ++i) {
        const Range& alone = two.remotes[i].where;
        const Range& behind = both.remotes[one.remotes.size() + i].where;
        CHECK(static_cast<int>(behind.line) == static_cast<int>(alone.line) + lines);
        CHECK(behind.col == alone.col);
      }
      for (std::size_t i = 0; i < two.sainfos.size() && both.sainfos.size() == sainfos.size(); ++i) {
        const Range& alone = two.sainfos[i].where;
        const Range& behind = both.sainfos[one.sainfos.size() + i].where;
        CHECK(static_cast<int>(behind.line) == static_cast<int>(alone.line) + lines);
      }
    }
  }
}

}  // namespace meshctl::racoon
