// certutil.exe of the simulator, as far as the scripts use it. Certificates and PFX files are read by wine's crypt32,
// so what is malformed fails here.
//
//   -addstore STORE FILE      -store STORE ID       -delstore STORE ID
//   -importpfx STORE FILE [MODIFIERS]    -delkey CONTAINER    -hashfile FILE SHA256
//   before them: -f, -p PASSWORD, -csp PROVIDER
//
// C:\simulator\certificates.txt has a line "STORE THUMBPRINT [CONTAINER]" for each certificate, and "key CONTAINER" for
// each private key. Each import makes a new container, and deleting a certificate leaves its key where it is, as on
// Windows.
#include <windows.h>
// windows.h goes first.
#include <wincrypt.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <sstream>

#include "common.hpp"

namespace {

using Words = std::vector<std::string>;

constexpr int kNotFound = int(0x80090011);  // NTE_NOT_FOUND: negative, which `if errorlevel 1` does not see
constexpr int kInvalid = int(0x80070057);
constexpr int kBadData = int(0x8009310b);  // CRYPT_E_ASN1_BADTAG
constexpr const char* kProvider = "Microsoft Enhanced RSA and AES Cryptographic Provider";

struct Failure {
  int code;
  std::string why;
};

struct Options {
  std::map<std::string, std::string> values;
  Words words;
};

/// The stores, and the keys, as lines of words.
class Machine {
 public:
  Machine() {
    std::istringstream lines(sim::read_file(file()));
    for (std::string line; std::getline(lines, line);) lines_.push_back(sim::split(line, ' '));
  }
  void save() {
    std::sort(lines_.begin(), lines_.end());
    std::string text;
    for (const Words& line : lines_) text += sim::join(line, " ") + "\n";
    sim::replace_file(file(), text);
  }
  const Words* find(const std::string& place, const std::string& what) const {
    for (const Words& line : lines_) {
      if (line[0] == place && line[1] == what) return &line;
    }
    return nullptr;
  }
  void add(Words line) {
    remove(line[0], line[1]);
    lines_.push_back(std::move(line));
  }
  bool remove(const std::string& place, const std::string& what) {
    return std::erase_if(lines_, [&](const Words& line) { return line[0] == place && line[1] == what; }) > 0;
  }

 private:
  static std::filesystem::path file() { return sim::folder() / "certificates.txt"; }
  std::vector<Words> lines_;
};

std::string content_of(const std::string& file) {
  if (!std::filesystem::is_regular_file(file)) throw Failure{int(0x80070002), "there is no file " + file};
  return sim::read_file(file);
}

std::string hex(const BYTE* bytes, DWORD size) {
  std::string out;
  for (DWORD i = 0; i < size; ++i) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", bytes[i]);
    out += digits;
  }
  return out;
}

std::string thumbprint(PCCERT_CONTEXT certificate) {
  BYTE hash[20];
  DWORD size = sizeof hash;
  if (!CertGetCertificateContextProperty(certificate, CERT_SHA1_HASH_PROP_ID, hash, &size))
    throw Failure{kBadData, "a certificate without a hash"};
  return hex(hash, size);
}

std::string thumbprint(PCCRL_CONTEXT list) {
  BYTE hash[20];
  DWORD size = sizeof hash;
  if (!CertGetCRLContextProperty(list, CERT_SHA1_HASH_PROP_ID, hash, &size))
    throw Failure{kBadData, "a revocation list without a hash"};
  return hex(hash, size);
}

/// DER or PEM, one certificate or revocation list.
std::string read_certificate(const std::string& file) {
  const std::string content = content_of(file);
  std::string der(content.size(), '\0');
  auto size = DWORD(der.size());
  if (!CryptStringToBinaryA(content.data(), DWORD(content.size()), CRYPT_STRING_ANY, (BYTE*)der.data(), &size, nullptr,
                            nullptr))
    throw Failure{kBadData, file + " is neither PEM nor DER"};
  if (PCCRL_CONTEXT list = CertCreateCRLContext(X509_ASN_ENCODING, (const BYTE*)der.data(), size))
    return thumbprint(list);
  PCCERT_CONTEXT certificate = CertCreateCertificateContext(X509_ASN_ENCODING, (const BYTE*)der.data(), size);
  if (!certificate) throw Failure{kBadData, file + " is no certificate and no revocation list"};
  return thumbprint(certificate);
}

/// What every Windows reads: nothing newer than 3DES and SHA-1.
void check_algorithms(const std::string& pfx) {
  const auto has = [&](const std::string& oid) { return pfx.find(oid) != std::string::npos; };
  if (!has("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03")) throw Failure{kBadData, "a PFX without PBE-SHA1-3DES"};
  if (has("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d")) throw Failure{kBadData, "a PFX with PBES2, new in Windows 10 1709"};
  if (!has("\x2b\x0e\x03\x02\x1a")) throw Failure{kBadData, "a PFX without a SHA-1 MAC"};
}

/// Of the one certificate in it, which must have its key.
std::string open_pfx(const std::string& file, const std::string& password) {
  std::string content = content_of(file);
  check_algorithms(content);
  CRYPT_DATA_BLOB blob{DWORD(content.size()), (BYTE*)content.data()};
  const std::wstring wide(password.begin(), password.end());
  HCERTSTORE store = PFXImportCertStore(&blob, wide.c_str(), PKCS12_NO_PERSIST_KEY);
  if (!store) throw Failure{int(0x80070056), "the PFX does not open: damaged, or another password"};
  PCCERT_CONTEXT certificate = CertEnumCertificatesInStore(store, nullptr);
  DWORD size = 0;
  if (!certificate || !CertGetCertificateContextProperty(certificate, CERT_KEY_CONTEXT_PROP_ID, nullptr, &size))
    throw Failure{kBadData, "the PFX has no certificate with its key"};
  const std::string found = thumbprint(certificate);
  if (CertEnumCertificatesInStore(store, certificate)) throw Failure{kBadData, "the PFX has several certificates"};
  return found;
}

std::string store_name(const std::string& name) {
  for (const char* known : {"my", "root", "ca"}) {
    if (sim::lower(name) == known) return known;
  }
  throw Failure{kInvalid, "there is no store " + name};
}

void import(Machine& machine, const Options& given) {
  const std::string store = store_name(given.words[0]);
  const auto password = given.values.find("-p");
  if (password == given.values.end()) throw Failure{kInvalid, "certutil would ask for the password"};
  for (const std::string& modifier :
       sim::split(given.words.size() > 2 ? sim::lower(given.words[2]) : "noexport", ',')) {
    if (modifier != "noexport" && modifier != "noroot" && modifier != "nochain")
      throw Failure{kInvalid, "there is no modifier " + modifier};
  }
  const std::string thumb = open_pfx(given.words[1], password->second);
  int number = 1;
  const auto container = [&] { return "tq-" + thumb + "-" + std::to_string(number); };
  while (machine.find("key", container())) ++number;
  machine.add({"key", container()});
  machine.add({store, thumb, container()});
}

void show(const Machine& machine, const std::string& store, const std::string& thumb) {
  const Words* found = machine.find(store, thumb);
  if (!found) throw Failure{kNotFound, "Object was not found."};
  std::printf(
      "%s\n================ Certificate 0 ================\nSerial Number: 01\nIssuer: O=office, CN=office CA 1\n",
      store.c_str());
  std::printf("Cert Hash(sha1): %s\n", thumb.c_str());
  if (found->size() < 3) return;
  std::printf("  Key Container = %s\n  Unique container name: 7a43_%s\n  Provider = %s\nEncryption test passed\n",
              (*found)[2].c_str(), (*found)[2].c_str(), kProvider);
}

void print_hash(const std::string& file) {
  const std::string content = content_of(file);
  if (content.empty()) throw Failure{int(0x800703ee), "The volume for a file has been externally altered"};
  BYTE hash[32];
  DWORD size = sizeof hash;
  if (!CryptHashCertificate(0, CALG_SHA_256, 0, (const BYTE*)content.data(), DWORD(content.size()), hash, &size))
    throw Failure{kInvalid, "no SHA-256"};
  std::printf("SHA256 hash of %s:\n%s\n", file.c_str(), hex(hash, size).c_str());
}

void run(const Options& given, const std::string& verb) {
  Machine machine;
  const Words& words = given.words;
  if (verb == "-addstore" && words.size() == 2) {
    const std::string thumb = read_certificate(words[1]);
    if (!machine.find(store_name(words[0]), thumb)) machine.add({store_name(words[0]), thumb});
  } else if (verb == "-store" && words.size() == 2) {
    show(machine, store_name(words[0]), sim::lower(words[1]));
  } else if (verb == "-delstore" && words.size() == 2) {
    machine.remove(store_name(words[0]), sim::lower(words[1]));  // nobody says what no match is: no fault here
  } else if (verb == "-importpfx" && (words.size() == 2 || words.size() == 3)) {
    import(machine, given);
  } else if (verb == "-hashfile" && words.size() == 2 && sim::lower(words[1]) == "sha256") {
    print_hash(words[0]);
  } else if (verb == "-delkey" && words.size() == 1) {
    const auto provider = given.values.find("-csp");
    if (provider != given.values.end() && provider->second != kProvider) throw Failure{kNotFound, "no such provider"};
    if (!machine.remove("key", words[0])) throw Failure{int(0x80090016), "Keyset does not exist"};
  } else {
    throw Failure{kInvalid, "The parameter is incorrect."};
  }
  machine.save();
}

Options options_of(const Words& words, std::string& verb) {
  Options out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string word = sim::lower(words[i]);
    if (!verb.empty()) {
      out.words.push_back(words[i]);
    } else if (word == "-f") {
      out.values[word] = "";
    } else if ((word == "-p" || word == "-csp") && i + 1 < words.size()) {
      out.values[word] = words[++i];
    } else {
      verb = word;
    }
  }
  return out;
}

}  // namespace

int wmain(int count, wchar_t** argv) {
  const Words words = sim::arguments(count, argv);
  sim::Call call("certutil", words);
  std::string verb;
  const Options given = options_of(words, verb);
  try {
    if (call.told_to_fail("")) throw Failure{kInvalid, "told to"};
    run(given, verb);
  } catch (const Failure& failure) {
    std::printf("CertUtil: %s command FAILED: 0x%x (%d)\nCertUtil: %s\n", verb.c_str(), unsigned(failure.code),
                failure.code, failure.why.c_str());
    call.end(failure.code);
  }
  std::printf("CertUtil: %s command completed successfully.\n", verb.c_str());
  call.end(0);
}
