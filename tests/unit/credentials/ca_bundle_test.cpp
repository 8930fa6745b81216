#include "clients/credentials/ca_bundle.hpp"

#include "tests/support/manual_clock.hpp"
#include "tests/support/scratch_dir.hpp"
#include "tests/support/test_certificates.hpp"

#include <catch2/catch.hpp>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <memory>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::test;
using namespace std::chrono_literals;

namespace {

SystemTime real_now() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()
    );
}

struct Draft {
    int rsa_bits = 0;  // 0: EC P-256
    const char* curve = "P-256";
    std::string constraints = "critical,CA:TRUE";
    std::string usage = "critical,keyCertSign";
    long from_days = -1;
    long to_days = 1;
};

std::string make(const Draft& draft) {
    using Key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;
    using Certificate = std::unique_ptr<X509, decltype([](X509* x509) { X509_free(x509); })>;
    using Bio = std::unique_ptr<BIO, decltype([](BIO* bio) { BIO_free(bio); })>;
    const Key key(
        draft.rsa_bits != 0 ? EVP_RSA_gen(static_cast<unsigned>(draft.rsa_bits))
                            : EVP_EC_gen(draft.curve)
    );
    const Certificate x509(X509_new());
    X509_set_version(x509.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 7);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), draft.from_days * 86'400);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), draft.to_days * 86'400);
    X509_set_pubkey(x509.get(), key.get());
    X509_NAME* name = X509_get_subject_name(x509.get());
    X509_NAME_add_entry_by_txt(
        name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("Some CA"), -1, -1, 0
    );
    X509_set_issuer_name(x509.get(), name);
    const auto extend = [&](int nid, const std::string& value) {
        if (!value.empty()) {
            X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
            X509_add_ext(x509.get(), extension, -1);
            X509_EXTENSION_free(extension);
        }
    };
    extend(NID_basic_constraints, draft.constraints);
    extend(NID_key_usage, draft.usage);
    X509_sign(x509.get(), key.get(), EVP_sha256());
    const Bio bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), x509.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

}  // namespace

TEST_CASE("which certificates of a CA file are used") {
    struct Row {
        std::string name;
        Draft draft;
        std::string objection;  // "" when it is used
    };
    std::vector<Row> rows{
        {"plain", {}, ""},
        {"RSA 2048", {.rsa_bits = 2048}, ""},
        {"no key usage", {.usage = ""}, ""},
        {"not valid yet", {.from_days = 1, .to_days = 2}, ""},
        {"RSA 1024", {.rsa_bits = 1024}, "weak"},
        {"EC 224", {.curve = "P-224"}, "weak"},
        {"expired", {.from_days = -3, .to_days = -1}, "expired"},
        {"not an authority",
         {.constraints = "critical,CA:FALSE"},
         "not the certificate of an authority"},
        {"no constraints",
         {.constraints = "", .usage = "digitalSignature"},
         "not the certificate of an authority"},
        {"may not sign", {.usage = "critical,digitalSignature"}, "key usage"},
    };
    const ScratchDir dir;
    const ManualClock clock(real_now());
    const std::string good = TestAuthority().certificate();
    for (const Row& row : rows) {
        INFO(row.name);
        const std::string path = dir.write("ca.pem", "# a comment\n" + make(row.draft) + good);
        CaBundle bundle({path}, clock);
        CHECK(bundle.refresh());
        CHECK(bundle.pem().ends_with(good));
        if (row.objection.empty()) {
            CHECK(bundle.pem().size() > good.size());
            CHECK(bundle.warnings().empty());
        } else {
            CHECK(bundle.pem() == good);
            REQUIRE(bundle.warnings().size() == 1);
            INFO(bundle.warnings()[0]);
            CHECK(bundle.warnings()[0].find(path) != std::string::npos);
            CHECK(bundle.warnings()[0].find("Some CA") != std::string::npos);
            CHECK(bundle.warnings()[0].find(row.objection) != std::string::npos);
        }
    }
}

TEST_CASE("files are joined; one that is absent is a warning until it appears") {
    const ScratchDir dir;
    ManualClock clock(real_now());
    const std::string one = TestAuthority("One").certificate();
    const std::string two = TestAuthority("Two").certificate();
    CaBundle bundle({dir.write("one.pem", one), dir.path("two.pem")}, clock);
    CHECK(bundle.refresh());
    CHECK(bundle.pem() == one);
    CHECK(bundle.warnings().size() == 1);
    dir.write("two.pem", two);
    CHECK_FALSE(bundle.refresh());  // looks once a second
    clock.advance(1s);
    CHECK(bundle.refresh());
    CHECK(bundle.pem() == one + two);
    CHECK(bundle.warnings().empty());
    clock.advance(1s);
    CHECK_FALSE(bundle.refresh());
}

TEST_CASE("a file cut anywhere keeps what was there before") {
    const ScratchDir dir;
    ManualClock clock(real_now());
    const std::string before = TestAuthority("Before").certificate();
    const std::string after = TestAuthority("After").certificate();
    CaBundle bundle({dir.write("ca.pem", before)}, clock);
    bundle.refresh();
    for (std::size_t size = 0; size + 2 < after.size(); size += 37) {
        dir.write("ca.pem", after.substr(0, size));
        clock.advance(1s);
        CHECK_FALSE(bundle.refresh());
        CHECK(bundle.pem() == before);
        CHECK(bundle.warnings().size() == 1);
    }
    dir.write("ca.pem", after);
    clock.advance(1s);
    CHECK(bundle.refresh());
    CHECK(bundle.pem() == after);
}
